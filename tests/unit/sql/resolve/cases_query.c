/* Statements and what PostgreSQL 15 makes of them: names and types of columns and parameters, or the
 * SQLSTATE. tests/pg/test_resolve.c compares the answers with a server.
 * Whole queries. */
#include "schema.h"

const resolve_case resolve_cases_query[] = {
	{ "SELECT sum(1), sum(1.5), sum('1'), avg(1)", "42725" },
	{ "SELECT sum(NULL)", "42725" },
	{ "SELECT max('a'), max(NULL)", "max text, max text" },
	{ "SELECT array_agg(NULL)", "42725" },
	{ "SELECT lag(note, 1, username) OVER (ORDER BY id), lag(age, 1, 2.5) OVER (ORDER BY "
	  "id) FROM users",
	  "lag text, lag numeric" },
	{ "SELECT nth_value(age, 2) OVER (), cume_dist() OVER (), dense_rank() OVER () FROM "
	  "users",
	  "nth_value integer, cume_dist double precision, dense_rank bigint" },
	{ "SELECT id FROM users u WHERE u.id IN (SELECT o.user_id FROM orders o WHERE o.total "
	  "> u.age)",
	  "id bigint" },
	{ "SELECT o.id FROM orders o WHERE NOT EXISTS (SELECT FROM users u WHERE u.id = "
	  "o.user_id)",
	  "id bigint" },
	{ "SELECT u.username, sum(o.total) AS t FROM users u JOIN orders o ON o.user_id = u.id "
	  "GROUP BY u.username HAVING sum(o.total) > 10 ORDER BY t DESC",
	  "username character varying, t numeric" },
	{ "SELECT u.username, sum(o.total) AS t FROM users u JOIN orders o ON o.user_id = u.id "
	  "GROUP BY u.username HAVING t > 10",
	  "42703" },
	{ "SELECT date_trunc('day', created) AS d, count(*) FROM users GROUP BY d ORDER BY d",
	  "d timestamp with time zone, count bigint" },
	{ "SELECT date_trunc('day', created) AS d, count(*) FROM users GROUP BY "
	  "date_trunc('day', created)",
	  "d timestamp with time zone, count bigint" },
	{ "SELECT date_trunc('day', created) AS d, count(*) FROM users GROUP BY "
	  "date_trunc('month', created)",
	  "42803" },
	{ "SELECT upper(username) FROM users GROUP BY username", "upper text" },
	{ "SELECT upper(username), note FROM users GROUP BY username", "42803" },
	{ "SELECT username FROM users GROUP BY upper(username)", "42803" },
	{ "SELECT CASE WHEN age > 5 THEN 'old' ELSE 'young' END AS k, count(*) FROM users "
	  "GROUP BY k",
	  "k text, count bigint" },
	{ "SELECT DISTINCT username, age FROM users ORDER BY username, age DESC",
	  "username character varying, age integer" },
	{ "SELECT DISTINCT lower(username) FROM users ORDER BY username", "42P10" },
	{ "SELECT DISTINCT ON (lower(username)) * FROM users ORDER BY lower(username), id",
	  "id bigint, username character varying, email character varying, age integer, score "
	  "double precision, balance numeric, active boolean, created timestamp with time "
	  "zone, born date, data jsonb, tags text[], key uuid, mood mood, note text, bin "
	  "bytea, small smallint, ratio real, wake time without time zone, span interval, at "
	  "timestamp without time zone, doc tsvector, nums integer[]" },
	{ "SELECT a.id, b.id FROM users a, users b WHERE a.id < b.id", "id bigint, id bigint" },
	{ "SELECT a.id FROM users a CROSS JOIN orders b", "id bigint" },
	{ "SELECT * FROM log a LEFT JOIN log b ON a.id = b.id LEFT JOIN log c ON b.id = c.id",
	  "id integer, entry text, word character varying, id integer, entry text, word "
	  "character varying, id integer, entry text, word character varying" },
	{ "SELECT x.id FROM (log a JOIN log x USING (id)) JOIN log y ON y.id = x.id",
	  "id integer" },
	{ "SELECT id FROM log a JOIN log b USING (id) JOIN log c USING (id)", "id integer" },
	{ "SELECT id FROM log a JOIN log b ON a.id = b.id JOIN log c USING (id)", "42702" },
	{ "SELECT a.* FROM log a NATURAL LEFT JOIN items",
	  "id integer, entry text, word character varying" },
	{ "SELECT entry FROM log a JOIN log b USING (id)", "42702" },
	{ "SELECT id + 1 AS id FROM users ORDER BY id", "id bigint" },
	{ "SELECT id + 1 AS id FROM users ORDER BY users.id", "id bigint" },
	{ "SELECT t.* FROM (SELECT id, username FROM users) t WHERE t.id > 1",
	  "id bigint, username character varying" },
	{ "SELECT t.nope FROM (SELECT id FROM users) t", "42703" },
	{ "SELECT (SELECT t.id FROM (SELECT users.id) t) FROM users", "id bigint" },
	{ "SELECT id FROM users WHERE id = (SELECT max(id) FROM users)", "id bigint" },
	{ "SELECT id FROM users WHERE (SELECT count(*) FROM orders WHERE user_id = users.id) > "
	  "3",
	  "id bigint" },
	{ "SELECT max((SELECT count(*) FROM orders WHERE user_id = users.id)) FROM users",
	  "max bigint" },
	{ "SELECT (SELECT u.age + o.total FROM orders o LIMIT 1) FROM users u",
	  "?column? numeric" },
	{ "SELECT sum(o.total) FILTER (WHERE o.status = 'x'), count(*) FILTER (WHERE o.total > "
	  "5) FROM orders o",
	  "sum numeric, count bigint" },
	{ "SELECT avg(total)::numeric(10,2) AS m, round(avg(total), 2) FROM orders",
	  "m numeric, round numeric" },
	{ "SELECT total::text || ' EUR', total * 1.2, total / 3, total + id FROM orders",
	  "?column? text, ?column? numeric, ?column? numeric, ?column? numeric" },
	{ "SELECT total BETWEEN 1 AND 10, status IN ('a', 'b'), status = 'a', status || 'x', "
	  "upper(status) FROM orders",
	  "?column? boolean, ?column? boolean, ?column? boolean, ?column? text, upper text" },
	{ "SELECT status = NULL, status IS NULL, coalesce(status, '') FROM orders",
	  "?column? boolean, ?column? boolean, coalesce character varying" },
	{ "SELECT placed::date, placed::date - '2020-01-01'::date, extract(day from "
	  "placed)::int, placed > now() - interval '7 days' FROM orders",
	  "placed date, ?column? integer, extract integer, ?column? boolean" },
	{ "SELECT to_char(placed, 'YYYY-MM') AS m, sum(total) FROM orders GROUP BY 1 ORDER BY 1",
	  "m text, sum numeric" },
	{ "SELECT jsonb_agg(jsonb_build_object('id', id, 'n', username) ORDER BY id) FROM users",
	  "jsonb_agg jsonb" },
	{ "SELECT data #>> '{a,b}' = 'x', (data->>'n')::int > 5, data->'a'->'b', "
	  "data->'a'->>'b' FROM users",
	  "?column? boolean, ?column? boolean, ?column? jsonb, ?column? text" },
	{ "SELECT e.key, e.value FROM users u, jsonb_each(u.data) e", "key text, value jsonb" },
	{ "SELECT u.id, e FROM users u, jsonb_array_elements_text(u.data) e",
	  "id bigint, e text" },
	{ "SELECT t.tag, count(*) FROM users u, unnest(u.tags) AS t(tag) GROUP BY t.tag",
	  "tag text, count bigint" },
	{ "SELECT unnest(tags) AS tag, count(*) FROM users GROUP BY tag",
	  "tag text, count bigint" },
	{ "SELECT generate_series(1, 3), id FROM users", "generate_series integer, id bigint" },
	{ "SELECT row_number() OVER (PARTITION BY status ORDER BY total DESC) AS rn, * FROM "
	  "orders",
	  "rn bigint, id bigint, user_id bigint, total numeric, status character varying, "
	  "placed timestamp with time zone, twice numeric" },
	{ "SELECT * FROM (SELECT row_number() OVER (ORDER BY id) AS rn, id FROM orders) q "
	  "WHERE rn <= 3",
	  "rn bigint, id bigint" },
	{ "SELECT sum(total) OVER (PARTITION BY user_id ORDER BY placed ROWS BETWEEN UNBOUNDED "
	  "PRECEDING AND CURRENT ROW), total - lag(total) OVER (PARTITION BY user_id ORDER BY "
	  "placed) FROM orders",
	  "sum numeric, ?column? numeric" },
	{ "SELECT user_id, sum(sum(total)) OVER (ORDER BY user_id) FROM orders GROUP BY user_id",
	  "user_id bigint, sum numeric" },
	{ "SELECT rank() OVER (ORDER BY sum(total) DESC) FROM orders GROUP BY user_id",
	  "rank bigint" },
	{ "SELECT rank() OVER (ORDER BY total) FROM orders GROUP BY user_id", "42803" },
	{ "SELECT count(*) OVER w FROM orders WINDOW w AS (PARTITION BY nope)", "42703" },
	{ "SELECT sum(total) OVER w FROM orders WINDOW w AS (), w AS ()", "42P20" },
	{ "SELECT id FROM users UNION ALL SELECT id FROM orders ORDER BY id", "id bigint" },
	{ "SELECT id, 'u' AS kind FROM users UNION ALL SELECT id, 'o' FROM orders ORDER BY "
	  "kind, id",
	  "id bigint, kind text" },
	{ "SELECT username FROM users EXCEPT SELECT status FROM orders INTERSECT SELECT "
	  "product FROM items",
	  "username character varying" },
	{ "SELECT 1 AS x UNION SELECT 2 ORDER BY x LIMIT 1 OFFSET 1", "x integer" },
	{ "SELECT id FROM users WHERE id IN (SELECT user_id FROM orders UNION SELECT 5)",
	  "id bigint" },
	{ "SELECT '2020-01-01' UNION SELECT born FROM users", "?column? date" },
	{ "SELECT born FROM users UNION SELECT '2020-01-01'", "born date" },
	{ "SELECT born FROM users UNION SELECT at FROM users UNION SELECT created FROM users",
	  "born timestamp with time zone" },
	{ "SELECT small FROM users UNION SELECT score FROM users", "small double precision" },
	{ "SELECT data FROM users UNION SELECT '{}'", "data jsonb" },
	{ "SELECT tags FROM users UNION SELECT ARRAY['a']", "tags text[]" },
	{ "SELECT mood FROM users UNION SELECT 'ok'", "mood mood" },
	{ "SELECT mood FROM users UNION SELECT note FROM users", "42804" },
	{ "SELECT id FROM users WHERE id = ANY(ARRAY[$1, $2]::int8[])",
	  "id bigint $1 bigint $2 bigint" },
	{ "SELECT id FROM users WHERE id = ANY($1::int[]) AND username <> ALL($2)",
	  "id bigint $1 integer[] $2 text[]" },
	{ "SELECT id FROM users WHERE created >= $1 AND created < $1 + interval '1 day'",
	  "id bigint $1 timestamp with time zone" },
	{ "SELECT id FROM users WHERE username = $1 OR age = $1", "42883" },
	{ "SELECT id FROM users WHERE data @> jsonb_build_object('k', $1::text)",
	  "id bigint $1 text" },
	{ "SELECT id FROM users WHERE ($1::text IS NULL OR username = $1)", "id bigint $1 text" },
	{ "SELECT id FROM users WHERE ($1 IS NULL OR username = $1)", "42P08" },
	{ "SELECT $1::numeric(5,2), $2::varchar(3)",
	  "numeric numeric, varchar character varying $1 numeric $2 character varying" },
	{ "SELECT abs($1)", "abs double precision $1 double precision" },
	{ "SELECT power($1, 2), $2 ^ 2",
	  "power double precision, ?column? double precision $1 double precision $2 double "
	  "precision" },
	{ "SELECT $1 AND true, NOT $2",
	  "?column? boolean, ?column? boolean $1 boolean $2 boolean" },
	{ "SELECT CASE $1 WHEN 1 THEN 'a' END", "42883" },
	{ "SELECT greatest($1, 5), nullif($2, 'x')",
	  "greatest integer, nullif text $1 integer $2 text" },
	{ "SELECT ARRAY[$1, 2], ARRAY[$2, 'x']",
	  "array integer[], array text[] $1 integer $2 text" },
	{ "SELECT count($1)", "42P18" },
	{ "SELECT $1 ->> 'a'", "42725" },
	{ "SELECT now() - $1", "?column? interval $1 timestamp with time zone" },
	{ "SELECT extract(year from $1)", "42725" },
	{ "SELECT date_trunc('day', $1)", "42725" },
	{ "SELECT $1 @> '{}'", "42725" },
	{ "SELECT substring($1 from 1 for 2), $2 || 'x'",
	  "substring text, ?column? text $1 text $2 text" },
	{ "SELECT * FROM generate_series(1, $1)", "generate_series integer $1 integer" },
	{ "SELECT to_char($1, 'x')", "42725" },
	{ "SELECT md5($1)", "md5 text $1 text" },
	{ "SELECT upper($1::mood::text)", "upper text $1 mood" },
	{ "SELECT id FROM users ORDER BY $1", "id bigint $1 text" },
	{ "SELECT age, $1 FROM users GROUP BY age, $1", "age integer, ?column? text $1 text" },
	{ "SELECT lower(username COLLATE \"C\") FROM users ORDER BY username COLLATE \"C\"",
	  "lower text" },
	{ "SELECT interval '1 day' * 2, '1 day'::interval + '1h', time '10:00' + interval "
	  "'1h', date '2020-01-01' + time '10:00', timestamp '2020-01-01' - timestamp "
	  "'2019-01-01'",
	  "?column? interval, ?column? interval, ?column? time without time zone, ?column? "
	  "timestamp without time zone, ?column? interval" },
	{ "SELECT '1' + 1, '1.5' + 1.0, 1 + '2', '5' * 2.0",
	  "?column? integer, ?column? numeric, ?column? integer, ?column? numeric" },
	{ "SELECT '1.5' + 1", "22P02" },
	{ "SELECT 'a' < 'b', 'a' = 1", "22P02" },
	{ "SELECT 1 = '1', 1.5 = '1.5', true = 't', date '2020-01-01' = '2020-01-01'",
	  "?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean" },
	{ "SELECT 1::int2 + 1::int2, 1::int2 + 1, 1::int8 * 1::int2, 1::float4 + 1, 1::float4 "
	  "* 1.5, 1::float4 + 1::float8",
	  "?column? smallint, ?column? integer, ?column? bigint, ?column? double precision, "
	  "?column? double precision, ?column? double precision" },
	{ "SELECT - '5', + 5, - - 5, ~ 5, 5 & 3, 5 | 3, 5 # 3, 1 << 4, |/ 4, @ -5", "42725" },
	{ "SELECT 5 !~ 'x'", "42883" },
	{ "SELECT 'x' @@ 5", "42883" },
	{ "SELECT 2 ** 3", "42883" },
	{ "SELECT NOT NULL, NULL AND true, NULL OR NULL, NULL IS NULL",
	  "?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean" },
	{ "SELECT age IS DISTINCT FROM note FROM users", "42883" },
	{ "SELECT nullif(age, note) FROM users", "42883" },
	{ "SELECT username LIKE $1, username ILIKE '%' || $2 || '%' FROM users",
	  "?column? boolean, ?column? boolean $1 text $2 text" },
	{ "SELECT tags[1] = 'x', tags[1:2] = ARRAY['x'], nums[1] + 1 FROM users",
	  "?column? boolean, ?column? boolean, ?column? integer" },
	{ "SELECT string_agg(tags[1], ',') FROM users", "string_agg text" },
	{ "SELECT array_length(ARRAY[1,2,3], 1), ARRAY[1,2] || 3, ARRAY[1,2] @> ARRAY[1], 1 = "
	  "ANY(ARRAY[1,2])",
	  "array_length integer, ?column? integer[], ?column? boolean, ?column? boolean" },
	{ "SELECT array_to_string(ARRAY[1,NULL,3], ',', '*'), string_to_array('a,b', "
	  "',')::text[]",
	  "array_to_string text, string_to_array text[]" },
	{ "SELECT to_tsvector('english', username || ' ' || coalesce(note, '')) @@ "
	  "websearch_to_tsquery('english', $1) FROM users",
	  "?column? boolean $1 text" },
	{ "SELECT ts_rank(doc, q) FROM users, plainto_tsquery('english', 'x') q WHERE doc @@ q "
	  "ORDER BY ts_rank(doc, q) DESC",
	  "ts_rank real" },
	{ "SELECT ts_rank_cd('{0.1,0.2,0.4,1.0}', doc, to_tsquery('x')) FROM users",
	  "ts_rank_cd real" },
	{ "SELECT to_tsvector('nope'::text, note) FROM users", "42883" },
	{ "SELECT similarity(username, $1) AS s FROM users WHERE username % $1 ORDER BY "
	  "username <-> $1",
	  "s real $1 text" },
	{ "SELECT date_part('dow', born), extract(isodow from born), extract(century from at) "
	  "FROM users",
	  "date_part double precision, extract numeric, extract numeric" },
	{ "SELECT timezone('UTC', created), created AT TIME ZONE interval '1h' FROM users",
	  "timezone timestamp without time zone, timezone timestamp without time zone" },
	{ "SELECT make_timestamptz(2020,1,1,1,1,1), make_timestamptz(2020,1,1,1,1,1,'UTC'), "
	  "make_time(1,2,3.5)",
	  "make_timestamptz timestamp with time zone, make_timestamptz timestamp with time "
	  "zone, make_time time without time zone" },
	{ "SELECT to_timestamp(1.5), to_timestamp(5), extract(epoch from now())::bigint",
	  "to_timestamp timestamp with time zone, to_timestamp timestamp with time zone, "
	  "extract bigint" },
	{ "SELECT justify_interval(span), date_trunc('hour', span), extract(hour from span), "
	  "span * 1.5, span / 2, span > '1h' FROM users",
	  "justify_interval interval, date_trunc interval, extract numeric, ?column? interval, "
	  "?column? interval, ?column? boolean" },
	{ "SELECT mode() WITHIN GROUP (ORDER BY mood), percentile_cont(ARRAY[0.25,0.5]) WITHIN "
	  "GROUP (ORDER BY score) FROM users",
	  "mode mood, percentile_cont double precision[]" },
	{ "SELECT stddev_samp(balance), var_samp(id), covar_pop(score, ratio), "
	  "regr_slope(score, age), regr_count(score, score) FROM users",
	  "stddev_samp numeric, var_samp numeric, covar_pop double precision, regr_slope "
	  "double precision, regr_count bigint" },
	{ "SELECT bit_or(small), bool_or(active AND true), every(active), max(tags), min(data) "
	  "FROM users",
	  "42883" },
	{ "SELECT max(at), max(created), min(wake), max(doc) FROM users", "42883" },
	{ "SELECT concat('a', 1, NULL, true, now()), concat_ws('-', 'a', 1), format('%s %I', "
	  "'a', 'b'), quote_ident('a'), quote_nullable(NULL), quote_literal(5)",
	  "concat text, concat_ws text, format text, quote_ident text, quote_nullable text, "
	  "quote_literal text" },
	{ "SELECT regexp_replace('a','b','c','g'), regexp_matches('a','b'), "
	  "regexp_split_to_array('a','b'), regexp_split_to_table('a,b', ','), "
	  "regexp_count('a','b'), regexp_like('a','b'), regexp_substr('a','b'), "
	  "regexp_instr('a','b')",
	  "regexp_replace text, regexp_matches text[], regexp_split_to_array text[], "
	  "regexp_split_to_table text, regexp_count integer, regexp_like boolean, "
	  "regexp_substr text, regexp_instr integer" },
	{ "SELECT overlay('abc' placing 'x' from 1 for 2), position('a' in 'b'), "
	  "substring('abc' similar 'a' escape '#'), normalize('a'), 'a' IS NORMALIZED",
	  "overlay text, position integer, substring text, normalize text, is_normalized "
	  "boolean" },
	{ "SELECT to_number('1', '9'), to_date('2020','YYYY'), to_timestamp('2020','YYYY'), "
	  "age(now()), age(date '2020-01-01', date '2019-01-01')",
	  "to_number numeric, to_date date, to_timestamp timestamp with time zone, age "
	  "interval, age interval" },
	{ "SELECT width_bucket(1.5, 1, 2, 3), width_bucket(5, ARRAY[1,2]), log(2, 8), "
	  "log10(100), cbrt(8), trunc(1.5), scale(1.50), min_scale(1.50), trim_scale(1.50), "
	  "lcm(4, 6)",
	  "width_bucket integer, width_bucket integer, log numeric, log10 double precision, "
	  "cbrt double precision, trunc numeric, scale integer, min_scale integer, trim_scale "
	  "numeric, lcm integer" },
	{ "SELECT sin(1), cos(1), atan2(1,2), degrees(1), radians(1), exp(1.0), ln(2), pow(2, "
	  "3), sinh(1), random() * 5",
	  "sin double precision, cos double precision, atan2 double precision, degrees double "
	  "precision, radians double precision, exp numeric, ln double precision, pow double "
	  "precision, sinh double precision, ?column? double precision" },
	{ "SELECT num_nonnulls(1), num_nulls(), txid_current(), version(), "
	  "current_setting('x'), pg_backend_pid()",
	  "42883" },
	{ "SELECT lower(upper(initcap('a'))), char_length('a'), character_length('a'), "
	  "octet_length('a'), bit_length('a')",
	  "lower text, char_length integer, character_length integer, octet_length integer, "
	  "bit_length integer" },
	{ "SELECT gen_random_uuid() = key, key::text, key > "
	  "'00000000-0000-0000-0000-000000000000' FROM users",
	  "?column? boolean, key text, ?column? boolean" },
	{ "SELECT jsonb_path_query('{}', '$.a'), jsonb_path_query_array('{}', '$'), "
	  "jsonb_path_match('{}', '$.a == 1'), jsonb_set_lax('{}', '{a}', '1'), "
	  "jsonb_delete('{}', 'a'), jsonb_contains('{}', '{}')",
	  "jsonb_path_query jsonb, jsonb_path_query_array jsonb, jsonb_path_match boolean, "
	  "jsonb_set_lax jsonb, jsonb_delete jsonb, jsonb_contains boolean" },
	{ "SELECT jsonb_object(ARRAY['a','b'], ARRAY['c','d']), jsonb_build_object(), "
	  "jsonb_build_array(), jsonb_array_elements('[1]'), jsonb_object_keys('{}')",
	  "jsonb_object jsonb, jsonb_build_object jsonb, jsonb_build_array jsonb, "
	  "jsonb_array_elements jsonb, jsonb_object_keys text" },
	{ "SELECT array_fill(0, ARRAY[2]), array_replace(nums, 1, 2), array_positions(nums, "
	  "1), array_prepend(1, nums), array_ndims(nums), array_dims(nums), array_upper(nums, "
	  "1), trim_array(nums, 1) FROM users",
	  "array_fill integer[], array_replace integer[], array_positions integer[], "
	  "array_prepend integer[], array_ndims integer, array_dims text, array_upper integer, "
	  "trim_array integer[]" },
	{ "SELECT enum_last(mood), enum_range('sad'::mood, 'ok'), mood IN ('sad', 'ok'), "
	  "mood::text LIKE 's%' FROM users",
	  "enum_last mood, enum_range mood[], ?column? boolean, ?column? boolean" },
	{ "SELECT mood + 1 FROM users", "42883" },
	{ "SELECT coalesce(mood, 'ok'), nullif(mood, 'sad'), greatest(mood, 'ok'), CASE WHEN "
	  "true THEN mood ELSE 'ok' END FROM users",
	  "coalesce mood, nullif mood, greatest mood, case mood" },
	{ "SELECT ratio::float8, ratio = 1.5, ratio = 1, score = 1.5, balance = 1.5::float8 "
	  "FROM users",
	  "ratio double precision, ?column? boolean, ?column? boolean, ?column? boolean, "
	  "?column? boolean" },
	{ "SELECT age = 1.5, id = 2147483648, small = 100000, age + 2147483648 FROM users",
	  "?column? boolean, ?column? boolean, ?column? boolean, ?column? bigint" },
	{ "SELECT active = 'yes', active = 1 FROM users", "42883" },
	{ "SELECT active::int + 1, (age > 5)::int, sum((age > 5)::int) FROM users", "42803" },
	{ "SELECT sum(CASE WHEN active THEN 1 ELSE 0 END), avg(CASE WHEN active THEN 1.0 END) "
	  "FROM users",
	  "sum bigint, avg numeric" },
	{ "SELECT wake + span, wake - wake, wake - span, created::time, at::date, "
	  "born::timestamptz FROM users",
	  "?column? time without time zone, ?column? interval, ?column? time without time "
	  "zone, created time without time zone, at date, born timestamp with time zone" },
	{ "SELECT bin = '\\x00', bin > '\\x00', length(bin), encode(bin, 'hex'), bin::text "
	  "FROM users",
	  "?column? boolean, ?column? boolean, length integer, encode text, bin text" },
	{ "SELECT score::int, balance::int, note::numeric(5,1), age::varchar(3), "
	  "'abc'::varchar(2)::text, 1.5::numeric(3,0) FROM users",
	  "score integer, balance integer, note numeric, age character varying, text text, "
	  "numeric numeric" },
	{ "SELECT row(1,2) = row(1,2), (1,2) < (1,3), (1, 'a') IN ((1, 'b')), (id, username) = "
	  "(1, 'x') FROM users",
	  "?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean" },
	{ "SELECT (1,2) = (1,2,3)", "42601" },
	{ "SELECT (id, username) > ($1, $2) FROM users", "?column? boolean $1 bigint $2 text" },
	{ "SELECT (id, username) IN (SELECT id, email FROM users) FROM users",
	  "?column? boolean" },
	{ "SELECT 1 IN (SELECT username FROM users)", "42883" },
	{ "SELECT 'x' = ANY (SELECT username FROM users), 5 > ALL (SELECT age FROM users)",
	  "?column? boolean, ?column? boolean" },
	{ "SELECT age = ANY (SELECT id, id FROM users) FROM users", "42601" },
	{ "SELECT * FROM (log l1 JOIN log l2 USING (id)) AS j",
	  "id integer, entry text, word character varying, entry text, word character varying" },
	{ "SELECT j.id, l1.id FROM (log l1 JOIN log l2 USING (id)) AS j", "42P01" },
	{ "SELECT j.id, id FROM (log l1 JOIN log l2 USING (id)) AS j", "id integer, id integer" },
	{ "SELECT j.entry FROM (log l1 JOIN log l2 USING (id)) AS j", "42702" },
	{ "SELECT j.e2, j.w FROM (log l1 JOIN log l2 ON l1.id = l2.id) AS j(i1, e1, w, i2, e2)",
	  "e2 text, w character varying" },
	{ "SELECT * FROM (log l1 LEFT JOIN log l2 ON l1.id = l2.id) AS j(a) JOIN users u ON "
	  "u.id = j.a",
	  "a integer, entry text, word character varying, id integer, entry text, word "
	  "character varying, id bigint, username character varying, email character varying, "
	  "age integer, score double precision, balance numeric, active boolean, created "
	  "timestamp with time zone, born date, data jsonb, tags text[], key uuid, mood mood, "
	  "note text, bin bytea, small smallint, ratio real, wake time without time zone, span "
	  "interval, at timestamp without time zone, doc tsvector, nums integer[]" },
	{ "SELECT count(*) FROM (log l1 JOIN log l2 USING (id)) AS j GROUP BY j.id",
	  "count bigint" },
	{ "SELECT make_interval(hours := -2, mins := -10, secs := -25.3)",
	  "make_interval interval" },
	{ "SELECT make_interval(days => 3), make_interval(1, weeks => 2), jsonb_set('{}', "
	  "'{a}', '1', create_if_missing => false)",
	  "make_interval interval, make_interval interval, jsonb_set jsonb" },
	{ "SELECT jsonb_path_match('[{\"a\": 1}]', 'lax exists($[*].a)', silent => false)",
	  "jsonb_path_match boolean" },
	{ "SELECT make_interval(nope => 3)", "42883" },
	{ "SELECT lower(nope => 'x')", "42883" },
	{ "SELECT make_interval(days => 3, 5)", "42601" },
	{ "SELECT make_interval(5, years => 3)", "42883" },
	{ "SELECT make_interval(days => 'x')", "22P02" },
	{ "SELECT make_timestamptz(2020, 1, 1, 1, 1, 1, timezone => 'UTC')",
	  "make_timestamptz timestamp with time zone" },
	{ "SELECT id FROM users ORDER BY age USING <, id USING >", "id bigint" },
	{ "SELECT id FROM users ORDER BY data USING >", "id bigint" },
	{ "SELECT concat_ws(',', VARIADIC 10)", "42804" },
	{ "SELECT concat_ws(',', VARIADIC ARRAY['a','b']), concat(VARIADIC ARRAY[1,2]), "
	  "jsonb_extract_path('{}', VARIADIC ARRAY['a']), jsonb_build_array(VARIADIC ARRAY[1])",
	  "concat_ws text, concat text, jsonb_extract_path jsonb, jsonb_build_array jsonb" },
	{ "SELECT concat(VARIADIC 'x')", "42804" },
};
const size_t resolve_cases_query_count = sizeof(resolve_cases_query) / sizeof(resolve_cases_query[0]);
