/* A dynamic query. Private to src/query. */
#ifndef AMPH_QUERY_DYNAMIC_H
#define AMPH_QUERY_DYNAMIC_H
#include "query.h"

/* Items in the query's arena, and one of zeros after them. */
typedef struct amph_query_list { void *items; size_t n, cap; } amph_query_list;

struct amph_query {
	amph_session *session;
	amph_arena arena;
	amph_error error;               /* the first failure; status AMPH_OK: none */
	amph_select select;             /* lists are put in before it is executed */
	amph_query_list where, having;  /* amph_node; all of them */
	amph_query_list order_by, group_by, only, defer;        /* amph_node */
	amph_query_list distinct_on;    /* amph_node */
	amph_query_list joins, load, fields, set, returning, ctes, combine;
};
struct amph_expr { amph_node n; };

/* Room for one more, zeroed; NULL and the query failed where memory is out. */
void *amph__query_push(amph_query *q, amph_query_list *list, size_t item_size);
/* A copy of the node at the end of a list. */
bool amph__query_push_node(amph_query *q, amph_query_list *list, const amph_node *node);
bool amph__query_failed(const amph_query *q);
/* Notes that memory was out; returns NULL. */
void *amph__query_nomem(amph_query *q);
const char *amph__query_text(amph_query *q, const char *text);
/* A copy of what another query asks for, in q; NULL and q failed where it has failed. */
const amph_select *amph__query_inner(amph_query *q, const amph_query *other);
/* Puts the lists into the select; false where the query has failed. */
bool amph__query_finish(amph_query *q);
#endif
