/* float4 and float8: ranges that raise errors where SQLite gives infinity or NULL, and the
 * mathematical functions. arg is the width of the result in bytes. */
#include "../functions.h"
#include <float.h>
#include <math.h>
#include <string.h>

#define PI 3.14159265358979323846

/* A result that is infinite or zero though the arguments are not has left the range. */
static void put_checked(sl_call *c, double d, bool may_be_infinite, bool may_be_zero)
{
	double result = c->arg == 4 ? (double)(float)d : d;

	if (isinf(result) && !may_be_infinite)
		amph__sl_raise(c, "22003", "value out of range: overflow");
	else if (result == 0 && !may_be_zero)
		amph__sl_raise(c, "22003", "value out of range: underflow");
	else
		amph__sl_result_real(c, result);
}

static void add(sl_call *c)
{
	double a = amph__sl_real(c, 0), b = amph__sl_real(c, 1);

	put_checked(c, a + b, isinf(a) || isinf(b), true);
}

static void subtract(sl_call *c)
{
	double a = amph__sl_real(c, 0), b = amph__sl_real(c, 1);

	put_checked(c, a - b, isinf(a) || isinf(b), true);
}

static void multiply(sl_call *c)
{
	double a = amph__sl_real(c, 0), b = amph__sl_real(c, 1);

	put_checked(c, a * b, isinf(a) || isinf(b), a == 0 || b == 0);
}

static void divide(sl_call *c)
{
	double a = amph__sl_real(c, 0), b = amph__sl_real(c, 1);

	if (b == 0 && !isnan(a))
		amph__sl_raise(c, "22012", "division by zero");
	else
		put_checked(c, a / b, isinf(a), a == 0 || isinf(b));
}

static void negate(sl_call *c)
{
	amph__sl_result_real(c, -amph__sl_real(c, 0));
}

static void absolute(sl_call *c)
{
	amph__sl_result_real(c, fabs(amph__sl_real(c, 0)));
}

/* ---- functions of one argument, where the C library's is all there is to it ---- */

typedef struct unary {
	double (*call)(double x);
	double low, high;               /* of what it takes; beyond is 22003 */
} unary;

static double sign_of(double x)
{
	return x > 0 ? 1 : x < 0 ? -1 : 0;
}

static double to_degrees(double x)
{
	return x / (PI / 180);
}

static double to_radians(double x)
{
	return x * (PI / 180);
}

static double cotangent(double x)
{
	return 1 / tan(x);
}

enum { ACOS, ACOSH, ASIN, ASINH, ATAN, ATANH, CBRT, CEIL, COS, COSH, COT, DEGREES, FLOOR, RADIANS,
       ROUND, SIGN, SIN, SINH, TAN, TANH, TRUNC };
static const unary unaries[] = {
	[ACOS] = { acos, -1, 1 }, [ACOSH] = { acosh, 1, INFINITY }, [ASIN] = { asin, -1, 1 },
	[ASINH] = { asinh, -INFINITY, INFINITY }, [ATAN] = { atan, -INFINITY, INFINITY },
	[ATANH] = { atanh, -1, 1 }, [CBRT] = { cbrt, -INFINITY, INFINITY },
	[CEIL] = { ceil, -INFINITY, INFINITY }, [COS] = { cos, -DBL_MAX, DBL_MAX },
	[COSH] = { cosh, -INFINITY, INFINITY }, [COT] = { cotangent, -DBL_MAX, DBL_MAX },
	[DEGREES] = { to_degrees, -INFINITY, INFINITY }, [FLOOR] = { floor, -INFINITY, INFINITY },
	[RADIANS] = { to_radians, -INFINITY, INFINITY }, [ROUND] = { rint, -INFINITY, INFINITY },
	[SIGN] = { sign_of, -INFINITY, INFINITY }, [SIN] = { sin, -DBL_MAX, DBL_MAX },
	[SINH] = { sinh, -INFINITY, INFINITY }, [TAN] = { tan, -DBL_MAX, DBL_MAX },
	[TANH] = { tanh, -INFINITY, INFINITY }, [TRUNC] = { trunc, -INFINITY, INFINITY }
};

static void call_unary(sl_call *c)
{
	const unary *u = &unaries[c->arg];
	double x = amph__sl_real(c, 0), y;

	if (x < u->low || x > u->high) {
		amph__sl_raise(c, "22003", "input is out of range");
		return;
	}
	y = u->call(x);
	if (isinf(y) && !isinf(x) && (c->arg == DEGREES || c->arg == RADIANS))
		amph__sl_raise(c, "22003", "value out of range: overflow");
	else
		amph__sl_result_real(c, y);
}

static void arc_tangent_2(sl_call *c)
{
	amph__sl_result_real(c, atan2(amph__sl_real(c, 0), amph__sl_real(c, 1)));
}

static void square_root(sl_call *c)
{
	if (amph__sl_real(c, 0) < 0)
		amph__sl_raise(c, "2201F", "cannot take square root of a negative number");
	else
		amph__sl_result_real(c, sqrt(amph__sl_real(c, 0)));
}

static void exponential(sl_call *c)
{
	double x = amph__sl_real(c, 0);

	put_checked(c, exp(x), isinf(x), isinf(x));
}

static void logarithm(sl_call *c)
{
	double x = amph__sl_real(c, 0);

	if (x == 0)
		amph__sl_raise(c, "2201E", "cannot take logarithm of zero");
	else if (x < 0)
		amph__sl_raise(c, "2201E", "cannot take logarithm of a negative number");
	else
		put_checked(c, c->arg ? log10(x) : log(x), isinf(x), x == 1);
}

static void power(sl_call *c)
{
	double x = amph__sl_real(c, 0), y = amph__sl_real(c, 1), z;

	if (x == 0 && y < 0) {
		amph__sl_raise(c, "2201F", "zero raised to a negative power is undefined");
	} else if (x < 0 && isfinite(y) && floor(y) != y) {
		amph__sl_raise(c, "2201F",
			       "a negative number raised to a non-integer power yields a complex result");
	} else {
		z = pow(x, y);
		put_checked(c, z, isinf(x) || isinf(y), x == 0 || isinf(x) || isinf(y));
	}
}

/* ---- angles in degrees: exact where the sine or cosine is a half or one ---- */

static double cosine_small(double x)
{
	double one_half = 1 - cos(to_radians(60)), scaled = 1 - cos(to_radians(x));

	return 1 - scaled / one_half / 2;
}

static double sine_small(double x)
{
	return sin(to_radians(x)) / sin(to_radians(30)) / 2;
}

static double sine_quadrant(double x)
{
	return x <= 30 ? sine_small(x) : cosine_small(90 - x);
}

static double cosine_quadrant(double x)
{
	return x <= 60 ? cosine_small(x) : sine_small(90 - x);
}

static double sine_degrees(double x)
{
	double sign = 1;

	x = fmod(x, 360);
	if (x < 0) {
		x = -x;
		sign = -sign;
	}
	if (x > 180) {
		x = 360 - x;
		sign = -sign;
	}
	if (x > 90)
		x = 180 - x;
	return sign * sine_quadrant(x);
}

static double cosine_degrees(double x)
{
	double sign = 1;

	x = fabs(fmod(x, 360));
	if (x > 180)
		x = 360 - x;
	if (x > 90) {
		x = 180 - x;
		sign = -1;
	}
	return sign * cosine_quadrant(x);
}

/* The angle of the first quadrant whose tangent is the same but for the sign, which is multiplied. */
static double to_first_quadrant(double x, double *sign)
{
	x = fmod(x, 360);
	if (x < 0) {
		x = -x;
		*sign = -*sign;
	}
	if (x > 180) {
		x = 360 - x;
		*sign = -*sign;
	}
	if (x > 90) {
		x = 180 - x;
		*sign = -*sign;
	}
	return x;
}

static double tangent_degrees(double x)
{
	double sign = 1;

	x = to_first_quadrant(x, &sign);
	double t = sine_quadrant(x) / cosine_quadrant(x) / (sine_quadrant(45) / cosine_quadrant(45));
	return t == 0 ? 0 : sign * t;
}

static double cotangent_degrees(double x)
{
	double sign = 1;

	x = to_first_quadrant(x, &sign);
	double t = cosine_quadrant(x) / sine_quadrant(x) / (cosine_quadrant(45) / sine_quadrant(45));
	return t == 0 ? 0 : sign * t;
}

enum { SIND, COSD, TAND, COTD };

static void call_degrees(sl_call *c)
{
	static double (*const calls[])(double) = {
		[SIND] = sine_degrees, [COSD] = cosine_degrees, [TAND] = tangent_degrees,
		[COTD] = cotangent_degrees
	};
	double x = amph__sl_real(c, 0);

	if (isinf(x))
		amph__sl_raise(c, "22003", "input is out of range");
	else
		amph__sl_result_real(c, calls[c->arg](x));
}

static double arc_sine_quadrant(double x)
{
	if (x <= 0.5)
		return asin(x) / asin(0.5) * 30;
	return 90 - acos(x) / acos(0.5) * 60;
}

static double arc_cosine_quadrant(double x)
{
	if (x <= 0.5)
		return 90 - asin(x) / asin(0.5) * 30;
	return acos(x) / acos(0.5) * 60;
}

enum { ASIND, ACOSD, ATAND };

static void arc_degrees(sl_call *c)
{
	double x = amph__sl_real(c, 0);

	if (c->arg == ATAND) {
		amph__sl_result_real(c, atan(x) / atan(1.0) * 45);
		return;
	}
	if (x < -1 || x > 1)
		amph__sl_raise(c, "22003", "input is out of range");
	else if (c->arg == ASIND)
		amph__sl_result_real(c, x >= 0 ? arc_sine_quadrant(x) : -arc_sine_quadrant(-x));
	else
		amph__sl_result_real(c, x >= 0 ? arc_cosine_quadrant(x)
					       : 90 + arc_sine_quadrant(-x));
}

static void arc_tangent_2_degrees(sl_call *c)
{
	amph__sl_result_real(c, atan2(amph__sl_real(c, 0), amph__sl_real(c, 1)) / atan(1.0) * 45);
}

/* The form that PostgreSQL sends: IEEE 754, the highest byte first. */
static void send(sl_call *c)
{
	double d = amph__sl_real(c, 0);
	float f = (float)d;
	uint64_t bits = 0;
	uint32_t small;
	uint8_t bytes[8];

	memcpy(&small, &f, sizeof(small));
	memcpy(&bits, &d, sizeof(bits));
	bits = c->arg == 4 ? small : bits;
	for (intptr_t i = 0; i < c->arg; i++)
		bytes[i] = (uint8_t)(bits >> (8 * (c->arg - 1 - i)));
	amph__sl_result_bytes(c, bytes, (size_t)c->arg);
}

static void width_bucket(sl_call *c)
{
	double x = amph__sl_real(c, 0), low = amph__sl_real(c, 1), high = amph__sl_real(c, 2);
	int64_t n = amph__sl_int(c, 3), bucket;

	if (isnan(x) || isnan(low) || isnan(high)) {
		amph__sl_raise(c, "2201G", "operand, lower bound, and upper bound cannot be NaN");
	} else if (n <= 0) {
		amph__sl_raise(c, "2201G", "count must be greater than zero");
	} else if (isinf(low) || isinf(high)) {
		amph__sl_raise(c, "2201G", "lower and upper bounds must be finite");
	} else if (low == high) {
		amph__sl_raise(c, "2201G", "lower bound cannot equal upper bound");
	} else {
		bool up = low < high;

		if (up ? x < low : x > low)
			bucket = 0;
		else if (up ? x >= high : x <= high)
			bucket = n + 1;
		else
			bucket = (int64_t)((double)n * ((x - low) / (high - low))) + 1;
		if (bucket > INT32_MAX)
			amph__sl_raise(c, "22003", "integer out of range");
		else
			amph__sl_result_int(c, bucket);
	}
}

static const sl_function rows[] = {
	{ "abs_float4", 1, 0, absolute, 4 },
	{ "abs_float8", 1, 0, absolute, 8 },
	{ "acos_float8", 1, 0, call_unary, ACOS },
	{ "acosd_float8", 1, 0, arc_degrees, ACOSD },
	{ "acosh_float8", 1, 0, call_unary, ACOSH },
	{ "asin_float8", 1, 0, call_unary, ASIN },
	{ "asind_float8", 1, 0, arc_degrees, ASIND },
	{ "asinh_float8", 1, 0, call_unary, ASINH },
	{ "atan2_float8_float8", 2, 0, arc_tangent_2, 8 },
	{ "atan2d_float8_float8", 2, 0, arc_tangent_2_degrees, 8 },
	{ "atan_float8", 1, 0, call_unary, ATAN },
	{ "atand_float8", 1, 0, arc_degrees, ATAND },
	{ "atanh_float8", 1, 0, call_unary, ATANH },
	{ "cbrt_float8", 1, 0, call_unary, CBRT },
	{ "ceil_float8", 1, 0, call_unary, CEIL },
	{ "cos_float8", 1, 0, call_unary, COS },
	{ "cosd_float8", 1, 0, call_degrees, COSD },
	{ "cosh_float8", 1, 0, call_unary, COSH },
	{ "cot_float8", 1, 0, call_unary, COT },
	{ "cotd_float8", 1, 0, call_degrees, COTD },
	{ "dcbrt", 1, 0, call_unary, CBRT },
	{ "degrees_float8", 1, 0, call_unary, DEGREES },
	{ "dpow", 2, 0, power, 8 },
	{ "dsqrt", 1, 0, square_root, 8 },
	{ "exp_float8", 1, 0, exponential, 8 },
	{ "float48div", 2, 0, divide, 8 },
	{ "float48mi", 2, 0, subtract, 8 },
	{ "float48mul", 2, 0, multiply, 8 },
	{ "float48pl", 2, 0, add, 8 },
	{ "float4abs", 1, 0, absolute, 4 },
	{ "float4div", 2, 0, divide, 4 },
	{ "float4mi", 2, 0, subtract, 4 },
	{ "float4mul", 2, 0, multiply, 4 },
	{ "float4pl", 2, 0, add, 4 },
	{ "float4send_float4", 1, 0, send, 4 },
	{ "float4um", 1, 0, negate, 4 },
	{ "float84div", 2, 0, divide, 8 },
	{ "float84mi", 2, 0, subtract, 8 },
	{ "float84mul", 2, 0, multiply, 8 },
	{ "float84pl", 2, 0, add, 8 },
	{ "float8abs", 1, 0, absolute, 8 },
	{ "float8div", 2, 0, divide, 8 },
	{ "float8mi", 2, 0, subtract, 8 },
	{ "float8mul", 2, 0, multiply, 8 },
	{ "float8pl", 2, 0, add, 8 },
	{ "float8send_float8", 1, 0, send, 8 },
	{ "float8um", 1, 0, negate, 8 },
	{ "floor_float8", 1, 0, call_unary, FLOOR },
	{ "ln_float8", 1, 0, logarithm, 0 },
	{ "log10_float8", 1, 0, logarithm, 1 },
	{ "log_float8", 1, 0, logarithm, 1 },
	{ "power_float8_float8", 2, 0, power, 8 },
	{ "radians_float8", 1, 0, call_unary, RADIANS },
	{ "round_float8", 1, 0, call_unary, ROUND },
	{ "sign_float8", 1, 0, call_unary, SIGN },
	{ "sin_float8", 1, 0, call_unary, SIN },
	{ "sind_float8", 1, 0, call_degrees, SIND },
	{ "sinh_float8", 1, 0, call_unary, SINH },
	{ "sqrt_float8", 1, 0, square_root, 8 },
	{ "tan_float8", 1, 0, call_unary, TAN },
	{ "tand_float8", 1, 0, call_degrees, TAND },
	{ "tanh_float8", 1, 0, call_unary, TANH },
	{ "trunc_float8", 1, 0, call_unary, TRUNC },
	{ "width_bucket_float8_float8_float8_int4", 4, 0, width_bucket, 0 }
};
const sl_functions amph__sl_real_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
