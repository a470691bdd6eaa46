/* What fits nowhere else: random numbers and keys, the type of a value. */
#include "functions.h"

static bool random_bytes(sl_call *c, void *out, size_t len)
{
	if (c->env->clock->random(c->env->clock->ctx, out, len))
		return true;
	amph__sl_raise(c, "XX000", "could not generate random values");
	return false;
}

static void random_real(sl_call *c)
{
	uint64_t bits;

	if (random_bytes(c, &bits, sizeof(bits)))
		amph__sl_result_real(c, (double)(bits >> 11) / 9007199254740992.0);
}

static void random_uuid(sl_call *c)
{
	amph_uuid u;

	if (!random_bytes(c, &u, sizeof(u)))
		return;
	u.byte[6] = (uint8_t)((u.byte[6] & 0x0f) | 0x40);
	u.byte[8] = (uint8_t)((u.byte[8] & 0x3f) | 0x80);
	amph__sl_result_of(c, AMPH_T_UUID, &u);
}

/* The statement's text has the name of the argument's type. */
static void type_of(sl_call *c)
{
	sqlite3_result_value(c->ctx, c->argv[0]);
}

/* domain_fail(sqlstate, message, name) */
static void domain_fail(sl_call *c)
{
	size_t len;

	amph__sl_raise(c, amph__sl_text(c, 0, &len), "%s", amph__sl_text(c, 1, &len));
}

static const sl_function rows[] = {
	{ "domain_fail", 3, 0, domain_fail, 0 },
	{ "gen_random_uuid", 0, SL_FN_VOLATILE, random_uuid, 0 },
	{ "pg_typeof", 2, SL_FN_NULLS, type_of, 0 },
	{ "random", 0, SL_FN_VOLATILE, random_real, 0 }
};
const sl_functions amph__sl_misc_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
