/* Window functions. Sorted by name; what the columns mean: rows.h. */
#include "rows.h"

const amph_catalog_row amph__catalog_window[] = {
	{ "cume_dist", "cume_dist", WIN, 0, { 0 }, F8, SAFE },
	{ "dense_rank", "dense_rank", WIN, 0, { 0 }, I8, SAFE },
	{ "first_value", "first_value_anyelement", WIN, 1, { ELT }, ELT, SAFE | NUL },
	{ "lag", "lag_anycompatible_int4_anycompatible", WIN, 3, { CMP, I4, CMP }, CMP, SAFE | NUL },
	{ "lag", "lag_anyelement", WIN, 1, { ELT }, ELT, SAFE | NUL },
	{ "lag", "lag_anyelement_int4", WIN, 2, { ELT, I4 }, ELT, SAFE | NUL },
	{ "last_value", "last_value_anyelement", WIN, 1, { ELT }, ELT, SAFE | NUL },
	{ "lead", "lead_anycompatible_int4_anycompatible", WIN, 3, { CMP, I4, CMP }, CMP, SAFE | NUL },
	{ "lead", "lead_anyelement", WIN, 1, { ELT }, ELT, SAFE | NUL },
	{ "lead", "lead_anyelement_int4", WIN, 2, { ELT, I4 }, ELT, SAFE | NUL },
	{ "nth_value", "nth_value_anyelement_int4", WIN, 2, { ELT, I4 }, ELT, SAFE | NUL },
	{ "ntile", "ntile_int4", WIN, 1, { I4 }, I4, SAFE },
	{ "percent_rank", "percent_rank", WIN, 0, { 0 }, F8, SAFE },
	{ "rank", "rank", WIN, 0, { 0 }, I8, SAFE },
	{ "row_number", "row_number", WIN, 0, { 0 }, I8, SAFE },
};
const size_t amph__catalog_window_count =
	sizeof(amph__catalog_window) / sizeof(amph__catalog_window[0]);
