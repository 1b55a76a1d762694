"""A function that neither the schema nor the server tells of may return any row.

What servers bring along returns what it is given, but for those that run queries.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from ashiato.engine.exposures.calls import functions_called, may_call_own, shipped
from ashiato.engine.exposures.hidden.book import Book
from ashiato.engine.exposures.hidden.definitions import definitions_in
from ashiato.engine.exposures.hidden.expanding import read_through
from ashiato.engine.store import Store
from tests.engine.exposures.hidden.test_writes_behind_names import TABLES
from tests.engine.exposures.scene import Scene, Statement, few_members, fields_of, grades_of, keys

SCHEMA = r"""
CREATE FUNCTION age_of(n int) RETURNS int AS 'lib', 'age_of' LANGUAGE c IMMUTABLE STRICT;
CREATE FUNCTION scored(n int) RETURNS int LANGUAGE plpython3u STABLE AS $$ return n $$;
CREATE FUNCTION plain(n int) RETURNS int LANGUAGE sql AS $$ SELECT n + 1 $$;
CREATE FUNCTION passes(n int) RETURNS int LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN nobody_tells(n); END $$;
CREATE FUNCTION inner_of(n int) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN name FROM members; END $$;
CREATE FUNCTION outer_of(n int) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN inner_of(n); END $$;
CREATE FUNCTION built(n int) RETURNS text LANGUAGE plpgsql
  AS $$ BEGIN EXECUTE 'SELECT 1 FROM ' || n; END $$;
CREATE VIEW known AS SELECT name FROM members;
CREATE FUNCTION through_view(n int) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN name FROM known; END $$;
CREATE FUNCTION through_xml(n int) RETURNS xml LANGUAGE plpgsql
  AS $$ BEGIN RETURN query_to_xml('SELECT name FROM members', true, true, ''); END $$;
CREATE FUNCTION runs(q text) RETURNS xml LANGUAGE sql AS $$ SELECT query_to_xml(q, true, true, '') $$;
CREATE FUNCTION runs_on(n text) RETURNS xml LANGUAGE sql
  AS $$ SELECT query_to_xml('SELECT 1 FROM ' || n, true, true, '') $$;
CREATE FUNCTION turns(n int) RETURNS int LANGUAGE sql AS $$ SELECT turns(3) + renew(2) $$;
"""
CONFIRMED, PROBABLE, POSSIBLE = 4, 3, 2
ALL_POSSIBLE = dict.fromkeys(keys(1, 2, 3, 4, 5), POSSIBLE)
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
    "GRANT ALL PRIVILEGES (name) ON members TO x": set(),
}
OF_MYSQL: dict[str, set[str]] = {
    "SELECT renew(`id`) FROM members": {"renew"},
    "SELECT JSON_EXTRACT(doc, '$.a'), IF(id, FIND_IN_SET('a', b), DATE_ADD(d, INTERVAL 1 DAY)) FROM t": set(),
    "REPLACE newcomers (id) VALUES (1)": set(),
    "SELECT * FROM t WHERE MATCH (a) AGAINST ('b' IN BOOLEAN MODE)": set(),
    "SELECT PG_SLEEP(5), DBMS_PIPE.RECEIVE_MESSAGE('a', 5), RANDOMBLOB(1000) FROM t": set(),
}


@pytest.mark.parametrize("text", CALLED)
def test_calls_are_told_from_what_looks_like_them(text: str) -> None:
    assert functions_called(text, "postgres") == CALLED[text]


@pytest.mark.parametrize("text", OF_MYSQL)
def test_calls_of_mysql_are_told_too(text: str) -> None:
    assert functions_called(text, "mysql") == OF_MYSQL[text]


def test_functions_that_run_other_statements_are_no_part_of_a_server() -> None:
    assert not shipped() & {"dblink", "dblink_exec", "xpath_table", "lo_export"}


#: Hostile statements, each with the grades of the five members, and of member 3's name alone.
READ: dict[str, tuple[dict[str, int], int]] = {
    "SELECT a FROM find_members('x') AS a": (ALL_POSSIBLE, POSSIBLE),
    "SELECT id, renew(name) AS v FROM members WHERE id = 3": (ALL_POSSIBLE | {"3": CONFIRMED}, POSSIBLE),
    "SELECT id, age_of(name) AS v FROM members WHERE id = 3": ({"3": PROBABLE}, POSSIBLE),
    "SELECT id, lower(name) AS v FROM members WHERE id = 3": ({"3": CONFIRMED}, CONFIRMED),
    "SELECT renew/**/(2)": (ALL_POSSIBLE, POSSIBLE),
    "SELECT 会員(2)": (ALL_POSSIBLE, POSSIBLE),
    'SELECT "find all"(2)': (ALL_POSSIBLE, POSSIBLE),
    "SELECT id, app.encrypt(name) AS v FROM members WHERE id = 3": (
        ALL_POSSIBLE | {"3": CONFIRMED},
        POSSIBLE,
    ),
    "SELECT 1 FROM clinics WHERE CAST(query_to_xml('SELECT name FROM members', true, true, '') AS int) = 1": (
        ALL_POSSIBLE,
        POSSIBLE,
    ),
    "SELECT outer_of(2)": (ALL_POSSIBLE, POSSIBLE),
    "SELECT through_view(2)": (ALL_POSSIBLE, POSSIBLE),
    "SELECT through_xml(2)": (ALL_POSSIBLE, POSSIBLE),
    "SELECT history(2)": (ALL_POSSIBLE, POSSIBLE),
    "SELECT id, explode(name) AS v FROM members WHERE id = 3": (ALL_POSSIBLE | {"3": CONFIRMED}, POSSIBLE),
    "SELECT * FROM explode(2) AS x": (ALL_POSSIBLE, POSSIBLE),
    "SELECT query_to_xml('SELECT id FROM members WHERE id = 3', true, true, '')": (ALL_POSSIBLE, POSSIBLE),
}
#: Statements by whether what their functions return may be any row.
ANYTHING = {
    "SELECT renew(2)": True,
    "SELECT id FROM members WHERE renew(id) = 2": False,
    "UPDATE members SET name = renew(2)": False,
    "INSERT INTO newcomers (id) VALUES (renew(2))": False,
    "INSERT INTO newcomers (id) SELECT renew(2)": True,
    "UPDATE members SET name = 'a' RETURNING renew(2)": True,
    "COPY (SELECT renew(2)) TO STDOUT": True,
    "SELECT scored(2)": True,
    "SELECT age_of(2), plain(2), inner_of(2), lower('a')": False,
    "SELECT passes(2)": True,
    "SELECT built(2)": True,
    "SELECT turns(2)": True,
    "SELECT database_to_xml(true, true, '')": True,
    "SELECT query_to_xml($1, true, true, '')": True,
    "SELECT query_to_xml('SELECT 1 FROM members', true, true, '')": False,
    "SELECT query_to_xml('SELECT 1 FROM mem' || 'bers', true, true, '')": False,
    "SELECT query_to_xml('SELECT 1 FROM ' || chr(109), true, true, '')": True,
    "SELECT pg_read_file('base/13380/16397')": True,
    "SELECT pg_read_file('/etc/passwd')": False,
    "SELECT pg_read_file('/etc/../var/lib/postgresql/15/main/base/1/2')": True,
    "SELECT pg_read_file('/proc/self/cwd/base/13380/16397')": True,
    "SELECT pg_read_file('/etc/' || '../var/lib/postgresql/base/1/2')": True,
    "SELECT id FROM members WHERE 1 = CAST(pg_read_file('base/1/2') AS int)": True,
    "SELECT app.list(3)": True,
    "SELECT * FROM app.profile(3)": True,
    "SELECT pg_catalog.lower('a'), public.lower('b')": False,
    "SELECT runs(2), runs_on('members')": False,
    "SELECT runs($1)": True,
    "SELECT runs_on($1)": True,
    "SELECT runs(name) FROM members": True,
    "SELECT history(3)": True,
    "SELECT dump(id) FROM members": True,
    "SELECT explode(2)": True,
    "SELECT * FROM explode(2) AS x": True,
    "SELECT map(1), struct(2)": True,
    "SELECT through_view(2)": False,
    "SELECT through_xml(2)": False,
    "SELECT to_timestamp('2026', 'YYYY'), date(now()), generate_series(1, 2), box(point(1, 2), 3)": False,
}


@pytest.mark.parametrize("text", ANYTHING)
def test_what_may_return_any_row_is_told_from_what_says_what_it_reads(text: str) -> None:
    book = Book()
    for made in definitions_in(SCHEMA, None, "postgres", "public"):
        book.note(made)
    reading = read_through(text, book, TABLES, "postgres", "public")
    assert (reading is not None and reading.anything) is ANYTHING[text]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Store]:
    """Answer one hostile statement over five members."""
    people = [{"id": n, "name": f"n{n}", "zip": "1", "premium": 1, "note": "x"} for n in range(1, 6)]

    def answer(text: str) -> Store:
        scene = Scene(tmp_path_factory.mktemp("scene"), schema=SCHEMA)
        return few_members(scene, people).answer(Statement(text, rows=1))

    return answer


#: Calls that an attack tries on any server, and those that only look like one; whether, on MySQL and on
#: PostgreSQL, of whose kin some bring Oracle's packages, they may return any row.
TRIED = {
    "SELECT DBMS_PIPE.RECEIVE_MESSAGE('a', 5)": (False, True),
    "SELECT CTXSYS.DRITHSX.SN(1, 'a')": (False, True),
    "SELECT * FROM utl_http.request('http://a') AS x": (False, True),
    "SELECT pg_sleep(5), xp_cmdshell('dir')": (False, False),
    "SELECT dbms_pipe(1)": (True, True),
    "SELECT app.dbms_pipe(1)": (True, True),
    "SELECT members.receive_message(1)": (True, True),
    "SELECT DBMS_PIPE.RECEIVE_MESSAGE('a', 5), renew(2)": (True, True),
}


@pytest.mark.parametrize("text", TRIED)
def test_packages_of_another_server_show_nothing_on_mysql(text: str) -> None:
    told = [read_through(text, Book(), TABLES, dialect, "app") for dialect in ("mysql", "postgres")]
    assert tuple(one is not None and one.anything for one in told) == TRIED[text]


@pytest.mark.slow
@pytest.mark.parametrize("text", READ)
def test_what_a_function_returns_is_widened_to_and_never_confirmed(
    answers: Callable[[str], Store], text: str
) -> None:
    store = answers(text)
    grades, name = READ[text]
    assert grades_of(store) == grades
    assert fields_of(store, "3").get("members.name", (0,))[0] == name


@pytest.mark.parametrize(
    "text", ["select '" + "a" * 5_000_000, "f(" * 20_000, "/*" * 500_000, "é" * 3_000_000, ". " * 1_000_000]
)
def test_no_text_takes_long(text: str) -> None:
    started = time.process_time()
    may_call_own(text)
    functions_called(text[:200_000], "postgres")
    assert time.process_time() - started < 5
