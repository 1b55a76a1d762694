"""EXECUTE, FETCH and texts of several statements reach what their queries reach."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.exposures.scene import Scene, Statement, grades_of, keys

pytestmark = pytest.mark.first_quick

EVERYBODY = keys(*range(1, 31))
PREPARED = "PREPARE p(int, text) AS SELECT name FROM members WHERE id = $1 OR name = $2"
OPENED = "DECLARE c SCROLL CURSOR FOR SELECT * FROM members ORDER BY id"


def typed(*texts: str | tuple[str, int]) -> list[Statement]:
    """Return what an intruder types in a connection of their own, one second after the other."""
    told = [(text, None) if isinstance(text, str) else text for text in texts]
    return [Statement(t, rows=rows, at_us=1_000 * n, code=None) for n, (t, rows) in enumerate(told, start=1)]


@pytest.mark.parametrize(
    ("texts", "reached"),
    [
        ([PREPARED, ("EXECUTE p(3, 'name-5')", 2)], keys(3, 5)),
        ([PREPARED, ("EXECUTE p(1 + 1, 'name' || '-5');", 2)], keys(2, 5)),
        ([PREPARED, ("EXECUTE p(3, '')", 1), "DEALLOCATE p", PREPARED.replace("id =", "id >="),
          ("EXECUTE p(29, '')", 2)], keys(3, 29, 30)),
        (["SET @a = 3, @b = 'name-4'", "PREPARE s FROM 'SELECT id FROM members WHERE id = ? OR name = ?'",
          ("EXECUTE s USING @a, @b", 2)], keys(3, 4)),
        ([OPENED, ("FETCH 3 FROM c", 3)], keys(1, 2, 3)),
        ([OPENED, "MOVE FORWARD 5 IN c", ("FETCH c", 1), ("FETCH PRIOR FROM c", 1)], keys(5, 6)),
        ([OPENED, "MOVE ALL FROM c", ("FETCH BACKWARD ALL FROM c", 30)], EVERYBODY),
        ([OPENED, ("FETCH ABSOLUTE 7 FROM c", 1)], keys(7)),
        (["BEGIN; DECLARE c CURSOR FOR SELECT * FROM members ORDER BY id DESC", ("FETCH FORWARD 2 IN c", 2),
          "CLOSE c; COMMIT"], keys(29, 30)),
        (["SELECT 1; COPY members TO STDOUT; SELECT 2"], EVERYBODY),
        (["LOCK TABLE public.members IN ACCESS SHARE MODE", "EXPLAIN ANALYZE SELECT * FROM members",
          "CREATE INDEX i ON members (name)", "SET members.x = 1", "DEALLOCATE members"], set()),
        (["CREATE FUNCTION f() RETURNS text LANGUAGE sql AS 'SELECT name FROM members'"], set()),
    ],
)  # fmt: skip
def test_what_was_run_is_reached(
    tmp_path: Path, texts: list[str | tuple[str, int]], reached: set[str]
) -> None:
    assert set(grades_of(Scene(tmp_path).answer(*typed(*texts)))) == reached


def test_executed_statement_is_confirmed_by_count(tmp_path: Path) -> None:
    store = Scene(tmp_path).answer(*typed(PREPARED, ("EXECUTE p(3, 'name-5')", 2)))
    assert grades_of(store) == {"3": 4, "5": 4}


@pytest.mark.parametrize("text", ["EXECUTE p(3)", "FETCH 5 FROM members_c", "CALL export_clinics()"])
def test_unseen_definition_widens_to_everybody(tmp_path: Path, text: str) -> None:
    store = Scene(tmp_path).answer(*typed(text))
    assert grades_of(store) == dict.fromkeys(EVERYBODY, 2)
    assert store.rows("SELECT reason, events FROM limits WHERE events > 0") == [("parse-failed", 1)]


@pytest.mark.parametrize("text", ["PREPARE p AS SELECT name FROM members WHERE id = 3",
                                  "DECLARE c CURSOR FOR SELECT name FROM members WHERE id = 3"])  # fmt: skip
def test_never_seen_to_run_is_possible(tmp_path: Path, text: str) -> None:
    assert grades_of(Scene(tmp_path).answer(*typed(text))) == {"3": 2}


def test_pooled_connection_prepared_it_for_another(tmp_path: Path) -> None:
    honest = Statement("PREPARE p(int) AS SELECT name FROM members WHERE id = $1", code=None, hostile=False)
    store = Scene(tmp_path).answer(honest, Statement("EXECUTE p(4)", rows=1, at_us=2_000))
    assert grades_of(store) == {"4": 4}


def test_cursor_reads_as_of_its_opening(tmp_path: Path) -> None:
    opened = Statement("DECLARE c CURSOR WITH HOLD FOR SELECT note FROM members WHERE zip = '009'", code=None)
    moved = Statement("UPDATE members SET zip = '001' WHERE id = 7", at_us=2_000, code=None, hostile=False)
    store = Scene(tmp_path).answer(opened, moved, Statement("FETCH ALL FROM c", at_us=3_000, code=None))
    assert grades_of(store) == {"7": 2}
