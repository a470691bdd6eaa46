/* JSON in jsonb's normal form: order of members, text, and what a type of values needs. */
#include "json.h"
#include "type.h"

int amph__json_key_order(const amph_json_string *a, const amph_json_string *b)
{
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return memcmp(a->text, b->text, a->len);
}

static bool is_sorted(const amph_json_node *object)
{
	for (const amph_json_node *n = object->first; n != NULL && n->next != NULL; n = n->next) {
		if (amph__json_key_order(&n->key, &n->next->key) >= 0)
			return false;
	}
	return true;
}

/* Takes up to n nodes off the front of a list. */
static amph_json_node *take(amph_json_node **list, size_t n)
{
	amph_json_node *head = *list, *last = NULL;
	for (; n > 0 && *list != NULL; n--) {
		last = *list;
		*list = last->next;
	}
	if (last != NULL)
		last->next = NULL;
	return head;
}

static amph_json_node **merge(amph_json_node *a, amph_json_node *b, amph_json_node **to)
{
	while (a != NULL || b != NULL) {
		bool first = b == NULL ||
			     (a != NULL && amph__json_key_order(&a->key, &b->key) <= 0);
		amph_json_node **from = first ? &a : &b;
		*to = *from;
		*from = (*from)->next;
		to = &(*to)->next;
	}
	*to = NULL;
	return to;
}

/* Merges runs of 1, 2, 4 ... members: no memory, no recursion, equal keys keep their order. */
static void sort_members(amph_json_node *object)
{
	for (size_t width = 1; width < object->count; width *= 2) {
		amph_json_node *rest = object->first, **to = &object->first;
		while (rest != NULL) {
			amph_json_node *a = take(&rest, width);
			amph_json_node *b = take(&rest, width);
			to = merge(a, b, to);
		}
	}
}

void amph__json_sort(amph_json_node *object)
{
	if (is_sorted(object))
		return;
	sort_members(object);
	for (amph_json_node **at = &object->first; *at != NULL && (*at)->next != NULL; ) {
		if (amph__json_key_order(&(*at)->key, &(*at)->next->key) == 0) {
			*at = (*at)->next;
			object->count--;
		} else {
			at = &(*at)->next;
		}
	}
}

static void put_escaped(char c, amph_buf *out)
{
	static const char hex[] = "0123456789abcdef";
	static const char letters[' '] = { ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r',
					   ['\t'] = 't' };
	char text[6] = { '\\', c };
	size_t len = 2;
	if ((unsigned char)c < ' ' && letters[(unsigned char)c] != '\0') {
		text[1] = letters[(unsigned char)c];
	} else if ((unsigned char)c < ' ') {
		memcpy(text + 1, "u00", 3);
		text[4] = hex[(unsigned char)c >> 4];
		text[5] = hex[c & 15];
		len = 6;
	}
	amph__buf_add(out, text, len);
}

void amph__json_put_string(const amph_json_string *s, amph_buf *out)
{
	amph__buf_putc(out, '"');
	size_t from = 0;
	for (size_t i = 0; s->escaped && i < s->len; i++) {
		char c = s->text[i];
		if ((unsigned char)c >= ' ' && c != '"' && c != '\\')
			continue;
		amph__buf_add(out, s->text + from, i - from);
		put_escaped(c, out);
		from = i + 1;
	}
	amph__buf_add(out, s->text + from, s->len - from);
	amph__buf_putc(out, '"');
}

/* Opens a container, or writes the whole of a scalar. */
static void put_head(const amph_json_node *node, amph_buf *out)
{
	switch ((amph_json_kind)node->kind) {
	case AMPH_JSON_NULL:
		amph__buf_puts(out, "null");
		break;
	case AMPH_JSON_BOOL:
		amph__buf_puts(out, node->truth ? "true" : "false");
		break;
	case AMPH_JSON_NUMBER:
		amph__buf_add(out, node->value.text, node->value.len);
		break;
	case AMPH_JSON_STRING:
		amph__json_put_string(&node->value, out);
		break;
	case AMPH_JSON_ARRAY:
	case AMPH_JSON_OBJECT:
		amph__buf_putc(out, node->kind == AMPH_JSON_ARRAY ? '[' : '{');
		break;
	}
}

static const amph_json_node *put_member(const amph_json_node *node, amph_buf *out)
{
	if (node->parent->kind == AMPH_JSON_OBJECT) {
		amph__json_put_string(&node->key, out);
		amph__buf_add(out, ": ", 2);
	}
	put_head(node, out);
	return node;
}

void amph__json_put(const amph_json_node *root, amph_buf *out)
{
	const amph_json_node *node = root;
	put_head(root, out);
	while (!out->failed) {
		if (node->kind >= AMPH_JSON_ARRAY && node->first != NULL) {
			node = put_member(node->first, out);
			continue;
		}
		if (node->kind >= AMPH_JSON_ARRAY)
			amph__buf_putc(out, node->kind == AMPH_JSON_ARRAY ? ']' : '}');
		while (node != root && node->next == NULL) {
			node = node->parent;
			amph__buf_putc(out, node->kind == AMPH_JSON_ARRAY ? ']' : '}');
		}
		if (node == root)
			return;
		amph__buf_add(out, ", ", 2);
		node = put_member(node->next, out);
	}
}

bool amph__json_normalize(const char *text, size_t len, amph_buf *out, amph_error *err)
{
	amph_arena arena;
	if (amph__json_is_normal(text, len)) {
		amph__buf_add(out, text, len);
		return !out->failed || amph__error_nomem(err);
	}
	amph__arena_init(&arena, out->allocator);
	amph_json_node *root = amph__json_parse(text, len, &arena, err);
	if (root != NULL)
		amph__json_put(root, out);
	amph__arena_clear(&arena);
	if (root != NULL && out->failed)
		return amph__error_nomem(err);
	return root != NULL;
}

bool amph__json_read(const char *text, size_t len, void *out, amph_arena *arena, amph_error *err)
{
	amph_buf normal;
	amph__buf_init(&normal, arena->allocator);
	bool ok = amph__json_normalize(text, len, &normal, err);
	char *copy = ok ? amph__arena_text(arena, normal.text, normal.len) : NULL;
	amph__buf_clear(&normal);
	if (ok && copy == NULL)
		return amph__error_nomem(err);
	((amph_json *)out)->text = ok ? copy : ((amph_json *)out)->text;
	return ok;
}

/* What a program made is not in normal form yet; what is no JSON is written as it is. */
void amph__json_write(const void *value, amph_buf *out)
{
	const char *text = ((const amph_json *)value)->text;
	size_t start = out->len;
	if (amph__json_normalize(text, strlen(text), out, NULL) || out->failed)
		return;
	out->len = start;
	amph__buf_puts(out, text);
}

int amph__json_order(const void *a, const void *b)
{
	const char *x = ((const amph_json *)a)->text, *y = ((const amph_json *)b)->text;
	return amph__json_compare(x, strlen(x), y, strlen(y));
}

amph_json amph_json_text(const char *text)
{
	return (amph_json){ text };
}
