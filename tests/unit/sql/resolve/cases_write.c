/* Statements and what PostgreSQL 15 makes of them: names and types of columns and parameters, or the
 * SQLSTATE. tests/pg/test_resolve.c compares the answers with a server.
 * INSERT, UPDATE, DELETE, WITH, VALUES. */
#include "schema.h"

const resolve_case resolve_cases_write[] = {
	{ "INSERT INTO users (username, email, active, created) VALUES ('a','b',true,now())",
	  "" },
	{ "INSERT INTO users (username, email, active, created) VALUES ('a','b',true,now()) "
	  "RETURNING *",
	  "id bigint, username character varying, email character varying, age integer, score "
	  "double precision, balance numeric, active boolean, created timestamp with time "
	  "zone, born date, data jsonb, tags text[], key uuid, mood mood, note text, bin "
	  "bytea, small smallint, ratio real, wake time without time zone, span interval, at "
	  "timestamp without time zone, doc tsvector, nums integer[]" },
	{ "INSERT INTO users (username, email, active, created) VALUES ($1,$2,$3,$4) RETURNING "
	  "id, username AS u, age + 1",
	  "id bigint, u character varying, ?column? integer $1 character varying $2 character "
	  "varying $3 boolean $4 timestamp with time zone" },
	{ "INSERT INTO users VALUES (1)", "" },
	{ "INSERT INTO users VALUES ('1','a','b')", "" },
	{ "INSERT INTO log VALUES (1,2,3,4)", "42601" },
	{ "INSERT INTO log (id) VALUES (1,2)", "42601" },
	{ "INSERT INTO log (id, entry) VALUES (1)", "42601" },
	{ "INSERT INTO log (id, id) VALUES (1,2)", "42701" },
	{ "INSERT INTO log (nope) VALUES (1)", "42703" },
	{ "INSERT INTO nope VALUES (1)", "42P01" },
	{ "INSERT INTO log VALUES (1, 2, 3)", "" },
	{ "INSERT INTO log VALUES (true)", "42804" },
	{ "INSERT INTO log VALUES ($1, $2)", " $1 integer $2 text" },
	{ "INSERT INTO log VALUES ($1 + 1, lower($2))", " $1 integer $2 text" },
	{ "INSERT INTO log (id) VALUES ('2020-01-01'::date)", "42804" },
	{ "INSERT INTO log SELECT id, username FROM users", "" },
	{ "INSERT INTO log SELECT 1, 'x'", "" },
	{ "INSERT INTO log SELECT '1', 2", "" },
	{ "INSERT INTO log SELECT DISTINCT 1, 'x'", "" },
	{ "INSERT INTO log SELECT id FROM users", "" },
	{ "INSERT INTO log (id, entry) SELECT id FROM users", "42601" },
	{ "INSERT INTO log SELECT born FROM users", "42804" },
	{ "INSERT INTO log SELECT 1 UNION SELECT 2", "" },
	{ "INSERT INTO log DEFAULT VALUES", "" },
	{ "INSERT INTO log VALUES (1, DEFAULT), (2, 'x')", "" },
	{ "INSERT INTO log VALUES (1), (2, 'x')", "42601" },
	{ "INSERT INTO log VALUES (1 + DEFAULT)", "42601" },
	{ "INSERT INTO orders (id, user_id, total) VALUES (1, 2, 3)", "428C9" },
	{ "INSERT INTO orders (id, user_id, total) OVERRIDING SYSTEM VALUE VALUES (1, 2, 3)",
	  "" },
	{ "INSERT INTO orders (user_id, total, twice) VALUES (1, 2, 3)", "428C9" },
	{ "INSERT INTO orders (user_id, total, twice) VALUES (1, 2, DEFAULT)", "" },
	{ "INSERT INTO orders (user_id, total) VALUES (1, 2) ON CONFLICT (user_id, status) DO "
	  "NOTHING",
	  "" },
	{ "INSERT INTO orders (user_id, total) VALUES (1, 2) ON CONFLICT (status, user_id) DO "
	  "UPDATE SET total = excluded.total + orders.total",
	  "" },
	{ "INSERT INTO orders (user_id, total) VALUES (1, 2) ON CONFLICT (nope) DO NOTHING",
	  "42703" },
	{ "INSERT INTO orders (user_id, total) VALUES (1, 2) ON CONFLICT DO NOTHING", "" },
	{ "INSERT INTO orders (user_id, total) VALUES (1, 2) ON CONFLICT DO UPDATE SET total = "
	  "1",
	  "42601" },
	{ "INSERT INTO orders (user_id, total) VALUES (1, 2) ON CONFLICT (id) DO UPDATE SET "
	  "total = total + 1",
	  "42702" },
	{ "INSERT INTO orders (user_id, total) VALUES (1, 2) ON CONFLICT (id) DO UPDATE SET "
	  "total = excluded.nope",
	  "42703" },
	{ "INSERT INTO orders (user_id, total) VALUES (1, 2) ON CONFLICT (id) DO UPDATE SET "
	  "total = $1 WHERE orders.status = excluded.status RETURNING id, total",
	  "id bigint, total numeric $1 numeric" },
	{ "INSERT INTO orders (user_id, total) VALUES (1, 2) ON CONFLICT (id) DO UPDATE SET "
	  "nope = 1",
	  "42703" },
	{ "INSERT INTO orders AS o (user_id, total) VALUES (1, 2) ON CONFLICT (id) DO UPDATE "
	  "SET total = o.total RETURNING o.*",
	  "id bigint, user_id bigint, total numeric, status character varying, placed "
	  "timestamp with time zone, twice numeric" },
	{ "INSERT INTO orders AS o (user_id, total) VALUES (1, 2) RETURNING orders.id", "42P01" },
	{ "INSERT INTO orders (user_id, total) VALUES (1, 2) RETURNING excluded.id", "42P01" },
	{ "INSERT INTO log VALUES (1) RETURNING count(*)", "42803" },
	{ "INSERT INTO log VALUES (count(*))", "42803" },
	{ "INSERT INTO log VALUES ((SELECT max(id) FROM users), 'x')", "" },
	{ "INSERT INTO log VALUES (id)", "42703" },
	{ "WITH x AS (SELECT 1 AS a) INSERT INTO log SELECT a, 'q' FROM x", "" },
	{ "UPDATE users SET age = age + 1", "" },
	{ "UPDATE users SET age = $1, username = $2 WHERE id = $3 RETURNING id",
	  "id bigint $1 integer $2 character varying $3 bigint" },
	{ "UPDATE users SET age = 'x'", "22P02" },
	{ "UPDATE users SET age = note", "42804" },
	{ "UPDATE users SET age = 1, age = 2", "42601" },
	{ "UPDATE users SET nope = 2", "42703" },
	{ "UPDATE users SET age = DEFAULT", "" },
	{ "UPDATE users SET balance = 1.234, username = 5, score = 1, note = true", "" },
	{ "UPDATE users SET active = 1", "42804" },
	{ "UPDATE users SET data = '{\"a\": 1}', tags = '{a,b}', tags = ARRAY['x'] ", "42601" },
	{ "UPDATE users SET mood = 'ok', key = '00000000-0000-0000-0000-000000000000'", "" },
	{ "UPDATE users SET mood = note", "42804" },
	{ "UPDATE orders SET twice = 1", "428C9" },
	{ "UPDATE orders SET id = 1", "428C9" },
	{ "UPDATE orders SET total = u.age FROM users u WHERE u.id = orders.user_id", "" },
	{ "UPDATE orders SET total = u.age FROM users u WHERE u.id = user_id RETURNING "
	  "orders.id, u.username",
	  "id bigint, username character varying" },
	{ "UPDATE orders o SET total = 1 FROM orders o WHERE true", "42712" },
	{ "UPDATE orders SET total = 1 FROM orders o WHERE o.id = id", "42702" },
	{ "UPDATE users SET age = count(*)", "42803" },
	{ "UPDATE users SET age = (SELECT count(*) FROM orders WHERE user_id = users.id)", "" },
	{ "UPDATE users SET age = 1 WHERE age", "42804" },
	{ "UPDATE log SET id = v.i FROM (VALUES (1, 'x')) AS v(i, j) WHERE log.entry = v.j", "" },
	{ "DELETE FROM users WHERE id = $1", " $1 bigint" },
	{ "DELETE FROM users WHERE id = $1 RETURNING *",
	  "id bigint, username character varying, email character varying, age integer, score "
	  "double precision, balance numeric, active boolean, created timestamp with time "
	  "zone, born date, data jsonb, tags text[], key uuid, mood mood, note text, bin "
	  "bytea, small smallint, ratio real, wake time without time zone, span interval, at "
	  "timestamp without time zone, doc tsvector, nums integer[] $1 bigint" },
	{ "DELETE FROM users u USING orders o WHERE o.user_id = u.id AND o.total > 5 RETURNING "
	  "u.id, o.id",
	  "id bigint, id bigint" },
	{ "DELETE FROM users WHERE nope = 1", "42703" },
	{ "DELETE FROM users USING users WHERE true", "42712" },
	{ "WITH x AS (SELECT 1 AS a, 'b') SELECT * FROM x", "a integer, ?column? text" },
	{ "WITH x(p, q) AS (SELECT 1, 'b') SELECT p, q FROM x", "p integer, q text" },
	{ "WITH x(p, q, r) AS (SELECT 1, 'b') SELECT p, q FROM x", "42P10" },
	{ "WITH x AS (SELECT 1 AS a), y AS (SELECT a + 1 AS b FROM x) SELECT a, b FROM x, y",
	  "a integer, b integer" },
	{ "WITH y AS (SELECT a + 1 AS b FROM x), x AS (SELECT 1 AS a) SELECT a, b FROM x, y",
	  "42P01" },
	{ "WITH RECURSIVE y AS (SELECT a + 1 AS b FROM x), x AS (SELECT 1 AS a) SELECT a, b "
	  "FROM x, y",
	  "a integer, b integer" },
	{ "WITH x AS (SELECT 1), x AS (SELECT 2) SELECT 1", "42712" },
	{ "WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n+1 FROM t WHERE n < 100) "
	  "SELECT sum(n) FROM t",
	  "sum bigint" },
	{ "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n||'x' FROM t WHERE n::text<'5') "
	  "SELECT * FROM t",
	  "42804" },
	{ "WITH RECURSIVE foo(i) AS (SELECT i::numeric(3,0) FROM (VALUES(1),(2)) t(i) UNION "
	  "ALL SELECT (i+1)::numeric(10,0) FROM foo WHERE i < 10) SELECT * FROM foo",
	  "42804" },
	{ "WITH RECURSIVE t AS (SELECT 1 AS n UNION SELECT n + 1.5 FROM t) SELECT * FROM t",
	  "42804" },
	{ "WITH RECURSIVE t AS (SELECT n FROM t) SELECT * FROM t", "42P19" },
	{ "WITH t AS (SELECT n FROM t) SELECT * FROM t", "42P01" },
	{ "WITH RECURSIVE t(a, b) AS (SELECT id, username::text FROM users UNION ALL SELECT "
	  "t.a, t.b || 'x' FROM t) SELECT * FROM t",
	  "a bigint, b text" },
	{ "WITH d AS (DELETE FROM log RETURNING id, entry) SELECT * FROM d",
	  "id integer, entry text" },
	{ "WITH d AS (DELETE FROM log) SELECT * FROM d", "0A000" },
	{ "WITH users AS (SELECT 5 AS z) SELECT * FROM users", "z integer" },
	{ "WITH x AS (SELECT id FROM users) SELECT (SELECT max(id) FROM x), y.id FROM x AS "
	  "y(id)",
	  "max bigint, id bigint" },
	{ "WITH x AS MATERIALIZED (SELECT $1::int AS p) SELECT p FROM x",
	  "p integer $1 integer" },
	{ "VALUES (1, 'a'), (2.5, NULL)", "column1 numeric, column2 text" },
	{ "VALUES (1, 'a'), (2)", "42601" },
	{ "VALUES (1), ('x')", "22P02" },
	{ "VALUES (1), (true)", "42804" },
	{ "VALUES (1), (2) ORDER BY 1 DESC LIMIT 1", "column1 integer" },
	{ "WITH RECURSIVE tree(id, depth) AS (SELECT id, 0 FROM users WHERE age IS NULL UNION "
	  "ALL SELECT u.id, t.depth + 1 FROM users u JOIN tree t ON u.age = t.id) SELECT * "
	  "FROM tree ORDER BY depth, id",
	  "id bigint, depth integer" },
	{ "WITH RECURSIVE tree AS (SELECT id, 0 AS depth FROM users UNION ALL SELECT u.id, "
	  "t.depth + 1 FROM users u JOIN tree t ON u.age = t.id) SELECT max(depth) FROM tree",
	  "max integer" },
	{ "WITH a AS (SELECT id FROM users), b AS (SELECT id FROM a WHERE id > 1) SELECT a.id, "
	  "b.id FROM a LEFT JOIN b USING (id)",
	  "id bigint, id bigint" },
	{ "WITH a AS (SELECT 1 AS x) SELECT (WITH a AS (SELECT 'y' AS x) SELECT x FROM a), x "
	  "FROM a",
	  "x text, x integer" },
	{ "WITH a AS (SELECT id FROM users) DELETE FROM orders USING a WHERE a.id = "
	  "orders.user_id",
	  "" },
	{ "WITH a AS (SELECT id FROM users) UPDATE orders SET total = 0 FROM a WHERE a.id = "
	  "orders.user_id",
	  "" },
	{ "WITH a AS (UPDATE users SET age = 1 RETURNING id, age) INSERT INTO log SELECT "
	  "a.age, 'x' FROM a RETURNING id",
	  "id integer" },
	{ "INSERT INTO items SELECT o.id, row_number() OVER (), 'p', 1, o.total FROM orders o",
	  "" },
	{ "INSERT INTO items (order_id, line, product, price) VALUES (1, 1, 'x', '9.99'), (1, "
	  "2, $1, $2)",
	  " $1 text $2 numeric" },
	{ "INSERT INTO items (order_id, line, product) VALUES (1, 1, 'x') ON CONFLICT "
	  "(order_id, line) DO UPDATE SET qty = items.qty + excluded.qty, price = DEFAULT",
	  "" },
	{ "INSERT INTO users (username, email, active, created, tags, data, mood, key, bin, "
	  "span) VALUES ('a', 'b', 't', '2020-01-01', '{a,b}', '{\"k\": 1}', 'ok', "
	  "'00000000-0000-0000-0000-000000000001', '\\x01', '1 day') RETURNING tags, data, mood",
	  "tags text[], data jsonb, mood mood" },
	{ "INSERT INTO users (username, email, active, created, balance) VALUES ('a', 'b', 1, "
	  "now(), 1)",
	  "42804" },
	{ "INSERT INTO users (username, email, active, created, tags) VALUES ('a', 'b', true, "
	  "now(), ARRAY[1,2])",
	  "" },
	{ "INSERT INTO users (username, email, active, created, nums) VALUES ('a', 'b', true, "
	  "now(), ARRAY[1,2.5])",
	  "" },
	{ "INSERT INTO users (username, email, active, created, data) VALUES ('a', 'b', true, "
	  "now(), to_jsonb(5))",
	  "" },
	{ "INSERT INTO users (username, email, active, created, data) VALUES ('a', 'b', true, "
	  "now(), 5)",
	  "42804" },
	{ "INSERT INTO log (entry) VALUES (5), (now()), (true), (ARRAY[1])", "" },
	{ "UPDATE users SET username = upper(username), score = score + 1, balance = balance * "
	  "1.1, born = born + 1, at = now(), created = born, wake = created",
	  "" },
	{ "UPDATE users SET born = 5", "42804" },
	{ "UPDATE users SET key = note", "42804" },
	{ "UPDATE users SET small = age, age = id, id = score", "" },
	{ "UPDATE users SET data = data || '{\"a\": 1}', tags = tags || 'x', tags = "
	  "array_append(tags, 'x')",
	  "22P02" },
	{ "UPDATE users SET data = jsonb_set(data, '{a}', to_jsonb(age)) WHERE data ? 'a'", "" },
	{ "UPDATE items SET qty = qty - 1 WHERE (order_id, line) IN (SELECT id, 1 FROM orders)",
	  "" },
	{ "UPDATE users SET age = (SELECT 1, 2)", "42601" },
	{ "UPDATE users AS u SET age = u.age + 1 WHERE u.id = 1 RETURNING u.age", "age integer" },
	{ "UPDATE users AS u SET age = users.age + 1", "42P01" },
	{ "DELETE FROM items WHERE order_id IN (SELECT id FROM orders WHERE placed < now()) "
	  "RETURNING order_id, line",
	  "order_id bigint, line integer" },
	{ "DELETE FROM log WHERE id = ANY($1)", " $1 integer[]" },
	{ "UPDATE users SET (age, note) = (SELECT id, username FROM users u WHERE u.id = "
	  "users.id)",
	  "" },
	{ "UPDATE users SET (age, note) = (SELECT * FROM (SELECT 1, 'x') q), score = 1", "" },
	{ "UPDATE users SET (age, note) = (SELECT 1)", "42601" },
	{ "UPDATE users SET (age, note) = (SELECT 1, 2, 3)", "42601" },
	{ "UPDATE users SET (age, note) = (1, DEFAULT)", "" },
	{ "UPDATE users SET (age, note) = ROW(1, 'x')", "" },
	{ "UPDATE users SET (age, age) = (1, 2)", "42601" },
	{ "UPDATE users SET (age, note) = (SELECT born, 'x')", "42804" },
	{ "INSERT INTO items (order_id, line, product) VALUES (1, 1, 'x') ON CONFLICT "
	  "(order_id, line) DO UPDATE SET (qty, price) = (SELECT excluded.qty, i.price FROM "
	  "items i WHERE i.line = items.line)",
	  "" },
};
const size_t resolve_cases_write_count = sizeof(resolve_cases_write) / sizeof(resolve_cases_write[0]);
