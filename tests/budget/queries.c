/* Two hundred queries in one file: how long they take to compile, and how long their text is after
 * preprocessing, is measured by compile-budget.test. */
#include "shop.h"

#define QUERIES(name)                                                                            \
	void name(amph_session *s);                                                              \
	void name(amph_session *s)

QUERIES(queries_0)
{
#include "queries.inc"
}

QUERIES(queries_1)
{
#include "queries.inc"
}

QUERIES(queries_2)
{
#include "queries.inc"
}

QUERIES(queries_3)
{
#include "queries.inc"
}

QUERIES(queries_4)
{
#include "queries.inc"
}

QUERIES(queries_5)
{
#include "queries.inc"
}

QUERIES(queries_6)
{
#include "queries.inc"
}

QUERIES(queries_7)
{
#include "queries.inc"
}

QUERIES(queries_8)
{
#include "queries.inc"
}

QUERIES(queries_9)
{
#include "queries.inc"
}

QUERIES(queries_10)
{
#include "queries.inc"
}

QUERIES(queries_11)
{
#include "queries.inc"
}

QUERIES(queries_12)
{
#include "queries.inc"
}

QUERIES(queries_13)
{
#include "queries.inc"
}

QUERIES(queries_14)
{
#include "queries.inc"
}

QUERIES(queries_15)
{
#include "queries.inc"
}

QUERIES(queries_16)
{
#include "queries.inc"
}

QUERIES(queries_17)
{
#include "queries.inc"
}

QUERIES(queries_18)
{
#include "queries.inc"
}

QUERIES(queries_19)
{
#include "queries.inc"
}
