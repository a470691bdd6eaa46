/* Plumbing of the macros in the other headers: optional trailing arguments, a macro applied to
 * each of a list. Nothing here is meant to be written by a program. */
#ifndef AMPHORA_MACRO_H
#define AMPHORA_MACRO_H

#define AMPH_FIRST_(a, ...) a
#define AMPH_CAT_(a, b) AMPH_CAT2_(a, b)
#define AMPH_CAT2_(a, b) a##b
#define AMPH_TEXT_OF_(...) #__VA_ARGS__
#define AMPH_65TH_(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17,   \
		   a18, a19, a20, a21, a22, a23, a24, a25, a26, a27, a28, a29, a30, a31, a32,    \
		   a33, a34, a35, a36, a37, a38, a39, a40, a41, a42, a43, a44, a45, a46, a47,    \
		   a48, a49, a50, a51, a52, a53, a54, a55, a56, a57, a58, a59, a60, a61, a62,    \
		   a63, a64, x, ...) x
/* ONE or MORE: lets a macro end in optional arguments without a trailing comma, as ISO C wants
 * it; up to 64 arguments. */
#define AMPH_MORE_(...) AMPH_65TH_(__VA_ARGS__, MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE,  \
	MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE,      \
	MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE,      \
	MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE,      \
	MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE, ONE, 0)
#define AMPH_COUNT_(...) AMPH_65TH_(__VA_ARGS__, 64, 63, 62, 61, 60, 59, 58, 57, 56, 55, 54,     \
	53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 35, 34, 33, 32,  \
	31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10,  \
	9, 8, 7, 6, 5, 4, 3, 2, 1, 0)

/* m(a) m(b) ...; up to 32 arguments */
#define AMPH_MAP_(m, ...) AMPH_CAT_(AMPH_CAT_(AMPH_MAP_, AMPH_COUNT_(__VA_ARGS__)), _)(m, __VA_ARGS__)
#define AMPH_MAP_1_(m, a) m(a)
#define AMPH_MAP_2_(m, a, ...) m(a) AMPH_MAP_1_(m, __VA_ARGS__)
#define AMPH_MAP_3_(m, a, ...) m(a) AMPH_MAP_2_(m, __VA_ARGS__)
#define AMPH_MAP_4_(m, a, ...) m(a) AMPH_MAP_3_(m, __VA_ARGS__)
#define AMPH_MAP_5_(m, a, ...) m(a) AMPH_MAP_4_(m, __VA_ARGS__)
#define AMPH_MAP_6_(m, a, ...) m(a) AMPH_MAP_5_(m, __VA_ARGS__)
#define AMPH_MAP_7_(m, a, ...) m(a) AMPH_MAP_6_(m, __VA_ARGS__)
#define AMPH_MAP_8_(m, a, ...) m(a) AMPH_MAP_7_(m, __VA_ARGS__)
#define AMPH_MAP_9_(m, a, ...) m(a) AMPH_MAP_8_(m, __VA_ARGS__)
#define AMPH_MAP_10_(m, a, ...) m(a) AMPH_MAP_9_(m, __VA_ARGS__)
#define AMPH_MAP_11_(m, a, ...) m(a) AMPH_MAP_10_(m, __VA_ARGS__)
#define AMPH_MAP_12_(m, a, ...) m(a) AMPH_MAP_11_(m, __VA_ARGS__)
#define AMPH_MAP_13_(m, a, ...) m(a) AMPH_MAP_12_(m, __VA_ARGS__)
#define AMPH_MAP_14_(m, a, ...) m(a) AMPH_MAP_13_(m, __VA_ARGS__)
#define AMPH_MAP_15_(m, a, ...) m(a) AMPH_MAP_14_(m, __VA_ARGS__)
#define AMPH_MAP_16_(m, a, ...) m(a) AMPH_MAP_15_(m, __VA_ARGS__)
#define AMPH_MAP_17_(m, a, ...) m(a) AMPH_MAP_16_(m, __VA_ARGS__)
#define AMPH_MAP_18_(m, a, ...) m(a) AMPH_MAP_17_(m, __VA_ARGS__)
#define AMPH_MAP_19_(m, a, ...) m(a) AMPH_MAP_18_(m, __VA_ARGS__)
#define AMPH_MAP_20_(m, a, ...) m(a) AMPH_MAP_19_(m, __VA_ARGS__)
#define AMPH_MAP_21_(m, a, ...) m(a) AMPH_MAP_20_(m, __VA_ARGS__)
#define AMPH_MAP_22_(m, a, ...) m(a) AMPH_MAP_21_(m, __VA_ARGS__)
#define AMPH_MAP_23_(m, a, ...) m(a) AMPH_MAP_22_(m, __VA_ARGS__)
#define AMPH_MAP_24_(m, a, ...) m(a) AMPH_MAP_23_(m, __VA_ARGS__)
#define AMPH_MAP_25_(m, a, ...) m(a) AMPH_MAP_24_(m, __VA_ARGS__)
#define AMPH_MAP_26_(m, a, ...) m(a) AMPH_MAP_25_(m, __VA_ARGS__)
#define AMPH_MAP_27_(m, a, ...) m(a) AMPH_MAP_26_(m, __VA_ARGS__)
#define AMPH_MAP_28_(m, a, ...) m(a) AMPH_MAP_27_(m, __VA_ARGS__)
#define AMPH_MAP_29_(m, a, ...) m(a) AMPH_MAP_28_(m, __VA_ARGS__)
#define AMPH_MAP_30_(m, a, ...) m(a) AMPH_MAP_29_(m, __VA_ARGS__)
#define AMPH_MAP_31_(m, a, ...) m(a) AMPH_MAP_30_(m, __VA_ARGS__)
#define AMPH_MAP_32_(m, a, ...) m(a) AMPH_MAP_31_(m, __VA_ARGS__)
/* Of what a program may declare and then use in some ways only. */
#ifdef __GNUC__
#define AMPH_MAYBE_UNUSED_ __attribute__((unused))
#else
#define AMPH_MAYBE_UNUSED_
#endif

#endif
