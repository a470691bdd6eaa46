/* Makes, or looks at, the file of tests/sqlite/shell.test:  shell make|look URL */
#include <amphora.h>
#include <amphora/short.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Ware {
	int64_t id;
	const char *name;
	amph_numeric price;
	amph_uuid code;
	amph_json tags;
	amph_timestamptz made;
	amph_opt_interval life;
	bool sold;
	unsigned kind;
	amph_numeric twice;
} Ware;
AMPH_DECLARE(Ware);
AMPH_MODEL(Ware, "wares",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Ware, id, .primary_key = true),
		AMPH_COLUMN(Ware, name, .length = 10, .not_null = true, .check = "lower(name) <> 'none'"),
		AMPH_COLUMN(Ware, price, .precision = 8, .scale = 2, .unique = true),
		AMPH_COLUMN(Ware, code, .unique = true), AMPH_COLUMN(Ware, tags, .not_null = true),
		AMPH_COLUMN(Ware, made), AMPH_COLUMN(Ware, life), AMPH_COLUMN(Ware, sold),
		AMPH_COLUMN(Ware, kind, .labels = AMPH_LABELS("tool", "toy"), .enum_name = "kind"),
		AMPH_COLUMN(Ware, twice, .precision = 9, .scale = 2, .computed = "price * 2")));

static int make(amph_session *s)
{
	amph_interval life;
	amph_uuid code;

	amph_interval_parse("1 year 2 days", &life, NULL);
	amph_uuid_parse("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", &code, NULL);
	amph_new(s, Ware, .name = "spade", .price = dec(9.50), .code = code, .tags = json({"b":1,"a":[2]}),
		 .made = amph_timestamptz_utc(2025, 1, 2, 3, 4, 5.25), .life = { life, true }, .kind = 1);
	return amph_commit(s) ? 0 : 1;
}

static int look(amph_session *s)
{
	char price[32], made[64];

	amph_each(Ware, w, amph_all(s, Ware, .order_by = by(desc(col(Ware, price))))) {
		amph_numeric_format(w->price, price, sizeof price);
		amph_timestamptz_format(w->made, made, sizeof made);
		printf("%" PRId64 " %s %s %s %s %u\n", w->id, w->name, price, w->tags.text, made, w->kind);
	}
	return amph_failed(s);
}

int main(int argc, char **argv)
{
	static const amph_model *const models[] = { &amph_model_Ware, NULL };
	amph_error err;

	if (argc != 3)
		return 2;
	amph_engine *db = amph_open(argv[2], AMPH_OPTIONS(.models = models), &err);
	if (!db || !amph_create_all(db, &err)) {
		fprintf(stderr, "%s\n", err.message);
		return 1;
	}
	amph_session *s = amph_session_open(db);
	int status = !strcmp(argv[1], "make") ? make(s) : look(s);
	if (status)
		fprintf(stderr, "%s\n", amph_session_error(s)->message);
	amph_session_close(s);
	amph_close(db);
	return status;
}
