/* What the files of rows share: short names for kinds, types and flags, so that a row is a line.
 *
 *	{ name, impl, kind, number of arguments, { types of arguments }, type of result, flags },
 *
 * Facts of PostgreSQL 15's pg_operator, pg_proc and pg_aggregate; tests/pg/test_catalog.c compares
 * them with a server. Only for src/sql/catalog_*.c. */
#ifndef AMPH_SQL_CATALOG_ROWS_H
#define AMPH_SQL_CATALOG_ROWS_H
#include "catalog.h"

enum {
	OP = AMPH_CAT_OPERATOR, FN = AMPH_CAT_FUNCTION, AGG = AMPH_CAT_AGGREGATE,
	WIN = AMPH_CAT_WINDOW, SET = AMPH_CAT_SET
};
enum {
	BOO = AMPH_T_BOOL, I2 = AMPH_T_INT16, I4 = AMPH_T_INT32, I8 = AMPH_T_INT64,
	F4 = AMPH_T_FLOAT, F8 = AMPH_T_DOUBLE, NUM = AMPH_T_NUMERIC, TXT = AMPH_T_TEXT,
	BYT = AMPH_T_BYTES, UID = AMPH_T_UUID, JSO = AMPH_T_JSON, DAT = AMPH_T_DATE,
	TIM = AMPH_T_TIME, TST = AMPH_T_TIMESTAMP, TSZ = AMPH_T_TIMESTAMPTZ,
	IVL = AMPH_T_INTERVAL, VEC = AMPH_T_TSVECTOR, QRY = AMPH_T_TSQUERY, ANY = AMPH_T_ANY,
	ELT = AMPH_T_ANYELEMENT, ARR = AMPH_T_ANYARRAY, ENM = AMPH_T_ANYENUM,
	NAR = AMPH_T_ANYNONARRAY, CMP = AMPH_T_ANYCOMPATIBLE, CAR = AMPH_T_ANYCOMPATIBLEARRAY,
	CNA = AMPH_T_ANYCOMPATIBLENONARRAY, REC = AMPH_T_RECORD, CFG = AMPH_T_REGCONFIG,
	PTH = AMPH_T_JSONPATH, CLS = AMPH_T_REGCLASS, CHR = AMPH_T_CHAR, OJS = AMPH_T_OLD_JSON,
	BIT = AMPH_T_BIT
};
#define A(type) ((type) | AMPH_T_ARRAY)
enum {
	EQ = AMPH_CAT_COMPARES, ORD = AMPH_CAT_COMPARES | AMPH_CAT_ORDERS,
	SAFE = AMPH_CAT_NULL_SAFE, NUL = AMPH_CAT_NULLABLE, VAR = AMPH_CAT_VARIADIC,
	VOL = AMPH_CAT_VOLATILE, STB = AMPH_CAT_STABLE, GRP = AMPH_CAT_WITHIN_GROUP
};
#endif
