/* Statements and what PostgreSQL 15 makes of them: names and types of columns and parameters, or the
 * SQLSTATE. tests/pg/test_resolve.c compares the answers with a server.
 * Expressions, calls, grouping. */
#include "schema.h"

const resolve_case resolve_cases_scalar[] = {
	{ "SELECT 1", "?column? integer" },
	{ "SELECT 1, 2.5, 'x', true, NULL",
	  "?column? integer, ?column? numeric, ?column? text, ?column? boolean, ?column? text" },
	{ "SELECT 2147483648, 9223372036854775808, -5, - 2147483648",
	  "?column? bigint, ?column? numeric, ?column? integer, ?column? integer" },
	{ "SELECT 1+1, 1+1.0, 1::int8+1, 1/2, 7 % 2, 2^3, 2.0^3, -age FROM users",
	  "?column? integer, ?column? numeric, ?column? bigint, ?column? integer, ?column? "
	  "integer, ?column? double precision, ?column? numeric, ?column? integer" },
	{ "SELECT age + small, age * score, balance * age, balance + score, ratio + ratio, "
	  "ratio + score FROM users",
	  "?column? integer, ?column? double precision, ?column? numeric, ?column? double "
	  "precision, ?column? real, ?column? double precision" },
	{ "SELECT small + small, small * id, id - age FROM users",
	  "?column? smallint, ?column? bigint, ?column? bigint" },
	{ "SELECT 'a' || 'b', 'a' || 1, 1 || 'a', username || note, tags || 'x', tags || tags, "
	  "'x' || tags FROM users",
	  "22P02" },
	{ "SELECT 1 || 2", "42883" },
	{ "SELECT true = 1", "42883" },
	{ "SELECT 1 WHERE 1", "42804" },
	{ "SELECT 1 WHERE 'yes'", "?column? integer" },
	{ "SELECT 1 WHERE NULL", "?column? integer" },
	{ "SELECT 2 IS TRUE", "42804" },
	{ "SELECT sum(active) FROM users", "42883" },
	{ "SELECT max(active) FROM users", "42883" },
	{ "SELECT max(key) FROM users", "42883" },
	{ "SELECT max(username), min(mood), max(note), max(born), max(span), max(nums) FROM "
	  "users",
	  "max text, min mood, max text, max date, max interval, max integer[]" },
	{ "SELECT sum(small), sum(age), sum(id), sum(balance), sum(score), sum(ratio), "
	  "sum(span) FROM users",
	  "sum bigint, sum bigint, sum numeric, sum numeric, sum double precision, sum real, "
	  "sum interval" },
	{ "SELECT avg(small), avg(id), avg(balance), avg(score), avg(ratio), avg(span) FROM "
	  "users",
	  "avg numeric, avg numeric, avg numeric, avg double precision, avg double precision, "
	  "avg interval" },
	{ "SELECT sum(note) FROM users", "42883" },
	{ "SELECT count(*), count(age), count(DISTINCT age) FROM users",
	  "count bigint, count bigint, count bigint" },
	{ "SELECT coalesce(1,'x')", "22P02" },
	{ "SELECT coalesce(NULL,NULL), coalesce(age, 1.5), coalesce(username, note), "
	  "coalesce(note, username), coalesce(username,'x') FROM users",
	  "coalesce text, coalesce numeric, coalesce character varying, coalesce text, "
	  "coalesce character varying" },
	{ "SELECT coalesce(age, note) FROM users", "42804" },
	{ "SELECT nullif(age, 1.5), nullif(1, 2), nullif('a','b'), nullif(id, 1) FROM users",
	  "nullif numeric, nullif integer, nullif text, nullif bigint" },
	{ "SELECT greatest(1, 2.5, age), least(score, 1), greatest('a', username) FROM users",
	  "greatest numeric, least double precision, greatest character varying" },
	{ "SELECT CASE WHEN active THEN 1 ELSE 2.5 END, CASE age WHEN 1 THEN 'a' ELSE note "
	  "END, CASE WHEN active THEN NULL END FROM users",
	  "case numeric, note text, case text" },
	{ "SELECT CASE WHEN active THEN 1 ELSE 'a' END FROM users", "22P02" },
	{ "SELECT CASE WHEN active THEN age ELSE note END FROM users", "42804" },
	{ "SELECT CASE WHEN age THEN 1 END FROM users", "42804" },
	{ "SELECT age IN (1,2,3), age IN (1, 2.5), age IN ('1','2'), username IN ('a','b'), id "
	  "IN (age, small) FROM users",
	  "?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean, ?column? "
	  "boolean" },
	{ "SELECT age IN ('x') FROM users", "22P02" },
	{ "SELECT age IN (1, note) FROM users", "42883" },
	{ "SELECT age IN (1, 2, id, 2.5) FROM users", "?column? boolean" },
	{ "SELECT age NOT IN (1,2), age BETWEEN 1 AND 2.5, age NOT BETWEEN small AND id, born "
	  "BETWEEN '2020-01-01' AND '2021-01-01' FROM users",
	  "?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean" },
	{ "SELECT age BETWEEN SYMMETRIC 3 AND 1 FROM users", "?column? boolean" },
	{ "SELECT username LIKE 'a%', username NOT LIKE 'a', note ILIKE 'x', username ~ 'a', "
	  "username !~* 'a', bin LIKE '\\x01' FROM users",
	  "?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean, ?column? "
	  "boolean, ?column? boolean" },
	{ "SELECT age LIKE '1%' FROM users", "42883" },
	{ "SELECT username LIKE 'a' ESCAPE '!', username SIMILAR TO 'a', username NOT SIMILAR "
	  "TO 'a' ESCAPE '!' FROM users",
	  "?column? boolean, ?column? boolean, ?column? boolean" },
	{ "SELECT age IS NULL, active IS TRUE, active IS NOT UNKNOWN, NOT active, active AND "
	  "true, age IS DISTINCT FROM 5, note IS NOT DISTINCT FROM NULL FROM users",
	  "?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean, ?column? "
	  "boolean, ?column? boolean, ?column? boolean" },
	{ "SELECT NOT age FROM users", "42804" },
	{ "SELECT age AND active FROM users", "42804" },
	{ "SELECT active OR 'x' FROM users", "22P02" },
	{ "SELECT age::text, age::numeric, age::numeric(5,2), note::int, note::varchar(5), "
	  "username::text, born::timestamp, created::date, at::time, id::int2 FROM users",
	  "age text, age numeric, age numeric, note integer, note character varying, username "
	  "text, born timestamp without time zone, created date, at time without time zone, id "
	  "smallint" },
	{ "SELECT '1'::int, 'x'::varchar(3), '2020-01-01'::date, true::int, age::bool, "
	  "data::int, data::text, key::text, note::uuid, mood::text, 'ok'::mood, note::mood "
	  "FROM users",
	  "int4 integer, varchar character varying, date date, int4 integer, age boolean, data "
	  "integer, data text, key text, note uuid, mood text, mood mood, note mood" },
	{ "SELECT born::int FROM users", "42846" },
	{ "SELECT active::numeric FROM users", "42846" },
	{ "SELECT key::int FROM users", "42846" },
	{ "SELECT '{1,2}'::int[], nums::text[], tags::int[], nums::numeric[], nums::text, "
	  "note::int[] FROM users",
	  "int4 integer[], nums text[], tags integer[], nums numeric[], nums text, note "
	  "integer[]" },
	{ "SELECT CAST(age AS double precision), float8(age), int4('5'), text(age), "
	  "date(created), numeric(score) FROM users",
	  "42601" },
	{ "SELECT date '2020-01-01', interval '1 day', timestamp '2020-01-01', timestamptz "
	  "'2020-01-01', time '10:00', bool 'true'",
	  "date date, interval interval, timestamp timestamp without time zone, timestamptz "
	  "timestamp with time zone, time time without time zone, bool boolean" },
	{ "SELECT ARRAY[1,2], ARRAY[1,2.5], ARRAY['a','b'], ARRAY[age, id], "
	  "ARRAY[[1,2],[3,4]], ARRAY[]::int[], ARRAY['1']::int[] FROM users",
	  "array integer[], array numeric[], array text[], array bigint[], array integer[], "
	  "array integer[], array integer[]" },
	{ "SELECT ARRAY[]", "42P18" },
	{ "SELECT ARRAY[1,'x']", "22P02" },
	{ "SELECT age[1] FROM users", "42804" },
	{ "SELECT nums['x'] FROM users", "22P02" },
	{ "SELECT note COLLATE \"C\", username COLLATE \"C\" < 'x' FROM users",
	  "note text, ?column? boolean" },
	{ "SELECT age COLLATE \"C\" FROM users", "42804" },
	{ "SELECT 'a'='A' COLLATE nocase", "42704" },
	{ "SELECT 'x'::nosuch", "42704" },
	{ "SELECT data -> 'a', data ->> 'a', data -> 0, data #> '{a,b}', data #>> '{a}', data "
	  "@> '{\"a\":1}', data <@ '{}', data ? 'a', data ?| '{a}', data ?& ARRAY['a'], data "
	  "|| '{}', data - 'a', data - 1, data - ARRAY['a'], data #- '{a}' FROM users",
	  "?column? jsonb, ?column? text, ?column? jsonb, ?column? jsonb, ?column? text, "
	  "?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean, ?column? "
	  "boolean, ?column? jsonb, ?column? jsonb, ?column? jsonb, ?column? jsonb, ?column? "
	  "jsonb" },
	{ "SELECT data -> note, data -> age, data ->> username, data = '{}', data < '1' FROM "
	  "users",
	  "?column? jsonb, ?column? jsonb, ?column? text, ?column? boolean, ?column? boolean" },
	{ "SELECT (data->>'a')+1 FROM users", "42883" },
	{ "SELECT data @? '$.a', data @@ '$.a == 1' FROM users",
	  "?column? boolean, ?column? boolean" },
	{ "SELECT data -> id FROM users", "42883" },
	{ "SELECT data - born FROM users", "42883" },
	{ "SELECT nums @> '{1}', nums && ARRAY[1], nums || 1, 1 || nums, nums = '{1}', 5 = "
	  "ANY(nums), age = ALL(nums), 'x' = ANY(tags), age = ANY('{1,2}'), age > "
	  "ANY(ARRAY[1.5]) FROM users",
	  "?column? boolean, ?column? boolean, ?column? integer[], ?column? integer[], "
	  "?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean, ?column? "
	  "boolean, ?column? boolean" },
	{ "SELECT note = ANY(nums) FROM users", "42883" },
	{ "SELECT age = ANY(note) FROM users", "42809" },
	{ "SELECT tags @> ARRAY['a'], tags && '{a}', tags <@ ARRAY['a'::varchar] FROM users",
	  "42883" },
	{ "SELECT array_length(nums,1), cardinality(tags), array_position(tags,'a'), "
	  "array_remove(nums, 1), array_append(nums, 5), array_cat(nums, '{1}'), "
	  "array_to_string(tags, ','), unnest(nums), array_agg(age) FROM users GROUP BY nums, "
	  "tags",
	  "array_length integer, cardinality integer, array_position integer, array_remove "
	  "integer[], array_append integer[], array_cat integer[], array_to_string text, "
	  "unnest integer, array_agg integer[]" },
	{ "SELECT array_append(nums, 'x') FROM users", "22P02" },
	{ "SELECT array_append(nums, 1.5), nums || 1.5 FROM users",
	  "array_append numeric[], ?column? numeric[]" },
	{ "SELECT created + interval '1 day', born + 1, born - 1, born - born, created - "
	  "created, born + interval '1 day', at - interval '1h', wake + interval '1h', born + "
	  "wake, 2 * span, span * 2, span / 2, -span, span + span FROM users",
	  "?column? timestamp with time zone, ?column? date, ?column? date, ?column? integer, "
	  "?column? interval, ?column? timestamp without time zone, ?column? timestamp without "
	  "time zone, ?column? time without time zone, ?column? timestamp without time zone, "
	  "?column? interval, ?column? interval, ?column? interval, ?column? interval, "
	  "?column? interval" },
	{ "SELECT born + '1 day' FROM users", "42725" },
	{ "SELECT created - '1 day' FROM users", "22007" },
	{ "SELECT created - '1 day'::interval, now() - created, age(created), age(at, at), "
	  "extract(year from created), extract(epoch from span), date_part('year', born), "
	  "date_trunc('month', created), date_trunc('month', born), date_trunc('day', span) "
	  "FROM users",
	  "?column? timestamp with time zone, ?column? interval, age interval, age interval, "
	  "extract numeric, extract numeric, date_part double precision, date_trunc timestamp "
	  "with time zone, date_trunc timestamp with time zone, date_trunc interval" },
	{ "SELECT created AT TIME ZONE 'UTC', at AT TIME ZONE 'UTC', created::timestamp FROM "
	  "users",
	  "timezone timestamp without time zone, timezone timestamp with time zone, created "
	  "timestamp without time zone" },
	{ "SELECT now(), current_date, current_timestamp, localtimestamp, localtime, "
	  "statement_timestamp(), clock_timestamp()",
	  "now timestamp with time zone, current_date date, current_timestamp timestamp with "
	  "time zone, localtimestamp timestamp without time zone, localtime time without time "
	  "zone, statement_timestamp timestamp with time zone, clock_timestamp timestamp with "
	  "time zone" },
	{ "SELECT make_date(2020,1,2), make_interval(1), make_interval(), "
	  "make_timestamp(2020,1,2,3,4,5), to_char(created,'YYYY'), to_char(age,'99'), "
	  "to_char(balance,'99'), to_date('x','y'), to_timestamp(0), to_timestamp('x','y'), "
	  "to_number('1','9') FROM users",
	  "make_date date, make_interval interval, make_interval interval, make_timestamp "
	  "timestamp without time zone, to_char text, to_char text, to_char text, to_date "
	  "date, to_timestamp timestamp with time zone, to_timestamp timestamp with time zone, "
	  "to_number numeric" },
	{ "SELECT created > '2020-01-01', born = '2020-01-01', created > born, at < born, at < "
	  "created, created = now() FROM users",
	  "?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean, ?column? "
	  "boolean, ?column? boolean" },
	{ "SELECT created > 5 FROM users", "42883" },
	{ "SELECT (born, born) OVERLAPS (born, born) FROM users", "overlaps boolean" },
	{ "SELECT born < at, born < created, wake < '10:00', span > '1 day' FROM users",
	  "?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean" },
	{ "SELECT justify_days(span), isfinite(born), isfinite(created), isfinite(span), "
	  "date_bin('15 minutes', at, at) FROM users",
	  "justify_days interval, isfinite boolean, isfinite boolean, isfinite boolean, "
	  "date_bin timestamp without time zone" },
	{ "SELECT lower(username), upper(note), length(note), length(bin), char_length(note), "
	  "substring(note from 1 for 2), substring(note from 'a'), substr(note, 1), "
	  "left(note,1), right(note,1), trim(note), trim(leading 'x' from note), position('a' "
	  "in note), strpos(note,'a'), replace(note,'a','b'), split_part(note,',',1), "
	  "repeat(note,2), reverse(note), initcap(note), lpad(note,5), rpad(note,5,'x'), "
	  "md5(note), md5(bin), concat(note,1,active), concat_ws(',',note,1), format('%s',1), "
	  "ascii(note), chr(1), translate(note,'a','b'), overlay(note placing 'x' from 1), "
	  "regexp_replace(note,'a','b'), regexp_match(note,'a'), string_to_array(note,','), "
	  "starts_with(note,'a'), quote_literal(note), to_hex(age), encode(bin,'hex'), "
	  "decode('00','hex') FROM users",
	  "lower text, upper text, length integer, length integer, char_length integer, "
	  "substring text, substring text, substr text, left text, right text, btrim text, "
	  "ltrim text, position integer, strpos integer, replace text, split_part text, repeat "
	  "text, reverse text, initcap text, lpad text, rpad text, md5 text, md5 text, concat "
	  "text, concat_ws text, format text, ascii integer, chr text, translate text, overlay "
	  "text, regexp_replace text, regexp_match text[], string_to_array text[], starts_with "
	  "boolean, quote_literal text, to_hex text, encode text, decode bytea" },
	{ "SELECT lower(age) FROM users", "42883" },
	{ "SELECT lower(1)", "42883" },
	{ "SELECT lower(NULL)", "lower text" },
	{ "SELECT length(5)", "42883" },
	{ "SELECT nofunc(1)", "42883" },
	{ "SELECT round(1.5), round(score), round(balance,1), round(age), ceil(score), "
	  "ceil(balance), floor(age), abs(age), abs(id), abs(balance), abs(score), abs('1'), "
	  "sqrt(2), sqrt(balance), power(2,3), power(2.0,3), exp(1), ln(2.0), log(2.0), "
	  "log(2,3), mod(age,2), mod(balance,2), sign(age), trunc(balance), trunc(balance,1), "
	  "trunc(score), pi(), random(), greatest(1,2), div(balance,2), gcd(age,2), "
	  "width_bucket(1,2,3,4), factorial(5) FROM users",
	  "round numeric, round double precision, round numeric, round double precision, ceil "
	  "double precision, ceil numeric, floor double precision, abs integer, abs bigint, "
	  "abs numeric, abs double precision, abs double precision, sqrt double precision, "
	  "sqrt numeric, power double precision, power numeric, exp double precision, ln "
	  "numeric, log numeric, log numeric, mod integer, mod numeric, sign double precision, "
	  "trunc numeric, trunc numeric, trunc double precision, pi double precision, random "
	  "double precision, greatest integer, div numeric, gcd integer, width_bucket integer, "
	  "factorial numeric" },
	{ "SELECT round(score,1) FROM users", "42883" },
	{ "SELECT gen_random_uuid(), uuid '00000000-0000-0000-0000-000000000000' = key FROM "
	  "users",
	  "gen_random_uuid uuid, ?column? boolean" },
	{ "SELECT num_nulls(1,NULL), num_nonnulls(age,note) FROM users",
	  "num_nulls integer, num_nonnulls integer" },
	{ "SELECT ifnull(null,1)", "42883" },
	{ "SELECT iif(true,1,2)", "42883" },
	{ "SELECT jsonb_build_object('a', age, 'b', note), jsonb_build_array(1,'x'), "
	  "to_jsonb(age), to_jsonb(note), jsonb_typeof(data), jsonb_array_length(data), "
	  "jsonb_set(data,'{a}','1'), jsonb_set(data,'{a}','1',false), "
	  "jsonb_insert(data,'{a}','1'), jsonb_strip_nulls(data), jsonb_pretty(data), "
	  "jsonb_extract_path(data,'a','b'), jsonb_extract_path_text(data,'a'), "
	  "jsonb_path_query_first(data,'$.a'), jsonb_path_exists(data,'$.a'), "
	  "jsonb_object('{a,b}') FROM users",
	  "jsonb_build_object jsonb, jsonb_build_array jsonb, to_jsonb jsonb, to_jsonb jsonb, "
	  "jsonb_typeof text, jsonb_array_length integer, jsonb_set jsonb, jsonb_set jsonb, "
	  "jsonb_insert jsonb, jsonb_strip_nulls jsonb, jsonb_pretty text, jsonb_extract_path "
	  "jsonb, jsonb_extract_path_text text, jsonb_path_query_first jsonb, "
	  "jsonb_path_exists boolean, jsonb_object jsonb" },
	{ "SELECT to_jsonb('x')", "42804" },
	{ "SELECT jsonb_agg(age), jsonb_object_agg(username, age), string_agg(username, ','), "
	  "string_agg(username, ',' ORDER BY id DESC), array_agg(username), array_agg(nums), "
	  "bool_and(active), bool_or(active), every(active), stddev(age), variance(score), "
	  "var_pop(balance), corr(score,score), bit_and(age) FROM users",
	  "jsonb_agg jsonb, jsonb_object_agg jsonb, string_agg text, string_agg text, "
	  "array_agg character varying[], array_agg integer[], bool_and boolean, bool_or "
	  "boolean, every boolean, stddev numeric, variance double precision, var_pop numeric, "
	  "corr double precision, bit_and integer" },
	{ "SELECT jsonb_exists_any('{\"a\":null, \"b\":\"qq\"}', ARRAY['a','b'])",
	  "jsonb_exists_any boolean" },
	{ "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY age), percentile_disc(0.5) "
	  "WITHIN GROUP (ORDER BY note), mode() WITHIN GROUP (ORDER BY age) FROM users",
	  "percentile_cont double precision, percentile_disc text, mode integer" },
	{ "SELECT rank(3) WITHIN GROUP (ORDER BY age) FROM users", "rank bigint" },
	{ "SELECT percentile_cont(0.5) FROM users", "42883" },
	{ "SELECT to_tsvector('english', note), to_tsvector(note), to_tsquery('english','a'), "
	  "plainto_tsquery('a'), doc @@ to_tsquery('a'), note @@ 'x', to_tsvector('a') @@ 'q', "
	  "ts_rank(doc, plainto_tsquery('a')), setweight(doc,'A'), doc || doc, "
	  "websearch_to_tsquery('english','x'), ts_headline(note, plainto_tsquery('a')), "
	  "length(doc), strip(doc), numnode('a & b'::tsquery) FROM users",
	  "to_tsvector tsvector, to_tsvector tsvector, to_tsquery tsquery, plainto_tsquery "
	  "tsquery, ?column? boolean, ?column? boolean, ?column? boolean, ts_rank real, "
	  "setweight tsvector, ?column? tsvector, websearch_to_tsquery tsquery, ts_headline "
	  "text, length integer, strip tsvector, numnode integer" },
	{ "SELECT similarity(note,'x'), note % 'x', note <-> 'x', word_similarity('a',note), "
	  "'a' <% note FROM users",
	  "similarity real, ?column? boolean, ?column? real, word_similarity real, ?column? "
	  "boolean" },
	{ "SELECT note %> unknown FROM users", "42703" },
	{ "SELECT count(*) FROM users WHERE note %> '' ", "count bigint" },
	{ "SELECT id FROM users, orders", "42702" },
	{ "SELECT users.id FROM users u", "42P01" },
	{ "SELECT u.id, u.nope FROM users u", "42703" },
	{ "SELECT nope FROM users", "42703" },
	{ "SELECT nope.id FROM users", "42P01" },
	{ "SELECT * FROM nope", "42P01" },
	{ "SELECT users.* FROM users, orders",
	  "id bigint, username character varying, email character varying, age integer, score "
	  "double precision, balance numeric, active boolean, created timestamp with time "
	  "zone, born date, data jsonb, tags text[], key uuid, mood mood, note text, bin "
	  "bytea, small smallint, ratio real, wake time without time zone, span interval, at "
	  "timestamp without time zone, doc tsvector, nums integer[]" },
	{ "SELECT u.*, o.* FROM users u JOIN orders o ON o.user_id = u.id",
	  "id bigint, username character varying, email character varying, age integer, score "
	  "double precision, balance numeric, active boolean, created timestamp with time "
	  "zone, born date, data jsonb, tags text[], key uuid, mood mood, note text, bin "
	  "bytea, small smallint, ratio real, wake time without time zone, span interval, at "
	  "timestamp without time zone, doc tsvector, nums integer[], id bigint, user_id "
	  "bigint, total numeric, status character varying, placed timestamp with time zone, "
	  "twice numeric" },
	{ "SELECT * FROM users JOIN orders ON orders.user_id = users.id",
	  "id bigint, username character varying, email character varying, age integer, score "
	  "double precision, balance numeric, active boolean, created timestamp with time "
	  "zone, born date, data jsonb, tags text[], key uuid, mood mood, note text, bin "
	  "bytea, small smallint, ratio real, wake time without time zone, span interval, at "
	  "timestamp without time zone, doc tsvector, nums integer[], id bigint, user_id "
	  "bigint, total numeric, status character varying, placed timestamp with time zone, "
	  "twice numeric" },
	{ "SELECT * FROM items JOIN orders ON order_id = id",
	  "order_id bigint, line integer, product text, qty integer, price numeric, id bigint, "
	  "user_id bigint, total numeric, status character varying, placed timestamp with time "
	  "zone, twice numeric" },
	{ "SELECT * FROM orders JOIN users USING (id)",
	  "id bigint, user_id bigint, total numeric, status character varying, placed "
	  "timestamp with time zone, twice numeric, username character varying, email "
	  "character varying, age integer, score double precision, balance numeric, active "
	  "boolean, created timestamp with time zone, born date, data jsonb, tags text[], key "
	  "uuid, mood mood, note text, bin bytea, small smallint, ratio real, wake time "
	  "without time zone, span interval, at timestamp without time zone, doc tsvector, "
	  "nums integer[]" },
	{ "SELECT id, orders.id FROM orders JOIN users USING (id)", "id bigint, id bigint" },
	{ "SELECT id FROM orders LEFT JOIN users USING (id)", "id bigint" },
	{ "SELECT id FROM orders FULL JOIN log USING (id)", "id bigint" },
	{ "SELECT id FROM log FULL JOIN orders USING (id)", "id bigint" },
	{ "SELECT * FROM log NATURAL JOIN users",
	  "id bigint, entry text, word character varying, username character varying, email "
	  "character varying, age integer, score double precision, balance numeric, active "
	  "boolean, created timestamp with time zone, born date, data jsonb, tags text[], key "
	  "uuid, mood mood, note text, bin bytea, small smallint, ratio real, wake time "
	  "without time zone, span interval, at timestamp without time zone, doc tsvector, "
	  "nums integer[]" },
	{ "SELECT * FROM log l1 NATURAL JOIN log l2",
	  "id integer, entry text, word character varying" },
	{ "SELECT * FROM (log l1 JOIN log l2 USING (id)) AS j",
	  "id integer, entry text, word character varying, entry text, word character varying" },
	{ "SELECT j.id, l1.id FROM (log l1 JOIN log l2 USING (id)) AS j", "42P01" },
	{ "SELECT * FROM log l1 JOIN log l2 USING (nope)", "42703" },
	{ "SELECT * FROM users, users", "42712" },
	{ "SELECT * FROM users u, orders u", "42712" },
	{ "SELECT 1 FROM (SELECT 1 x) a, (SELECT 1 y) b LEFT JOIN (SELECT 1 z) c ON a.x=c.z",
	  "42P01" },
	{ "SELECT x.a, x.b FROM (SELECT 1, 2) AS x(a,b)", "a integer, b integer" },
	{ "SELECT x.a FROM (SELECT 1, 2) AS x(a,b,c)", "42P10" },
	{ "SELECT x.b FROM (SELECT 1 a, 2) AS x(z)", "42703" },
	{ "SELECT t.id FROM log AS t(id, a)", "id integer" },
	{ "SELECT t.entry FROM log AS t(id, a)", "42703" },
	{ "SELECT oid FROM users", "42703" },
	{ "SELECT rowid FROM users", "42703" },
	{ "SELECT \"abc\"", "42703" },
	{ "SELECT *", "42601" },
	{ "SELECT * FROM users WHERE username = 'x' ORDER BY created DESC, id LIMIT 5 OFFSET 2",
	  "id bigint, username character varying, email character varying, age integer, score "
	  "double precision, balance numeric, active boolean, created timestamp with time "
	  "zone, born date, data jsonb, tags text[], key uuid, mood mood, note text, bin "
	  "bytea, small smallint, ratio real, wake time without time zone, span interval, at "
	  "timestamp without time zone, doc tsvector, nums integer[]" },
	{ "SELECT username AS n FROM users WHERE n = 'x'", "42703" },
	{ "SELECT -age AS z FROM users ORDER BY z+0", "42703" },
	{ "SELECT -age AS z FROM users ORDER BY z", "z integer" },
	{ "SELECT age AS id, id AS age FROM users ORDER BY age", "id integer, age bigint" },
	{ "SELECT age AS x, id AS x FROM users ORDER BY x", "42702" },
	{ "SELECT age FROM users ORDER BY 2", "42P10" },
	{ "SELECT age FROM users ORDER BY 'x'", "42601" },
	{ "SELECT age FROM users ORDER BY 1.5", "42601" },
	{ "SELECT age FROM users ORDER BY id", "age integer" },
	{ "SELECT DISTINCT age FROM users ORDER BY id", "42P10" },
	{ "SELECT DISTINCT age FROM users ORDER BY age", "age integer" },
	{ "SELECT DISTINCT age + 1 FROM users ORDER BY age + 1", "?column? integer" },
	{ "SELECT DISTINCT ON (age) age, id FROM users ORDER BY age, id",
	  "age integer, id bigint" },
	{ "SELECT DISTINCT ON (age) age, id FROM users ORDER BY id", "42P10" },
	{ "SELECT DISTINCT ON (age, id) age, id FROM users ORDER BY id, age",
	  "age integer, id bigint" },
	{ "SELECT DISTINCT ON (1) age FROM users", "age integer" },
	{ "SELECT age FROM users GROUP BY id", "age integer" },
	{ "SELECT age, count(*) FROM users", "42803" },
	{ "SELECT age, count(*) FROM users GROUP BY age", "age integer, count bigint" },
	{ "SELECT age, count(*) FROM users GROUP BY 1", "age integer, count bigint" },
	{ "SELECT age + 1, count(*) FROM users GROUP BY age + 1",
	  "?column? integer, count bigint" },
	{ "SELECT age + 2, count(*) FROM users GROUP BY age + 1", "42803" },
	{ "SELECT age AS x, count(*) FROM users GROUP BY x", "x integer, count bigint" },
	{ "SELECT id AS age, count(*) FROM users GROUP BY age", "42803" },
	{ "SELECT count(*) FROM users GROUP BY age ORDER BY age", "count bigint" },
	{ "SELECT count(*) FROM users GROUP BY age ORDER BY id", "42803" },
	{ "SELECT status FROM orders GROUP BY user_id, status", "status character varying" },
	{ "SELECT total FROM orders GROUP BY user_id, status", "42803" },
	{ "SELECT product FROM items GROUP BY order_id, line", "product text" },
	{ "SELECT product FROM items GROUP BY order_id", "42803" },
	{ "SELECT entry FROM log GROUP BY id", "42803" },
	{ "SELECT u.username, count(o.id) FROM users u LEFT JOIN orders o ON o.user_id = u.id "
	  "GROUP BY u.id",
	  "username character varying, count bigint" },
	{ "SELECT u.username, o.status FROM users u LEFT JOIN orders o ON o.user_id = u.id "
	  "GROUP BY u.id",
	  "42803" },
	{ "SELECT age FROM users HAVING count(*) > 1", "42803" },
	{ "SELECT age FROM users GROUP BY age HAVING count(*) > 1", "age integer" },
	{ "SELECT age FROM users GROUP BY age HAVING id > 1", "42803" },
	{ "SELECT age FROM users WHERE count(*) > 1", "42803" },
	{ "SELECT count(count(*)) FROM users", "42803" },
	{ "SELECT age FROM users GROUP BY count(*)", "42803" },
	{ "SELECT count(*) FROM users GROUP BY 1", "42803" },
	{ "SELECT sum(count(*)) OVER () FROM users GROUP BY age", "sum numeric" },
};
const size_t resolve_cases_scalar_count = sizeof(resolve_cases_scalar) / sizeof(resolve_cases_scalar[0]);
