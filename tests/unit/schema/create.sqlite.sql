CREATE TABLE IF NOT EXISTS "amphora_catalog" (
	"kind" TEXT NOT NULL,
	"tbl" TEXT,
	"name" TEXT NOT NULL,
	"text" TEXT
) STRICT;
INSERT INTO "amphora_catalog" ("kind", "tbl", "name", "text") VALUES ('enum', NULL, 'users_mood', 'sad
ok
happy');
CREATE TABLE "tags" (
	"id" INTEGER NOT NULL,
	"name" TEXT NOT NULL,
	"synonyms" TEXT,
	CONSTRAINT "22003:tags.id" CHECK ("id" BETWEEN -2147483648 AND 2147483647),
	CONSTRAINT "22001:tags.name" CHECK (length("name") <= 50),
	CONSTRAINT "tags_pkey" PRIMARY KEY ("id"),
	CONSTRAINT "tags_name_key" UNIQUE ("name")
) STRICT;
DELETE FROM "amphora_catalog" WHERE ("amphora_catalog"."tbl" = 'tags');
INSERT INTO "amphora_catalog" ("kind", "tbl", "name", "text") VALUES ('table', 'tags', 'tags', NULL), ('column', 'tags', 'id', 'integer'), ('not null', 'tags', 'id', NULL), ('identity', 'tags', 'id', 'ALWAYS'), ('column', 'tags', 'name', 'character varying(50)'), ('not null', 'tags', 'name', NULL), ('column', 'tags', 'synonyms', 'text[]'), ('p', 'tags', 'tags_pkey', 'PRIMARY KEY (id)'), ('u', 'tags', 'tags_name_key', 'UNIQUE (name)');
CREATE TABLE "users" (
	"id" INTEGER NOT NULL,
	"username" TEXT NOT NULL,
	"email" TEXT NOT NULL,
	"is_active" INTEGER NOT NULL,
	"created_at" TEXT NOT NULL DEFAULT (amph_now()),
	"manager_id" INTEGER,
	"mood" TEXT NOT NULL DEFAULT ('ok'),
	"balance" TEXT NOT NULL,
	"lower_email" TEXT GENERATED ALWAYS AS (amph_lower_text("email")) STORED,
	CONSTRAINT "22001:users.username" CHECK (length("username") <= 80),
	CONSTRAINT "22001:users.email" CHECK (length("email") <= 120),
	CONSTRAINT "22P02:users.is_active" CHECK ("is_active" IN (0, 1)),
	CONSTRAINT "22P02:users.mood" CHECK ("mood" IN ('sad', 'ok', 'happy')),
	CONSTRAINT "users_pkey" PRIMARY KEY ("id"),
	CONSTRAINT "users_email_key" UNIQUE ("email"),
	CONSTRAINT "users_manager_id_fkey" FOREIGN KEY ("manager_id") REFERENCES "users" ("id") ON DELETE SET NULL,
	CONSTRAINT "users_balance_check" CHECK ((("balance" COLLATE "amph_numeric") >= ('0' COLLATE "amph_numeric"))),
	CONSTRAINT "users_check" CHECK (("username" <> "email")),
	CONSTRAINT "users_email_check" CHECK ((amph_position_text_text("email", '@') > 1)),
	CONSTRAINT "users_sane" CHECK ((("balance" COLLATE "amph_numeric") < ('1000000' COLLATE "amph_numeric")))
) STRICT;
CREATE UNIQUE INDEX "ix_users_username" ON "users" ("username");
CREATE INDEX "idx_user_created" ON "users" ("created_at" DESC, "id");
CREATE UNIQUE INDEX "ix_users_expr" ON "users" ((amph_lower_text("username"))) WHERE ("is_active");
DELETE FROM "amphora_catalog" WHERE ("amphora_catalog"."tbl" = 'users');
INSERT INTO "amphora_catalog" ("kind", "tbl", "name", "text") VALUES ('table', 'users', 'users', 'Who may log in'), ('column', 'users', 'id', 'bigint'), ('not null', 'users', 'id', NULL), ('identity', 'users', 'id', 'BY DEFAULT'), ('column', 'users', 'username', 'character varying(80)'), ('not null', 'users', 'username', NULL), ('column', 'users', 'email', 'character varying(120)'), ('not null', 'users', 'email', NULL), ('comment', 'users', 'email', 'It''s where mail goes'), ('column', 'users', 'is_active', 'boolean'), ('not null', 'users', 'is_active', NULL), ('column', 'users', 'created_at', 'timestamp with time zone'), ('not null', 'users', 'created_at', NULL), ('default', 'users', 'created_at', 'now()'), ('column', 'users', 'manager_id', 'bigint'), ('column', 'users', 'mood', 'users_mood'), ('not null', 'users', 'mood', NULL), ('default', 'users', 'mood', '''ok'' -- most are'), ('column', 'users', 'balance', 'numeric(10,2)'), ('not null', 'users', 'balance', NULL), ('column', 'users', 'lower_email', 'text'), ('computed', 'users', 'lower_email', 'lower(email)'), ('p', 'users', 'users_pkey', 'PRIMARY KEY (id)'), ('u', 'users', 'users_email_key', 'UNIQUE (email)'), ('c', 'users', 'users_balance_check', 'CHECK (balance >= 0)'), ('c', 'users', 'users_check', 'CHECK (username <> email)'), ('c', 'users', 'users_email_check', 'CHECK (position(''@'' in email) > 1)'), ('c', 'users', 'users_sane', 'CHECK (balance < 1000000)'), ('f', 'users', 'users_manager_id_fkey', 'FOREIGN KEY (manager_id) REFERENCES users(id) ON DELETE SET NULL'), ('index', 'users', 'ix_users_username', 'CREATE UNIQUE INDEX ix_users_username ON users USING btree (username)'), ('index', 'users', 'idx_user_created', 'CREATE INDEX idx_user_created ON users USING btree (created_at DESC, id)'), ('index', 'users', 'ix_users_expr', 'CREATE UNIQUE INDEX ix_users_expr ON users USING btree ((lower(username))) WHERE (is_active)');
CREATE TABLE "orders" (
	"id" TEXT NOT NULL,
	"user_id" INTEGER NOT NULL,
	"status" TEXT,
	"version" INTEGER NOT NULL,
	"deleted_at" TEXT,
	"metadata" TEXT,
	CONSTRAINT "22P02:orders.id" CHECK (length("id") = 36 AND "id" NOT GLOB '*[^0-9a-f-]*'),
	CONSTRAINT "22001:orders.status" CHECK (length("status") <= 20),
	CONSTRAINT "22003:orders.version" CHECK ("version" BETWEEN -2147483648 AND 2147483647),
	CONSTRAINT "orders_pkey" PRIMARY KEY ("id"),
	CONSTRAINT "orders_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT "orders_status_check" CHECK (("status" IN ('new', 'it''s paid')))
) STRICT;
CREATE INDEX "ix_orders_user_id" ON "orders" ("user_id");
SELECT 1 WHERE 1 = 0;
DELETE FROM "amphora_catalog" WHERE ("amphora_catalog"."tbl" = 'orders');
INSERT INTO "amphora_catalog" ("kind", "tbl", "name", "text") VALUES ('table', 'orders', 'orders', NULL), ('column', 'orders', 'id', 'uuid'), ('not null', 'orders', 'id', NULL), ('column', 'orders', 'user_id', 'bigint'), ('not null', 'orders', 'user_id', NULL), ('column', 'orders', 'status', 'character varying(20)'), ('column', 'orders', 'version', 'integer'), ('not null', 'orders', 'version', NULL), ('column', 'orders', 'deleted_at', 'timestamp with time zone'), ('column', 'orders', 'metadata', 'jsonb'), ('p', 'orders', 'orders_pkey', 'PRIMARY KEY (id)'), ('c', 'orders', 'orders_status_check', 'CHECK ("status" IN (''new'', ''it''''s paid''))'), ('f', 'orders', 'orders_user_id_fkey', 'FOREIGN KEY (user_id) REFERENCES users(id) ON UPDATE CASCADE ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED'), ('index', 'orders', 'ix_orders_user_id', 'CREATE INDEX ix_orders_user_id ON orders USING btree (user_id)'), ('index', 'orders', 'ix_orders_meta', 'CREATE INDEX ix_orders_meta ON orders USING gin (metadata)');
CREATE TABLE "order_tags" (
	"order_id" TEXT NOT NULL,
	"tag_id" INTEGER NOT NULL,
	"place" INTEGER NOT NULL,
	CONSTRAINT "22P02:order_tags.order_id" CHECK (length("order_id") = 36 AND "order_id" NOT GLOB '*[^0-9a-f-]*'),
	CONSTRAINT "22003:order_tags.tag_id" CHECK ("tag_id" BETWEEN -2147483648 AND 2147483647),
	CONSTRAINT "22003:order_tags.place" CHECK ("place" BETWEEN -32768 AND 32767),
	CONSTRAINT "order_tags_pkey" PRIMARY KEY ("order_id", "tag_id"),
	CONSTRAINT "uq_place" UNIQUE ("order_id", "place"),
	CONSTRAINT "order_tags_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "orders" ("id"),
	CONSTRAINT "order_tags_tag_id_fkey" FOREIGN KEY ("tag_id") REFERENCES "tags" ("id")
) STRICT;
DELETE FROM "amphora_catalog" WHERE ("amphora_catalog"."tbl" = 'order_tags');
INSERT INTO "amphora_catalog" ("kind", "tbl", "name", "text") VALUES ('table', 'order_tags', 'order_tags', NULL), ('column', 'order_tags', 'order_id', 'uuid'), ('not null', 'order_tags', 'order_id', NULL), ('column', 'order_tags', 'tag_id', 'integer'), ('not null', 'order_tags', 'tag_id', NULL), ('column', 'order_tags', 'place', 'smallint'), ('not null', 'order_tags', 'place', NULL), ('p', 'order_tags', 'order_tags_pkey', 'PRIMARY KEY (order_id, tag_id)'), ('u', 'order_tags', 'uq_place', 'UNIQUE (order_id, place)'), ('f', 'order_tags', 'order_tags_order_id_fkey', 'FOREIGN KEY (order_id) REFERENCES orders(id)'), ('f', 'order_tags', 'order_tags_tag_id_fkey', 'FOREIGN KEY (tag_id) REFERENCES tags(id)');
CREATE TABLE "chickens" (
	"id" INTEGER NOT NULL,
	"egg_id" INTEGER NOT NULL,
	CONSTRAINT "chickens_pkey" PRIMARY KEY ("id"),
	CONSTRAINT "chickens_egg_id_fkey" FOREIGN KEY ("egg_id") REFERENCES "eggs" ("id")
) STRICT;
DELETE FROM "amphora_catalog" WHERE ("amphora_catalog"."tbl" = 'chickens');
INSERT INTO "amphora_catalog" ("kind", "tbl", "name", "text") VALUES ('table', 'chickens', 'chickens', NULL), ('column', 'chickens', 'id', 'bigint'), ('not null', 'chickens', 'id', NULL), ('identity', 'chickens', 'id', 'BY DEFAULT'), ('column', 'chickens', 'egg_id', 'bigint'), ('not null', 'chickens', 'egg_id', NULL), ('p', 'chickens', 'chickens_pkey', 'PRIMARY KEY (id)'), ('f', 'chickens', 'chickens_egg_id_fkey', 'FOREIGN KEY (egg_id) REFERENCES eggs(id)');
CREATE TABLE "eggs" (
	"id" INTEGER NOT NULL,
	"chicken_id" INTEGER,
	CONSTRAINT "eggs_pkey" PRIMARY KEY ("id"),
	CONSTRAINT "eggs_chicken_id_fkey" FOREIGN KEY ("chicken_id") REFERENCES "chickens" ("id")
) STRICT;
DELETE FROM "amphora_catalog" WHERE ("amphora_catalog"."tbl" = 'eggs');
INSERT INTO "amphora_catalog" ("kind", "tbl", "name", "text") VALUES ('table', 'eggs', 'eggs', NULL), ('column', 'eggs', 'id', 'bigint'), ('not null', 'eggs', 'id', NULL), ('identity', 'eggs', 'id', 'BY DEFAULT'), ('column', 'eggs', 'chicken_id', 'bigint'), ('p', 'eggs', 'eggs_pkey', 'PRIMARY KEY (id)'), ('f', 'eggs', 'eggs_chicken_id_fkey', 'FOREIGN KEY (chicken_id) REFERENCES chickens(id)');
DROP TABLE IF EXISTS "eggs";
DROP TABLE IF EXISTS "chickens";
DROP TABLE IF EXISTS "order_tags";
DROP TABLE IF EXISTS "orders";
DROP TABLE IF EXISTS "users";
DROP TABLE IF EXISTS "tags";
