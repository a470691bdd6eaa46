/* The models of the random programs: every scalar type, arrays, keys of one and two columns,
 * references, unique columns, checks, a version. */
#include "random.h"

static const char *const moods[] = { "sad", "ok", "very happy", NULL };

AMPH_MODEL(Row, "rand_rows",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Row, id, .primary_key = true, .identity = AMPH_IDENTITY_NONE),
		AMPH_COLUMN(Row, small), AMPH_COLUMN(Row, i16), AMPH_COLUMN(Row, i32),
		AMPH_COLUMN(Row, i64), AMPH_COLUMN(Row, f32), AMPH_COLUMN(Row, quarter),
		AMPH_COLUMN(Row, f64), AMPH_COLUMN(Row, price, .precision = 12, .scale = 3),
		AMPH_COLUMN(Row, num), AMPH_COLUMN(Row, name, .index = true),
		AMPH_COLUMN(Row, code, .length = 10), AMPH_COLUMN(Row, flag),
		AMPH_COLUMN(Row, uuid), AMPH_COLUMN(Row, doc), AMPH_COLUMN(Row, raw),
		AMPH_COLUMN(Row, day, .index = true), AMPH_COLUMN(Row, clock),
		AMPH_COLUMN(Row, at), AMPH_COLUMN(Row, tz), AMPH_COLUMN(Row, span),
		AMPH_COLUMN(Row, mood, .labels = moods, .enum_name = "rand_mood")),
	.relations = AMPH_RELATIONS(
		AMPH_HAS_MANY(Row, kids, Kid, row_id, .back = AMPH_MEMBER(Kid, row))));

AMPH_MODEL(Kid, "rand_kids",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Kid, id, .primary_key = true, .identity = AMPH_IDENTITY_NONE),
		AMPH_COLUMN(Kid, name, .unique = true),
		AMPH_COLUMN(Kid, row_id, .references = AMPH_REF(Row, id), .index = true),
		AMPH_COLUMN(Kid, twin_id, .references = AMPH_REF(Kid, id)),
		AMPH_COLUMN(Kid, small, .check = "small < 20"), AMPH_COLUMN(Kid, flag),
		AMPH_COLUMN(Kid, price, .precision = 8, .scale = 2), AMPH_COLUMN(Kid, tz)),
	.relations = AMPH_RELATIONS(
		AMPH_BELONGS_TO(Kid, row, Row, row_id, .back = AMPH_MEMBER(Row, kids)),
		AMPH_BELONGS_TO(Kid, twin, Kid, twin_id)));

AMPH_MODEL(Pair, "rand_pairs",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Pair, place, .primary_key = true, .length = 4),
		AMPH_COLUMN(Pair, number, .primary_key = true),
		AMPH_COLUMN(Pair, holder, .not_null = true), AMPH_COLUMN(Pair, small),
		AMPH_COLUMN(Pair, day), AMPH_COLUMN(Pair, version, .version = true)),
	.uniques = AMPH_UNIQUES(AMPH_UNIQUE("rand_pairs_one",
		AMPH_MEMBER(Pair, holder), AMPH_MEMBER(Pair, small))));

AMPH_MODEL(Lists, "rand_lists",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Lists, id, .primary_key = true, .identity = AMPH_IDENTITY_NONE),
		AMPH_COLUMN(Lists, ints), AMPH_COLUMN(Lists, texts), AMPH_COLUMN(Lists, bools),
		AMPH_COLUMN(Lists, nums), AMPH_COLUMN(Lists, uuids), AMPH_COLUMN(Lists, days)));

AMPH_MODEL(Auto, "rand_autos",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Auto, id, .primary_key = true),
		AMPH_COLUMN(Auto, name, .not_null = true, .unique = true),
		AMPH_COLUMN(Auto, small, .default_value = AMPH_DEFAULT_INT(7)),
		AMPH_COLUMN(Auto, kid_id, .references = AMPH_REF(Kid, id),
			    .on_delete = AMPH_SET_NULL),
		AMPH_COLUMN(Auto, changed, .on_update = amph_now)));

AMPH_MODEL(Beast, "rand_beasts",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Beast, id, .primary_key = true, .identity = AMPH_IDENTITY_NONE),
		AMPH_COLUMN(Beast, kind, .not_null = true), AMPH_COLUMN(Beast, name, .not_null = true),
		AMPH_COLUMN(Beast, small), AMPH_COLUMN(Beast, tenant), AMPH_COLUMN(Beast, gone)),
	.discriminator = AMPH_MEMBER(Beast, kind), .kind = "beast",
	.soft_delete = AMPH_MEMBER(Beast, gone));
AMPH_DERIVED(Bird, base, Beast, "bird",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Bird, wings, .check = "wings <> 3")));
AMPH_DERIVED(Fish, base, Beast, "fish", .columns = AMPH_COLUMNS(AMPH_COLUMN(Fish, water)));

const amph_model *const models[] = {
	&amph_model_Row, &amph_model_Kid, &amph_model_Pair, &amph_model_Lists, &amph_model_Auto,
	&amph_model_Beast, &amph_model_Bird, &amph_model_Fish, NULL
};

const amph_model amph_model_Part = { .abi = AMPH_ABI, .name = "Part", .size = sizeof(Part) };
const amph_model part_like = { .name = "Part", .size = sizeof(Part), .columns = AMPH_COLUMNS(
	AMPH_COLUMN(Part, id), AMPH_COLUMN(Part, n), AMPH_COLUMN(Part, t), AMPH_COLUMN(Part, d)) };

size_t column_count(const amph_model *m)
{
	size_t n = 0;

	while (m->columns[n].member)
		n++;
	return n;
}

unsigned base_type(const amph_column *c)
{
	return (unsigned)c->type & ~(unsigned)(AMPH_T_NULLABLE | AMPH_T_ARRAY);
}

bool is_array(const amph_column *c)
{
	return c->type & AMPH_T_ARRAY;
}
