/* Connection URLs: scheme, the library's own options, what is left for the driver, and a form
 * without the password for messages. */
#include "../base/ascii.h"
#include "url.h"
#include "../base/buf.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum option_kind { OPTION_INT, OPTION_SIZE, OPTION_BOOL, OPTION_TEXT } option_kind;
typedef struct option {
	const char *key;
	option_kind kind;
	size_t offset;
	int min;
	int unit;               /* the value is multiplied by this: seconds to milliseconds */
} option;

#define AT(member) offsetof(amph_url_options, member)
static const option url_options[] = {
	{ "pool_size", OPTION_INT, AT(pool_size), 1, 1 },
	{ "max_overflow", OPTION_INT, AT(max_overflow), -1, 1 },
	{ "pool_timeout", OPTION_INT, AT(pool_timeout_ms), 0, 1000 },
	{ "pool_recycle", OPTION_INT, AT(pool_recycle_s), -1, 1 },
	{ "pool_pre_ping", OPTION_BOOL, AT(pool_pre_ping), 0, 1 },
	{ "max_statements", OPTION_SIZE, AT(max_statements), 1, 1 },
	{ "prepare", OPTION_BOOL, AT(driver.prepare), 0, 1 },
	{ "fast_paths", OPTION_BOOL, AT(driver.fast_paths), 0, 1 },
	{ "read_only", OPTION_BOOL, AT(driver.read_only), 0, 1 },
	{ "lock_timeout", OPTION_INT, AT(driver.lock_timeout_ms), 0, 1000 },
	{ "statement_timeout", OPTION_INT, AT(statement_timeout_ms), 0, 1000 },
	{ "connect_timeout", OPTION_INT, AT(driver.connect_timeout_ms), 0, 1000 },
	{ "schema", OPTION_TEXT, AT(driver.schema), 0, 1 },
};
#define N_OPTIONS (sizeof url_options / sizeof *url_options)

const char *amph__url_keys(void)
{
	return "pool_size, max_overflow, pool_timeout, pool_recycle, pool_pre_ping, "
	       "max_statements, prepare, fast_paths, read_only, lock_timeout, "
	       "statement_timeout, connect_timeout, schema";
}

#define BAD_PERCENT "a %% in the connection URL is not followed by two hexadecimal digits: write %%25"

/* The byte that the escape at text stands for; -1 for a bad one, or for %00. */
static int unescape(const char *text, size_t left)
{
	int high = left > 2 ? amph__hex_of(text[1]) : -1;
	int low = high < 0 ? -1 : amph__hex_of(text[2]);

	return low < 0 || high + low == 0 ? -1 : high * 16 + low;
}

static char *decode(amph_arena *arena, const char *text, size_t len, amph_error *err)
{
	char *out = amph__arena_text(arena, text, len), *to = out;

	if (!out) {
		amph__error_nomem(err);
		return NULL;
	}
	for (size_t i = 0; i < len; i++, to++) {
		int c = (unsigned char)text[i];

		if (c == '%') {
			c = unescape(text + i, len - i);
			if (c < 0) {
				amph__error(err, "HV00D", BAD_PERCENT);
				return NULL;
			}
			i += 2;
		}
		*to = (char)c;
	}
	*to = '\0';
	return out;
}

static bool parse_bool(const char *text, bool *out)
{
	static const char *const words[] = { "0", "1", "off", "on", "false", "true", "no", "yes" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (amph__ascii_same(text, words[i])) {
			*out = i & 1;
			return true;
		}
	}
	return false;
}

static bool parse_int(const char *text, const option *o, int *out)
{
	char *end;

	errno = 0;
	long n = strtol(text, &end, 10);
	if (errno || end == text || *end || n < o->min || n > INT_MAX / o->unit)
		return false;
	*out = n < 0 ? (int)n : (int)n * o->unit;
	return true;
}

static bool set_option(const option *o, const char *value, amph_url_options *options,
		       amph_error *err)
{
	void *at = (char *)options + o->offset;
	int n = 0;

	switch (o->kind) {
	case OPTION_INT:
	case OPTION_SIZE:
		if (!parse_int(value, o, &n))
			return amph__error(err, "HV00D", "option \"%s\" of the connection URL takes "
					   "a whole number from %d on", o->key, o->min);
		if (o->kind == OPTION_INT)
			*(int *)at = n;
		else
			*(size_t *)at = (size_t)n;
		return true;
	case OPTION_BOOL:
		if (!parse_bool(value, at))
			return amph__error(err, "HV00D", "option \"%s\" of the connection URL takes "
					   "on or off", o->key);
		return true;
	case OPTION_TEXT:
		*(const char **)at = value;
		return true;
	}
	return false;
}

static const option *find_option(const char *key)
{
	for (size_t i = 0; i < N_OPTIONS; i++)
		if (!strcmp(url_options[i].key, key))
			return &url_options[i];
	return NULL;
}

static bool driver_has_key(const amph_driver *driver, const char *key)
{
	if (!driver->url_keys)
		return !driver->knows_key || driver->knows_key(key);
	for (const char *const *k = driver->url_keys; *k; k++)
		if (!strcmp(*k, key))
			return true;
	return false;
}

enum { KEY_MOST = 24 };         /* longer ones are like no other */

/* How many characters to change, add or leave out make b of a; more than a few are many. */
static size_t distance(const char *a, const char *b)
{
	size_t row[KEY_MOST + 1], n = strlen(b);

	if (strlen(a) > KEY_MOST || n > KEY_MOST)
		return KEY_MOST;
	for (size_t k = 0; k <= n; k++)
		row[k] = k;
	for (size_t i = 0; a[i]; i++) {
		size_t corner = row[0]++;

		for (size_t k = 0; k < n; k++) {
			size_t least = corner + (a[i] != b[k]);

			corner = row[k + 1];
			if (corner + 1 < least)
				least = corner + 1;
			if (row[k] + 1 < least)
				least = row[k] + 1;
			row[k + 1] = least;
		}
	}
	return row[n];
}

typedef struct nearest {
	const char *key;
	size_t least;
	char known[KEY_MOST + 1];
} nearest;

static void note_near(void *ctx, const char *known)
{
	nearest *n = ctx;
	size_t d = distance(n->key, known);

	if (d < n->least && d < strlen(known)) {
		n->least = d;
		amph__copy_text(n->known, sizeof n->known, known);
	}
}

/* Behind a '?' that belongs to a password stands the rest of it, up to the '@'. */
static bool may_be_password(const char *query, const char *key)
{
	return strchr(query, '@') || strpbrk(key, "@/");
}

static bool bad_key(const char *what, amph_error *err)
{
	return amph__error(err, "HV00D", "%s in the connection URL; in a user or password write %%40 for @, "
			   "%%2F for /, %%3F for ?", what);
}

static bool unknown_key(const amph_driver *driver, const char *query, const char *key, amph_error *err)
{
	nearest near = { .key = key, .least = 4 };
	size_t at = 0;
	char known[64] = "";

	if (may_be_password(query, key))
		return bad_key("an unknown option", err);
	for (size_t i = 0; i < N_OPTIONS; i++)
		note_near(&near, url_options[i].key);
	for (const char *const *k = driver->url_keys; k && *k; k++) {
		int n = snprintf(known + at, sizeof known - at, ", %s", *k);

		at += n > 0 && (size_t)n < sizeof known - at ? (size_t)n : 0;
		note_near(&near, *k);
	}
	if (driver->each_key)
		driver->each_key(note_near, &near);
	if (*near.known)
		return amph__error(err, "HV00D", "unknown option \"%.24s\" in the URL, is it %s? known: %s",
				   key, near.known, amph__url_keys());
	return amph__error(err, "HV00D", "unknown option \"%.24s\" in the URL; known: %s%s%s", key,
			   amph__url_keys(), known, driver->url_keys ? "" : ", and the server's");
}

/* Splits the query: own options are set, the others go to rest (with their '?' or '&') and to
 * the address's params. */
static bool parse_query(amph_arena *arena, const amph_driver *driver, const char *query,
			amph_address *address, amph_url_options *options, amph_buf *rest,
			amph_error *err)
{
	size_t n = 1;

	for (const char *p = query; *p; p++)
		n += *p == '&';
	amph_address_param *params = AMPH_NEWS(arena, amph_address_param, n);
	if (!params)
		return amph__error_nomem(err);
	address->params = params;
	for (const char *p = query, *next; *p; p = *next ? next + 1 : next) {
		next = strchrnul(p, '&');
		const char *eq = memchr(p, '=', (size_t)(next - p));
		const char *key = decode(arena, p, (size_t)((eq ? eq : next) - p), err);
		const char *value = eq ? decode(arena, eq + 1, (size_t)(next - eq - 1), err) : "";

		if (!key || !value)
			return false;
		if (!*key)
			continue;
		const option *o = find_option(key);
		if (o) {
			if (!set_option(o, value, options, err))
				return false;
			continue;
		}
		if (!eq && !driver->url_keys && may_be_password(query, key))
			return bad_key("an option without a value", err);
		if (!eq && !driver->url_keys)
			return amph__error(err, "HV00D", "the option \"%.24s\" in the connection URL has no "
					   "value: write %.24s=...", key, key);
		if (!driver_has_key(driver, key))
			return unknown_key(driver, query, key, err);
		params[address->n_params++] = (amph_address_param){ key, value };
		amph__buf_putc(rest, rest->len ? '&' : '?');
		amph__buf_add(rest, p, (size_t)(next - p));
	}
	return rest->failed ? amph__error_nomem(err) : true;
}

static bool is_secret(const char *key, size_t len)
{
	static const char *const secrets[] = { "password", "sslpassword", "passfile" };

	for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
		if (strlen(secrets[i]) == len && amph__ascii_begins(key, secrets[i], len))
			return true;
	return false;
}

/* The URL with *** for the password of the authority and for secret query parameters. */
static const char *display_of(amph_arena *arena, const char *base, size_t base_len,
			      const char *rest)
{
	const char *authority = memmem(base, base_len, "://", 3), *end = base + base_len;
	const char *at = NULL, *colon = NULL;

	authority = authority ? authority + 3 : end;
	const char *slash = memchr(authority, '/', (size_t)(end - authority));
	const char *authority_end = slash ? slash : end;
	/* an unescaped '/' in a password ends the authority early; a later '@' tells */
	const char *late = memrchr(authority, '@', (size_t)(end - authority));
	if (late && late > authority_end)
		authority_end = late + 1;
	at = memrchr(authority, '@', (size_t)(authority_end - authority));
	colon = at ? memchr(authority, ':', (size_t)(at - authority)) : NULL;

	amph_buf b;
	amph__buf_init(&b, arena->allocator);
	amph__buf_add(&b, base, (size_t)((colon ? colon + 1 : end) - base));
	if (colon) {
		amph__buf_puts(&b, "***");
		amph__buf_add(&b, at, (size_t)(end - at));
	}
	for (const char *p = rest, *next; *p; p = next) {
		next = p + 1 + strcspn(p + 1, "&");
		const char *eq = memchr(p, '=', (size_t)(next - p));

		if (eq && is_secret(p + 1, (size_t)(eq - p - 1))) {
			amph__buf_add(&b, p, (size_t)(eq + 1 - p));
			amph__buf_puts(&b, "***");
		} else {
			amph__buf_add(&b, p, (size_t)(next - p));
		}
	}
	const char *out = b.failed ? NULL : amph__arena_text(arena, b.text ? b.text : "", b.len);
	amph__buf_clear(&b);
	return out;
}

static const amph_driver *find_driver(const char *url, const amph_driver *const *drivers,
				      size_t *scheme_len, amph_error *err)
{
	const char *colon = strchr(url, ':');
	size_t len = colon ? (size_t)(colon - url) : 0;
	/* "postgresql+libpq://" names the client library, as other tools' URLs do */
	const char *plus = memchr(url, '+', len);
	size_t base = plus ? (size_t)(plus - url) : len;
	char known[160] = "";
	size_t at = 0;

	*scheme_len = len;
	for (const amph_driver *const *d = drivers; *d; d++) {
		for (const char *const *s = (*d)->schemes; *s; s++) {
			if (len && strlen(*s) == base && amph__ascii_begins(url, *s, base))
				return *d;
			int n = snprintf(known + at, sizeof known - at, "%s%s", at ? ", " : "", *s);
			at += n > 0 && (size_t)n < sizeof known - at ? (size_t)n : 0;
		}
	}
	if (len && len < 20)
		amph__error(err, "HV00D", "no backend for the URL scheme \"%.*s\"; known are: %s",
			    (int)len, url, known);
	else
		amph__error(err, "HV00D", "the connection URL has no scheme; known are: %s", known);
	return NULL;
}

/* What stands after "sqlite:": ":memory:", "//", "///:memory:", "///relative", "////absolute". */
static bool file_path(amph_arena *arena, const char *text, size_t len, amph_address *address,
		      amph_error *err)
{
	bool slashes = len >= 2 && !strncmp(text, "//", 2);
	const char *host_end = slashes ? memchr(text + 2, '/', len - 2) : NULL;

	if (slashes && host_end && host_end != text + 2)
		return amph__error(err, "HV00D", "a file URL has no host: write sqlite:///relative "
				   "or sqlite:////absolute");
	if (slashes && !host_end && len > 2)
		return amph__error(err, "HV00D", "a file URL has three slashes, or four for an "
				   "absolute path");
	const char *path = slashes ? (host_end ? host_end + 1 : text + len) : text;
	char *decoded = decode(arena, path, len - (size_t)(path - text), err);
	if (!decoded)
		return false;
	if (!slashes && *decoded && strcmp(decoded, ":memory:"))
		return amph__error(err, "HV00D", "a database in memory is sqlite::memory:, a file "
				   "sqlite:///relative or sqlite:////absolute");
	address->path = *decoded && strcmp(decoded, ":memory:") ? decoded : NULL;
	return true;
}

/* Ports of host:port, [address]:port and lists of them. */
static bool has_good_ports(const char *p, const char *end)
{
	while (p < end) {
		const char *close = *p == '[' ? memchr(p, ']', (size_t)(end - p)) : p;

		if (!close)
			return false;
		p = close + strcspn(close, ":,");
		if (p < end && *p == ':')
			p += 1 + strspn(p + 1, "0123456789");
		if (p < end && *p != ',')
			return false;
		p++;
	}
	return true;
}

/* Of //user:password@hosts/database?options; what is said of it quotes nothing. A password may hold
 * '?', ':' and '#' as they are, but neither '@' nor '/'. */
static bool check_server(const char *base, size_t base_len, amph_error *err)
{
	const char *end = base + base_len, *start = base + 2, *at, *hosts, *slash;

	if (base_len < 2 || strncmp(base, "//", 2))
		return amph__error(err, "HV00D", "malformed connection URL: write postgresql://user:password@"
				   "host:port/database");
	for (const char *p = base; p < end; p++)
		if (*p == '%' && unescape(p, (size_t)(end - p)) < 0)
			return amph__error(err, "HV00D", BAD_PERCENT);
	at = start + strcspn(start, "@/");
	hosts = *at == '@' ? at + 1 : start;
	end = hosts + strcspn(hosts, "?");
	slash = hosts + strcspn(hosts, "/?");
	if (!has_good_ports(hosts, slash) || memchr(hosts, '@', (size_t)(slash - hosts)) ||
	    (*at != '@' && slash < end && memchr(hosts, ':', (size_t)(slash - hosts)) &&
	     memchr(slash, '@', (size_t)(end - slash))))
		return amph__error(err, "HV00D", "malformed connection URL: the host or port cannot be told; "
				   "in a user or password write %%40 for @, %%2F for /, %%25 for %%");
	return true;
}

/* Up to the '?' of the options; a password may hold one of its own. */
static size_t base_of(const char *url, size_t scheme_len, const amph_driver *driver)
{
	const char *start = url + scheme_len + 1;

	if (!driver->url_keys && !strncmp(start, "//", 2) && start[2 + strcspn(start + 2, "@/")] == '@')
		start = strchr(start, '@');
	return (size_t)(start - url) + strcspn(start, "?");
}

const amph_driver *amph__url_parse(amph_arena *arena, const char *url,
				   const amph_driver *const *drivers, amph_address *address,
				   amph_url_options *options, amph_error *err)
{
	size_t scheme_len;
	const amph_driver *driver = NULL;
	amph_buf rest;

	*address = (amph_address){ 0 };
	if (!url || !*url) {
		amph__error(err, "HV00D", "no connection URL was given; sqlite::memory: is the least");
		return NULL;
	}
	driver = find_driver(url, drivers, &scheme_len, err);
	if (!driver)
		return NULL;
	amph__buf_init(&rest, arena->allocator);
	size_t base_len = base_of(url, scheme_len, driver);
	const char *scheme = driver->schemes[0];
	/* first, for what stands in it by mistake may be a password */
	bool ok = driver->url_keys ||
		  check_server(url + scheme_len + 1, base_len - scheme_len - 1, err);
	ok = ok && parse_query(arena, driver, url[base_len] ? url + base_len + 1 : "", address,
			       options, &rest, err);
	if (ok && driver->url_keys)
		ok = file_path(arena, url + scheme_len + 1, base_len - scheme_len - 1, address, err);
	if (ok) {
		address->scheme = scheme;
		address->display = display_of(arena, url, base_len, amph__buf_text(&rest));
		address->url = amph__arena_printf(arena, "%s%.*s%s", scheme,
						  (int)(base_len - scheme_len), url + scheme_len,
						  amph__buf_text(&rest));
		if (!address->url || !address->display)
			ok = amph__error_nomem(err);
	}
	amph__buf_clear(&rest);
	return ok ? driver : NULL;
}
