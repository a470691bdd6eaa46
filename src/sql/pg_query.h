/* libpg_query as this library sees it: of its private copy (see Makefile.inc) the few functions that
 * are called have names of ours, so that a program may link another copy beside it. */
#ifndef AMPH_SQL_PG_QUERY_H
#define AMPH_SQL_PG_QUERY_H
#ifdef AMPH_PRIVATE_PG_QUERY
#define pg_query_parse_protobuf amph__pg_query_parse_protobuf
#define pg_query_free_protobuf_parse_result amph__pg_query_free_protobuf_parse_result
#define pg_query_scan amph__pg_query_scan
#define pg_query_free_scan_result amph__pg_query_free_scan_result
#define pg_query__parse_result__unpack amph__pg_query__parse_result__unpack
#define pg_query__scan_result__unpack amph__pg_query__scan_result__unpack
#define pg_query__node__descriptor amph__pg_query__node__descriptor
#define protobuf_c_message_descriptor_get_field amph__protobuf_c_message_descriptor_get_field
#define protobuf_c_message_descriptor_get_field_by_name \
	amph__protobuf_c_message_descriptor_get_field_by_name
#endif
#include <pg_query.h>
#include <pg_query/pg_query.pb-c.h>
#endif
