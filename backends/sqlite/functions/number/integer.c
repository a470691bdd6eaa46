/* Arithmetic of int2, int4 and int8 with their ranges. arg is the width of the result in bytes. */
#include "../functions.h"
#include <stdio.h>

static const char *type_name(intptr_t width)
{
	return width == 2 ? "smallint" : width == 4 ? "integer" : "bigint";
}

static void out_of_range(sl_call *c)
{
	amph__sl_raise(c, "22003", "%s out of range", type_name(c->arg));
}

static void put(sl_call *c, int64_t n)
{
	if ((c->arg == 2 && n != (int16_t)n) || (c->arg == 4 && n != (int32_t)n))
		out_of_range(c);
	else
		amph__sl_result_int(c, n);
}

static void add(sl_call *c)
{
	int64_t n;

	if (__builtin_add_overflow(amph__sl_int(c, 0), amph__sl_int(c, 1), &n))
		out_of_range(c);
	else
		put(c, n);
}

static void subtract(sl_call *c)
{
	int64_t n;

	if (__builtin_sub_overflow(amph__sl_int(c, 0), amph__sl_int(c, 1), &n))
		out_of_range(c);
	else
		put(c, n);
}

static void multiply(sl_call *c)
{
	int64_t n;

	if (__builtin_mul_overflow(amph__sl_int(c, 0), amph__sl_int(c, 1), &n))
		out_of_range(c);
	else
		put(c, n);
}

static bool divides(sl_call *c, int64_t b)
{
	if (b != 0)
		return true;
	amph__sl_raise(c, "22012", "division by zero");
	return false;
}

static void divide(sl_call *c)
{
	int64_t a = amph__sl_int(c, 0), b = amph__sl_int(c, 1);

	if (!divides(c, b))
		return;
	if (b == -1 && a == INT64_MIN)
		out_of_range(c);
	else
		put(c, a / b);
}

static void modulo(sl_call *c)
{
	int64_t b = amph__sl_int(c, 1);

	if (divides(c, b))
		amph__sl_result_int(c, b == -1 ? 0 : amph__sl_int(c, 0) % b);
}

static void negate(sl_call *c)
{
	int64_t a = amph__sl_int(c, 0);

	if (a == INT64_MIN)
		out_of_range(c);
	else
		put(c, -a);
}

static void absolute(sl_call *c)
{
	if (amph__sl_int(c, 0) < 0)
		negate(c);
	else
		amph__sl_result_int(c, amph__sl_int(c, 0));
}

static void bit_and(sl_call *c)
{
	amph__sl_result_int(c, amph__sl_int(c, 0) & amph__sl_int(c, 1));
}

static void bit_or(sl_call *c)
{
	amph__sl_result_int(c, amph__sl_int(c, 0) | amph__sl_int(c, 1));
}

static void bit_xor(sl_call *c)
{
	amph__sl_result_int(c, amph__sl_int(c, 0) ^ amph__sl_int(c, 1));
}

static void bit_not(sl_call *c)
{
	amph__sl_result_int(c, ~amph__sl_int(c, 0));
}

/* As the processor does it: the distance counts modulo the width, int2 being shifted as int4. */
static void shift_left(sl_call *c)
{
	uint64_t a = (uint64_t)amph__sl_int(c, 0);
	unsigned by = (unsigned)amph__sl_int(c, 1) & (c->arg == 8 ? 63U : 31U);

	if (c->arg == 8)
		amph__sl_result_int(c, (int64_t)(a << by));
	else if (c->arg == 4)
		amph__sl_result_int(c, (int32_t)(uint32_t)(a << by));
	else
		amph__sl_result_int(c, (int16_t)(uint16_t)(a << by));
}

static void shift_right(sl_call *c)
{
	unsigned by = (unsigned)amph__sl_int(c, 1) & (c->arg == 8 ? 63U : 31U);

	amph__sl_result_int(c, amph__sl_int(c, 0) >> by);
}

static uint64_t magnitude(int64_t n)
{
	return n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
}

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

static void put_magnitude(sl_call *c, uint64_t n)
{
	if (n > (uint64_t)INT64_MAX)
		out_of_range(c);
	else
		put(c, (int64_t)n);
}

static void gcd(sl_call *c)
{
	put_magnitude(c, common_divisor(magnitude(amph__sl_int(c, 0)), magnitude(amph__sl_int(c, 1))));
}

static void lcm(sl_call *c)
{
	uint64_t a = magnitude(amph__sl_int(c, 0)), b = magnitude(amph__sl_int(c, 1)), n;

	if (a == 0 || b == 0)
		amph__sl_result_int(c, 0);
	else if (__builtin_mul_overflow(a / common_divisor(a, b), b, &n))
		out_of_range(c);
	else
		put_magnitude(c, n);
}

/* A wider integer as a narrower one. */
static void narrow(sl_call *c)
{
	put(c, amph__sl_int(c, 0));
}

/* The form that PostgreSQL sends: arg bytes, the highest first. */
static void send(sl_call *c)
{
	uint64_t n = (uint64_t)amph__sl_int(c, 0);
	uint8_t bytes[8];

	for (intptr_t i = 0; i < c->arg; i++)
		bytes[i] = (uint8_t)(n >> (8 * (c->arg - 1 - i)));
	amph__sl_result_bytes(c, bytes, (size_t)c->arg);
}

static void to_hex(sl_call *c)
{
	char text[24];
	int64_t n = amph__sl_int(c, 0);
	unsigned long long bits = c->arg == 4 ? (uint32_t)n : (uint64_t)n;
	int len = snprintf(text, sizeof(text), "%llx", bits);

	amph__sl_result_text(c, text, (size_t)len);
}

/* LIMIT NULL and OFFSET NULL are none; arg is what none is here. */
static void limit(sl_call *c)
{
	if (amph__sl_is_null(c, 0))
		amph__sl_result_int(c, c->arg);
	else if (amph__sl_int(c, 0) < 0)
		amph__sl_raise(c, c->arg < 0 ? "2201W" : "2201X", "%s must not be negative",
			       c->arg < 0 ? "LIMIT" : "OFFSET");
	else
		amph__sl_result_int(c, amph__sl_int(c, 0));
}

static const sl_function rows[] = {
	{ "abs_int2", 1, 0, absolute, 2 },
	{ "abs_int4", 1, 0, absolute, 4 },
	{ "abs_int8", 1, 0, absolute, 8 },
	{ "gcd_int4_int4", 2, 0, gcd, 4 },
	{ "gcd_int8_int8", 2, 0, gcd, 8 },
	{ "int24div", 2, 0, divide, 4 },
	{ "int24mi", 2, 0, subtract, 4 },
	{ "int24mul", 2, 0, multiply, 4 },
	{ "int24pl", 2, 0, add, 4 },
	{ "int28div", 2, 0, divide, 8 },
	{ "int28mi", 2, 0, subtract, 8 },
	{ "int28mul", 2, 0, multiply, 8 },
	{ "int28pl", 2, 0, add, 8 },
	{ "int2abs", 1, 0, absolute, 2 },
	{ "int2and", 2, 0, bit_and, 2 },
	{ "int2div", 2, 0, divide, 2 },
	{ "int2mi", 2, 0, subtract, 2 },
	{ "int2mod", 2, 0, modulo, 2 },
	{ "int2mul", 2, 0, multiply, 2 },
	{ "int2not", 1, 0, bit_not, 2 },
	{ "int2or", 2, 0, bit_or, 2 },
	{ "int2pl", 2, 0, add, 2 },
	{ "int2send_int2", 1, 0, send, 2 },
	{ "int2shl", 2, 0, shift_left, 2 },
	{ "int2shr", 2, 0, shift_right, 2 },
	{ "int2um", 1, 0, negate, 2 },
	{ "int2xor", 2, 0, bit_xor, 2 },
	{ "int42div", 2, 0, divide, 4 },
	{ "int42mi", 2, 0, subtract, 4 },
	{ "int42mul", 2, 0, multiply, 4 },
	{ "int42pl", 2, 0, add, 4 },
	{ "int48div", 2, 0, divide, 8 },
	{ "int48mi", 2, 0, subtract, 8 },
	{ "int48mul", 2, 0, multiply, 8 },
	{ "int48pl", 2, 0, add, 8 },
	{ "int4abs", 1, 0, absolute, 4 },
	{ "int4and", 2, 0, bit_and, 4 },
	{ "int4div", 2, 0, divide, 4 },
	{ "int4mi", 2, 0, subtract, 4 },
	{ "int4mod", 2, 0, modulo, 4 },
	{ "int4mul", 2, 0, multiply, 4 },
	{ "int4not", 1, 0, bit_not, 4 },
	{ "int4or", 2, 0, bit_or, 4 },
	{ "int4pl", 2, 0, add, 4 },
	{ "int4send_int4", 1, 0, send, 4 },
	{ "int4shl", 2, 0, shift_left, 4 },
	{ "int4shr", 2, 0, shift_right, 4 },
	{ "int4um", 1, 0, negate, 4 },
	{ "int4xor", 2, 0, bit_xor, 4 },
	{ "int82div", 2, 0, divide, 8 },
	{ "int82mi", 2, 0, subtract, 8 },
	{ "int82mul", 2, 0, multiply, 8 },
	{ "int82pl", 2, 0, add, 8 },
	{ "int84div", 2, 0, divide, 8 },
	{ "int84mi", 2, 0, subtract, 8 },
	{ "int84mul", 2, 0, multiply, 8 },
	{ "int84pl", 2, 0, add, 8 },
	{ "int8abs", 1, 0, absolute, 8 },
	{ "int8and", 2, 0, bit_and, 8 },
	{ "int8div", 2, 0, divide, 8 },
	{ "int8mi", 2, 0, subtract, 8 },
	{ "int8mod", 2, 0, modulo, 8 },
	{ "int8mul", 2, 0, multiply, 8 },
	{ "int8not", 1, 0, bit_not, 8 },
	{ "int8or", 2, 0, bit_or, 8 },
	{ "int8pl", 2, 0, add, 8 },
	{ "int8send_int8", 1, 0, send, 8 },
	{ "int8shl", 2, 0, shift_left, 8 },
	{ "int8shr", 2, 0, shift_right, 8 },
	{ "int8um", 1, 0, negate, 8 },
	{ "int8xor", 2, 0, bit_xor, 8 },
	{ "int_int2", 1, 0, narrow, 2 },
	{ "int_int4", 1, 0, narrow, 4 },
	{ "lcm_int4_int4", 2, 0, lcm, 4 },
	{ "lcm_int8_int8", 2, 0, lcm, 8 },
	{ "limit", 1, SL_FN_NULLS, limit, -1 },
	{ "mod_int2_int2", 2, 0, modulo, 2 },
	{ "mod_int4_int4", 2, 0, modulo, 4 },
	{ "mod_int8_int8", 2, 0, modulo, 8 },
	{ "offset", 1, SL_FN_NULLS, limit, 0 },
	{ "to_hex_int4", 1, 0, to_hex, 4 },
	{ "to_hex_int8", 1, 0, to_hex, 8 }
};
const sl_functions amph__sl_integer_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
