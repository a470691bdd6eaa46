/* src/schema/merge.c: MERGE in pieces, of which memory may run out in any. What MERGE means is tested in
 * tests/parity. */
#include "swept.h"
#include "tests/support/suite.h"

#define BEGIN "CREATE TABLE t (id int PRIMARY KEY, name text CHECK (name <> 'no')); " \
	      "CREATE TABLE v (id int, name text); INSERT INTO v VALUES (2, 'b'), (4, 'd'); " \
	      "INSERT INTO t VALUES (1, 'one'), (2, 'two'), (3, 'three')"
#define ROWS "SELECT string_agg(id || name, ',' ORDER BY id) FROM t"
#define THREE "1one,2two,3three"

START_TEST(pieces_of_a_merge_are_all_or_nothing)
{
	static const swept statements[] = {
		{ "MERGE INTO t USING v ON t.id = v.id WHEN MATCHED THEN UPDATE SET name = v.name "
		  "WHEN NOT MATCHED THEN INSERT (id, name) VALUES (v.id, v.name || '!')", ROWS, THREE,
		  "1one,2b,3three,4d!" },
		{ "MERGE INTO t USING (SELECT id, upper(name) AS n FROM v) AS w ON t.id = w.id "
		  "WHEN MATCHED AND w.n = 'B' THEN DELETE WHEN MATCHED THEN DO NOTHING "
		  "WHEN NOT MATCHED AND w.id > 9 THEN INSERT VALUES (w.id, w.n)",
		  ROWS, THREE, "1one,3three" },
		{ "WITH w AS (SELECT 3 AS id) MERGE INTO t AS x USING w ON x.id = w.id "
		  "WHEN MATCHED THEN UPDATE SET (id, name) = ROW(30, 'thirty')",
		  ROWS, THREE, "1one,2two,30thirty" }
	};

	sweep_statements(BEGIN, statements, sizeof statements / sizeof *statements);
}
END_TEST

SUITE_MAIN("merge", pieces_of_a_merge_are_all_or_nothing)
