/* UUIDs. */
#include "type.h"

/* 32 digits in groups of four, hyphens between any of the groups, braces around all. */
static bool read_uuid(const char *text, size_t len, amph_uuid *out)
{
	if (len >= 2 && text[0] == '{' && text[len - 1] == '}') {
		text++;
		len -= 2;
	}
	const char *end = text + len;
	for (int i = 0; i < 16; i++) {
		if (i > 0 && i % 2 == 0 && text < end && *text == '-')
			text++;
		if (end - text < 2)
			return false;
		int high = amph__hex_of(text[0]), low = amph__hex_of(text[1]);
		if (high < 0 || low < 0)
			return false;
		out->byte[i] = (uint8_t)(high << 4 | low);
		text += 2;
	}
	return text == end;
}

bool amph__uuid_read(const char *text, size_t len, void *out, amph_arena *arena, amph_error *err)
{
	amph_uuid u;
	(void)arena;
	if (!read_uuid(text, len, &u))
		return amph__syntax_error(err, "22P02", "uuid", text, len);
	*(amph_uuid *)out = u;
	return true;
}

static void put_uuid(const amph_uuid *u, char *out)
{
	static const char hex[] = "0123456789abcdef";
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*out++ = '-';
		*out++ = hex[u->byte[i] >> 4];
		*out++ = hex[u->byte[i] & 15];
	}
}

void amph__uuid_write(const void *value, amph_buf *out)
{
	char text[36];
	put_uuid(value, text);
	amph__buf_add(out, text, sizeof(text));
}

int amph__uuid_order(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(amph_uuid));
}

bool amph_uuid_parse(const char *text, amph_uuid *out, amph_error *err)
{
	amph_uuid own;

	if (!text)
		return amph__error(err, "22004", "the text is NULL");
	return amph__uuid_read(text, strlen(text), out ? out : &own, NULL, err);
}

int amph_uuid_compare(amph_uuid a, amph_uuid b)
{
	return memcmp(&a, &b, sizeof(a));
}

size_t amph_uuid_format(amph_uuid u, char *buf, size_t size)
{
	char text[36];
	put_uuid(&u, text);
	return amph__copy_out(buf, size, text, sizeof(text));
}
