/* Statements that PostgreSQL prepares and we refuse, or refuse before it would. */
#include "schema.h"

const resolve_case resolve_cases_own[] = {
	{ "SELECT nums[1], nums[1:2], tags[age], data['a'], data['a']['b'], data[0] FROM users",
	  "nums integer, nums integer[], tags text, data jsonb, data jsonb, data jsonb" },
	{ "INSERT INTO orders (user_id, total) VALUES (1, 2) ON CONFLICT (user_id) DO NOTHING",
	  "42P10" },
	{ "UPDATE orders o SET o.total = 1", "0A000" },
	{ "SELECT (id, age) FROM users", "row record" },
	{ "SELECT users FROM users", "0A000" },
	{ "SELECT count(users) FROM users", "count bigint" },
	{ "SELECT count(DISTINCT users) FROM users", "0A000" },
	{ "SELECT users.ctid FROM users", "0A000" },
	{ "SELECT * FROM pg_class", "0A000" },
	{ "SELECT current_user", "0A000" },
	{ "SELECT pg_typeof(1), pg_typeof(age) FROM users", "pg_typeof regtype, pg_typeof regtype" },
	{ "SELECT json_populate_record(NULL, 'a')", "0A000" },
	{ "SELECT * FROM unnest($1::int[], $2::text[])",
	  "unnest integer, unnest text $1 integer[] $2 text[]" },
	{ "SELECT sha256('a'), sha512('\\x00'), md5('a'), encode('\\x00', 'base64'), "
	  "decode('00', 'hex'), get_bit('\\x00', 1)",
	  "0A000" },
	{ "SELECT concat_ws(',', VARIADIC tags) FROM users", "concat_ws text" },
};
const size_t resolve_cases_own_count = sizeof(resolve_cases_own) / sizeof(resolve_cases_own[0]);
