/* Text search: vectors and queries as values, in the memory of a call. They are stored as the text
 * that PostgreSQL prints. */
#ifndef AMPH_SQLITE_TEXTSEARCH_H
#define AMPH_SQLITE_TEXTSEARCH_H
#include "../functions.h"

enum {
	SL_TS_WORD_MAX = 2047,          /* bytes of a lexeme */
	SL_TS_TEXT_MAX = (1 << 20) - 1, /* bytes of all lexemes of a vector */
	SL_TS_POS_MAX = 16383,
	SL_TS_POSITIONS_MAX = 256,      /* of one lexeme */
	SL_TS_DISTANCE_MAX = 16384
};

/* A place in a document: the weight (3 is A, 0 is D) above 14 bits of position. */
typedef uint16_t sl_place;
static inline unsigned amph__sl_pos(sl_place p)
{
	return p & SL_TS_POS_MAX;
}
static inline unsigned amph__sl_weight(sl_place p)
{
	return p >> 14;
}
static inline sl_place amph__sl_place(unsigned pos, unsigned weight)
{
	return (sl_place)((pos > SL_TS_POS_MAX ? SL_TS_POS_MAX : pos) | weight << 14);
}

typedef struct sl_lexeme {
	const char *text;
	size_t len;
	sl_place *places;               /* by position; n_places 0: none are known */
	size_t n_places;
} sl_lexeme;
typedef struct sl_vector {
	sl_lexeme *items;               /* by text */
	size_t n, cap;
} sl_vector;

int amph__sl_word_compare(const char *a, size_t a_len, const char *b, size_t b_len);
bool amph__sl_vector_add(amph_arena *arena, sl_vector *v, const sl_lexeme *lexeme);
int amph__sl_vector_compare(const sl_vector *a, const sl_vector *b);
/* Sorts lexemes and their places, and brings what is the same together. */
void amph__sl_vector_settle(amph_arena *arena, sl_vector *v, size_t max_places);
bool amph__sl_vector_of(sl_call *c, const char *text, size_t len, sl_vector *out);
bool amph__sl_vector_arg(sl_call *c, int i, sl_vector *out);
void amph__sl_vector_result(sl_call *c, const sl_vector *v);

typedef enum sl_query_kind {
	SL_QUERY_WORD, SL_QUERY_STOP, SL_QUERY_NOT, SL_QUERY_AND, SL_QUERY_OR, SL_QUERY_PHRASE
} sl_query_kind;
typedef struct sl_query sl_query;
struct sl_query {
	sl_query_kind kind;
	sl_query *left, *right;         /* NOT has only right */
	const char *text;
	size_t len;
	unsigned distance;              /* of PHRASE */
	uint8_t weights;                /* of a word: 1 << weight for those that fit; 0: all */
	bool prefix;
};

/* NULL is the empty query. false: the error is raised. */
bool amph__sl_query_of(sl_call *c, const char *text, size_t len, sl_query **out);
bool amph__sl_query_arg(sl_call *c, int i, sl_query **out);
void amph__sl_query_format(const sl_query *q, amph_buf *b);
void amph__sl_query_result(sl_call *c, const sl_query *q);
sl_query *amph__sl_query_node(amph_arena *arena, sl_query_kind kind, sl_query *left, sl_query *right);
size_t amph__sl_query_count(const sl_query *q);
/* Without the words that search does not look for; distances say where they were. */
sl_query *amph__sl_query_clean(sl_query *q);
/* q without parts that no index can answer; NULL: any document may fit. */
sl_query *amph__sl_query_positive(sl_query *q);
int amph__sl_query_compare(const sl_query *a, const sl_query *b);
int amph__sl_query_order(const sl_query *a, const sl_query *b);        /* without their sizes */

/* A query in some notation; words go through push, which makes the node of a word. */
typedef struct sl_query_source {
	sl_call *c;
	const char *text, *at;
	sl_query *(*push)(struct sl_query_source *s, const char *word, size_t len, uint8_t weights,
			  bool prefix);
	void *config;
	sl_query_kind between;          /* what joins the words that one word becomes */
	unsigned depth;
	bool web, in_quotes, failed;
} sl_query_source;
bool amph__sl_query_read(sl_query_source *s, sl_query **out);

/* ---- words between quotes, with weights: what both notations share ---- */
typedef struct sl_word_reader {
	sl_call *c;
	const char *start, *at;         /* the whole text, for messages, and where it goes on */
	bool query;                     /* operators end a word; colons are not read */
	bool web;                       /* quotes and backslashes are text */
	const char *text;               /* of the word */
	size_t len;
	sl_place *places;
	size_t n_places;
	bool found;                     /* false: there is no word here */
} sl_word_reader;
/* false: the error is raised. */
bool amph__sl_word_read(sl_word_reader *r);

/* ---- matching ---- */
typedef struct sl_positions {
	unsigned *items;                /* ascending */
	size_t n;
	unsigned width;
	bool negated;                   /* everywhere but there */
} sl_positions;
typedef enum sl_found { SL_FOUND_NO, SL_FOUND_YES, SL_FOUND_MAYBE } sl_found;
/* Looks for a word; positions NULL: only whether it is there. */
typedef struct sl_matcher {
	amph_arena *arena;
	sl_found (*find)(struct sl_matcher *m, const sl_query *word, sl_positions *out);
	const void *data;
	bool skip_not;                  /* !x is taken for true */
} sl_matcher;
bool amph__sl_query_matches(sl_matcher *m, const sl_query *q);
sl_found amph__sl_vector_find(sl_matcher *m, const sl_query *word, sl_positions *out);

/* ---- documents: the default parser and the configurations ---- */
typedef enum sl_token {
	SL_TOKEN_NONE, SL_TOKEN_ASCIIWORD, SL_TOKEN_WORD, SL_TOKEN_NUMWORD, SL_TOKEN_EMAIL,
	SL_TOKEN_URL, SL_TOKEN_HOST, SL_TOKEN_SFLOAT, SL_TOKEN_VERSION, SL_TOKEN_HWORD_NUMPART,
	SL_TOKEN_HWORD_PART, SL_TOKEN_HWORD_ASCIIPART, SL_TOKEN_BLANK, SL_TOKEN_TAG,
	SL_TOKEN_PROTOCOL, SL_TOKEN_NUMHWORD, SL_TOKEN_ASCIIHWORD, SL_TOKEN_HWORD,
	SL_TOKEN_URL_PATH, SL_TOKEN_FILE, SL_TOKEN_FLOAT, SL_TOKEN_INT, SL_TOKEN_UINT,
	SL_TOKEN_ENTITY
} sl_token;
typedef struct sl_document sl_document;
sl_document *amph__sl_document(amph_arena *arena, const char *text, size_t len);
/* The next token; SL_TOKEN_NONE at the end. */
sl_token amph__sl_document_next(sl_document *d, const char **text, size_t *len);

typedef struct sl_config sl_config;
/* By name ("english", "pg_catalog.english"); NULL: the error is raised. */
const sl_config *amph__sl_config_named(sl_call *c, const char *name, size_t len);
/* Whether tokens of the type are looked for; of those, the lexeme in the arena, or NULL for a word
 * that is too common. */
bool amph__sl_config_takes(const sl_config *config, sl_token token);
bool amph__sl_config_lexeme(sl_call *c, const sl_config *config, sl_token token, const char *text,
			    size_t len, const char **out, size_t *out_len);
#endif
