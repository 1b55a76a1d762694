"""A function that neither the schema nor the server tells of may write; what servers bring along does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashiato.datamap.model import System
from ashiato.engine.exposures.hidden.calls import functions_called, shipped
from ashiato.engine.exposures.hidden.writing import hidden_writes
from ashiato.engine.exposures.state import State
from tests.engine.exposures.hidden.test_writes_behind_names import EVERY, TABLES
from tests.engine.exposures.scene import Scene, Statement, few_members, grades_of, keys

SCHEMA = r"""
CREATE FUNCTION age_of(n int) RETURNS int AS 'lib', 'age_of' LANGUAGE c IMMUTABLE STRICT;
CREATE FUNCTION scored(n int) RETURNS int LANGUAGE plpython3u STABLE AS $$ return n $$;
CREATE FUNCTION stir(n int) RETURNS int LANGUAGE plpython3u AS $$ return n $$;
CREATE FUNCTION plain(n int) RETURNS int LANGUAGE sql AS $$ SELECT n + 1 $$;
CREATE FUNCTION passes(n int) RETURNS int LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN nobody_tells(n); END $$;
"""
CALLED: dict[str, set[str]] = {
    "SELECT renew(2)": {"renew"},
    "SELECT id FROM members WHERE public.renew (id) = 1": {"renew"},
    'SELECT * FROM "Renew"(2) AS r (a, b)': {"renew"},
    "SELECT name FROM members JOIN LATERAL renew(members.id) ON true": {"renew"},
    "UPDATE members SET name = renew(id)": {"renew"},
    "INSERT INTO members (id, name) VALUES (1, coalesce(renew(1), 'b'))": {"renew"},
    "WITH a (x) AS (SELECT 1), b (y) AS MATERIALIZED (SELECT renew(x) FROM a) SELECT * FROM b": {"renew"},
    "EXPLAIN ANALYZE SELECT renew(1)": {"renew"},
    "SELECT 'renew(2)', count(*), lower(name) -- renew(3)\nFROM members t (a, name) /* renew(4) */": set(),
    "SELECT now(), string_agg(name, ',' ORDER BY id) FILTER (WHERE id IN (1, 2)) OVER w FROM members": set(),
    "SELECT cast(id AS varchar(10)), id::numeric(10, 2) FROM unnest(ARRAY[1]) u (id)": set(),
    "SELECT gen_random_uuid(), crypt('a', gen_salt('bf')), similarity(name, 'a') FROM members": set(),
    "INSERT INTO newcomers (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET id = EXCLUDED.id": set(),
    "INSERT INTO app.newcomers (id) SELECT id FROM members": set(),
}
OF_MYSQL: dict[str, set[str]] = {
    "SELECT renew(`id`) FROM members": {"renew"},
    "SELECT JSON_EXTRACT(doc, '$.a'), IF(id, FIND_IN_SET('a', b), DATE_ADD(d, INTERVAL 1 DAY)) FROM t": set(),
    "REPLACE newcomers (id) VALUES (1)": set(),
    "SELECT * FROM t WHERE MATCH (a) AGAINST ('b' IN BOOLEAN MODE)": set(),
    "SELECT PG_SLEEP(5), DBMS_PIPE.RECEIVE_MESSAGE('a', 5), RANDOMBLOB(1000) FROM t": set(),
}
BEHIND: dict[str, set[str]] = {
    "SELECT age_of(2), scored(3), plain(4)": set(),
    "SELECT stir(2)": EVERY,
    "SELECT passes(2)": EVERY,
    "SELECT renew(2)": EVERY,
    "DO $$ BEGIN IF renew(2) THEN NULL; END IF; END $$": EVERY,
    "DO $$ BEGIN RAISE NOTICE '%', lower('renew(2)'); END $$": set(),
}


@pytest.mark.parametrize("text", CALLED)
def test_calls_are_told_from_what_looks_like_them(text: str) -> None:
    assert functions_called(text, "postgres") == CALLED[text]


@pytest.mark.parametrize("text", OF_MYSQL)
def test_calls_of_mysql_are_told_too(text: str) -> None:
    assert functions_called(text, "mysql") == OF_MYSQL[text]


@pytest.mark.parametrize("text", BEHIND)
def test_schema_says_what_only_reads(text: str) -> None:
    state = State(System("db", "postgresql"), 0, TABLES, schema=SCHEMA)
    assert hidden_writes(state, "postgres").tables_of(text) == BEHIND[text]


def test_functions_that_run_other_statements_are_no_part_of_a_server() -> None:
    assert not shipped() & {"dblink", "dblink_exec", "xpath_table", "lo_export"}


@pytest.mark.slow
def test_unknown_function_may_have_written_anything_and_is_listed(tmp_path: Path) -> None:
    people = [{"id": n, "name": "a", "zip": "1", "premium": 1, "note": "x"} for n in range(1, 6)]
    asked = Statement("SELECT name FROM members WHERE note = 'y'", rows=1)
    calls = ("SELECT renew(2)", "SELECT lower(name), count(*) FROM members GROUP BY lower(name)")
    told = []
    for number, text in enumerate(calls):
        folder = tmp_path / str(number)
        folder.mkdir()
        called = Statement(text, at_us=5_000, code=None, hostile=False)
        store = few_members(Scene(folder), people).answer(asked, called)
        listed = store.rows("SELECT reason, params, events FROM limits WHERE params LIKE 'writes=%'")
        told.append((set(grades_of(store)), listed))
    assert told == [
        (keys(1, 2, 3, 4, 5), [("parse-failed", "writes=select renew", 1)]),
        (set(), []),
    ]
