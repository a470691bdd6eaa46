/* Connection URLs. */
#include "../../../src/driver/url.h"
#include "../../support/fake_driver.h"
#include "../../support/suite.h"
#include <string.h>

static const char *const pg_schemes[] = { "postgresql", "postgres", NULL };
static const char *const sl_schemes[] = { "sqlite", NULL };
static const char *const sl_keys[] = { "mode", NULL };
static const char *const server_keys[] = { "sslmode", "application_name", "host" };
static bool knows(const char *key)
{
	return !strcmp(key, server_keys[0]) || !strcmp(key, server_keys[1]) || !strcmp(key, server_keys[2]);
}

static void each(void (*fn)(void *ctx, const char *key), void *ctx)
{
	for (int i = 0; i < 3; i++) {
		char copy[24];

		amph__copy_text(copy, sizeof copy, server_keys[i]);
		fn(ctx, copy);
		memset(copy, 'x', sizeof copy);
	}
}

static const amph_driver pg = { .name = "postgresql", .schemes = pg_schemes };
static const amph_driver sl = { .name = "sqlite", .schemes = sl_schemes, .url_keys = sl_keys };
static const char *const strict_schemes[] = { "strict", NULL };
static const amph_driver strict = { .name = "strict", .schemes = strict_schemes, .knows_key = knows,
				    .each_key = each };
static const amph_driver *const drivers[] = { &pg, &sl, &strict, NULL };

static amph_arena arena;
static amph_address address;
static amph_url_options options;
static amph_error err;

static void set_up(void)
{
	extern const amph_allocator amph__libc_allocator;

	amph__arena_init(&arena, &amph__libc_allocator);
	options = (amph_url_options){ 0 };
}

static void tear_down(void)
{
	amph__arena_clear(&arena);
}

static const amph_driver *parse(const char *url)
{
	return amph__url_parse(&arena, url, drivers, &address, &options, &err);
}

START_TEST(files)
{
	static const struct { const char *url, *path; } cases[] = {
		{ "sqlite::memory:", NULL }, { "sqlite:", NULL }, { "sqlite://", NULL },
		{ "sqlite:///:memory:", NULL }, { "sqlite:///shop.db", "shop.db" },
		{ "sqlite:///a/b.db", "a/b.db" }, { "sqlite:////var/shop.db", "/var/shop.db" },
		{ "sqlite:///a%20b%3f.db", "a b?.db" }, { "sqlite:////x.db?pool_size=3", "/x.db" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_msg(parse(cases[i].url) == &sl, "%s: %s", cases[i].url, err.message);
		ck_assert_pstr_eq(address.path, cases[i].path);
	}
}
END_TEST

START_TEST(bad_files)
{
	static const char *const urls[] = { "sqlite://host/x.db", "sqlite://x.db", "sqlite:///a%zz",
					    "sqlite:///a%00b", "sqlite:///a%2" };

	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		ck_assert_msg(!parse(urls[i]), "%s", urls[i]);
		ck_assert_str_eq(err.sqlstate, "HV00D");
	}
}
END_TEST

START_TEST(own_options_are_taken_out)
{
	ck_assert_ptr_eq(parse("postgres://u@h1:1,h2:2/db?sslmode=require&pool_size=7&pool_pre_ping=on"
			       "&application_name=a%26b&pool_timeout=2&prepare=off"), &pg);
	ck_assert_str_eq(address.url, "postgresql://u@h1:1,h2:2/db?sslmode=require&application_name=a%26b");
	ck_assert_int_eq(options.pool_size, 7);
	ck_assert(options.pool_pre_ping);
	ck_assert_int_eq(options.pool_timeout_ms, 2000);
	ck_assert(!options.driver.prepare);
	ck_assert_uint_eq(address.n_params, 2);
	ck_assert_str_eq(address.params[1].value, "a&b");
}
END_TEST

START_TEST(a_client_librarys_name_is_allowed)
{
	ck_assert_ptr_eq(parse("postgresql+libpq://h/d"), &pg);
	ck_assert_str_eq(address.url, "postgresql://h/d");
}
END_TEST

START_TEST(the_display_has_no_password)
{
	static const struct { const char *url, *display; } cases[] = {
		{ "postgresql://u:pw@h/d", "postgresql://u:***@h/d" },
		{ "postgresql://u:p:w@h/d", "postgresql://u:***@h/d" },
		{ "postgresql://u:p?w@h/d", "postgresql://u:***@h/d" },
		{ "postgresql://u@h/d", "postgresql://u@h/d" },
		{ "postgresql://[::1]:5/d", "postgresql://[::1]:5/d" },
		{ "postgresql:///d?host=/tmp&password=pw", "postgresql:///d?host=/tmp&password=***" },
		{ "postgresql:///d?Password=pw&x=1", "postgresql:///d?Password=***&x=1" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_msg(parse(cases[i].url) != NULL, "%s: %s", cases[i].url, err.message);
		ck_assert_str_eq(address.display, cases[i].display);
	}
}
END_TEST

START_TEST(unknown_things_name_the_known)
{
	ck_assert_ptr_null(parse("mysql://h/d"));
	ck_assert_ptr_nonnull(strstr(err.message, "postgresql, postgres, sqlite"));
	ck_assert_ptr_null(parse("sqlite:///x?nosuch=1"));
	ck_assert_ptr_nonnull(strstr(err.message, "\"nosuch\""));
	ck_assert_ptr_nonnull(strstr(err.message, "pool_size"));
	ck_assert_ptr_nonnull(parse("sqlite:///x?mode=1"));
	ck_assert_ptr_null(parse("nothing"));
	ck_assert_ptr_null(parse(""));
	ck_assert_ptr_null(parse(NULL));
	ck_assert_ptr_null(parse("sqlite:///x?pool_size=0"));
	ck_assert_ptr_null(parse("sqlite:///x?pool_size=99999999999"));
	ck_assert_ptr_null(parse("sqlite:///x?pool_pre_ping=maybe"));
	ck_assert_ptr_null(parse("sqlite:///x?pool_size"));
}
END_TEST

/* What an URL of a server must look like, said without a word of it: what is not escaped may be a
 * password. */
START_TEST(servers_are_told_from_their_secrets)
{
	static const char *const good[] = {
		"postgresql://", "postgresql:///d", "postgresql://h", "postgresql://h:/d",
		"postgresql://u@/d", "postgresql://u:a:b?c#d@h/d",
		"postgresql://a:1,b:2,[::1]:3/d?x=%40", "postgresql://h/d@e",
		"postgresql://%2Ftmp/d", "postgresql://u:p@h:1/d@e", "postgresql://[fe80::1%25eth0]/d",
	};
	static const struct { const char *url, *says; } bad[] = {
		{ "postgresql:/u:s3cret@h/d", "user:password@host" },
		{ "postgresql:u:s3cret@h/d", "user:password@host" },
		{ "postgresql://u:a@s3cret@h/d", "%40" }, { "postgresql://u:s3cret/x@h/d", "%40" },
		{ "postgresql://u:1/s3cret@h/d", "%40" }, { "postgresql://u:s3cret@h:x/d", "%40" },
		{ "postgresql://u:s3cret@[::1/d", "%40" }, { "postgresql://u:s3cret%zz@h/d", "%25" },
		{ "postgresql://u:s3cret%@h/d", "%25" }, { "postgresql://u:s3cret%00@h/d", "%25" },
		{ "postgresql://u:s3cret@h/d?sslmode", "sslmode=" },
		{ "postgresql://u:ab?s3cret/x@h/d", "%40" }, { "strict://u:12?s3cret/x@h", "%3F" },
		{ "strict://u:12?s3cret=/x@h", "%3F" }, { "strict://u:12?sslmode=a&s3cret=1/x@h", "%3F" },
		{ "strict://h/d?s3cret%40=x", "%3F" }, { "strict://h/d?s3cret/x=1", "%3F" },
		{ "postgresql://u:12?s3cret/x@h", "%3F" },
	};

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		ck_assert_msg(parse(good[i]) != NULL, "%s: %s", good[i], err.message);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_msg(parse(bad[i].url) == NULL, "%s", bad[i].url);
		ck_assert_str_eq(err.sqlstate, "HV00D");
		ck_assert_msg(strstr(err.message, bad[i].says) != NULL, "%s", err.message);
		ck_assert_msg(!strstr(err.message, "s3cret"), "%s", err.message);
	}
}
END_TEST

START_TEST(a_key_that_is_near_is_named)
{
	ck_assert_ptr_null(parse("sqlite:///x?pool_sise=1"));
	ck_assert_ptr_nonnull(strstr(err.message, "is it pool_size?"));
	ck_assert_ptr_null(parse("sqlite:///x?poolrecycle=1"));
	ck_assert_ptr_nonnull(strstr(err.message, "is it pool_recycle?"));
	ck_assert_ptr_null(parse("sqlite:///x?something_else_of_a_great_length_indeed=1"));
	ck_assert_ptr_null(strstr(err.message, "is it"));
	ck_assert_ptr_nonnull(strstr(err.message, "mode"));
	ck_assert_ptr_null(parse("strict://h/d?ssl_mode=require"));
	ck_assert_ptr_nonnull(strstr(err.message, "\"ssl_mode\" in the URL, is it sslmode?"));
	ck_assert_ptr_null(parse("strict://h/d?aplication_name=x"));
	ck_assert_ptr_nonnull(strstr(err.message, "is it application_name?"));
	ck_assert_ptr_null(parse("strict://h/d?pool_sise=1"));
	ck_assert_ptr_nonnull(strstr(err.message, "is it pool_size?"));
	ck_assert_ptr_null(parse("strict://h/d?q=1"));
	ck_assert_ptr_null(strstr(err.message, "is it"));
}
END_TEST

SUITE_MAIN_WITH("url", set_up, tear_down, files, bad_files, own_options_are_taken_out,
		a_client_librarys_name_is_allowed, the_display_has_no_password,
		unknown_things_name_the_known, servers_are_told_from_their_secrets,
		a_key_that_is_near_is_named)
