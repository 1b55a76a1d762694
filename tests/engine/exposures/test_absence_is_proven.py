from __future__ import annotations

from dataclasses import replace

import pytest

from ashiato.datamap.model import Column
from ashiato.engine.store import Store
from tests.engine.exposures.scene import MEMBER_ROWS, MEMBERS, ROWS, TABLES, Scene, Statement, keys

pytestmark = pytest.mark.first_quick

THEFT = Statement("SELECT name FROM members WHERE id = 3", rows=1)


@pytest.fixture
def guarded(scene: Scene) -> Scene:
    """An estate whose log covers every way."""
    scene.covered = True
    return scene


def honest(text: str, **said: object) -> Statement:
    return Statement(text, hostile=False, at_us=2_000, target="/other", **said)  # type: ignore[arg-type]


def missing(store: Store) -> str | None:
    """What is missing for a proof on members, or None when there is one."""
    ((proves, reasons),) = store.rows("SELECT proves, reasons FROM absences WHERE table_name = 'members'")
    assert proves == (reasons == "")
    return reasons or None


def touched(store: Store) -> set[str]:
    return {key for (key,) in store.rows("SELECT record_key FROM touched WHERE table_name = 'members'")}


def test_what_no_statement_touches_is_proven(guarded: Scene) -> None:
    store = guarded.answer(THEFT, honest("SELECT name FROM members WHERE id IN (5, 6)"))
    assert missing(store) is None
    assert touched(store) == keys(3, 5, 6)
    assert store.rows("SELECT source, events, start_us FROM absences") == [("pg.csv", 2, 500)]


def test_without_coverage_nothing_is_proven(scene: Scene) -> None:
    store = scene.answer(THEFT)
    assert missing(store) == "no-statement-log"
    assert touched(store) == set()


def test_rows_of_others_touch_their_owner(guarded: Scene) -> None:
    store = guarded.answer(THEFT, honest("SELECT reason FROM visits WHERE id = 501"))
    assert touched(store) == keys(3, 2)


def test_honest_programs_touch_nobody_but_what_they_write(guarded: Scene) -> None:
    guarded.machines = ("batch",)
    batch = honest("SELECT * FROM members", user="batch")
    written = honest("UPDATE members SET premium = 1 WHERE id = 9", user="batch")
    assert touched(guarded.answer(THEFT, batch, written)) == keys(3, 9)


def test_program_used_by_the_intruder_is_honest_no_more(guarded: Scene) -> None:
    guarded.machines = ("batch",)
    store = guarded.answer(Statement("SELECT name FROM members WHERE id < 4", user="batch"))
    assert touched(store) == keys(1, 2, 3)


def test_counts_over_many_touch_nobody(guarded: Scene) -> None:
    assert touched(guarded.answer(THEFT, honest("SELECT count(*) FROM members"))) == keys(3)


def test_page_in_an_unknown_order_touches_all_it_may(guarded: Scene) -> None:
    store = guarded.answer(honest("SELECT name FROM members WHERE id <= 10 LIMIT 2"), THEFT)
    assert touched(store) == keys(*range(1, 11))


def test_page_in_a_known_order_touches_its_rows(guarded: Scene) -> None:
    store = guarded.answer(honest("SELECT name FROM members ORDER BY id LIMIT 2 OFFSET 4"), THEFT)
    assert touched(store) == keys(3, 5, 6)


@pytest.mark.parametrize(
    "condition",
    ["name ~ '^name-3$'", "upper(name) = 'NAME-3'", "name ILIKE 'NAME-3'", "note = 'x' AND id = 3",
     "length(name) > 100", "id / 7 = 99", "name = current_user"],
)  # fmt: skip
def test_what_servers_compare_in_their_own_way_touches_whole_tables(guarded: Scene, condition: str) -> None:
    store = guarded.answer(THEFT, honest(f"SELECT zip FROM members WHERE {condition}"))
    assert touched(store) == {str(row["id"]) for row in MEMBER_ROWS}


@pytest.mark.slow
def test_ranges_of_text_hang_on_the_collation(guarded: Scene) -> None:
    asked = honest("SELECT zip FROM members WHERE name < 'name-10'")
    assert touched(guarded.answer(THEFT, asked)) == keys(3, 1)
    guarded.collation = None
    assert len(touched(guarded.answer(THEFT, asked))) == len(MEMBER_ROWS)


@pytest.mark.slow
def test_pages_sorted_by_text_hang_on_the_collation(guarded: Scene) -> None:
    asked = honest("SELECT zip FROM members ORDER BY name, id LIMIT 1")
    assert touched(guarded.answer(THEFT, asked)) == keys(1, 3)
    guarded.collation = "ja-x-icu"
    assert len(touched(guarded.answer(THEFT, asked))) == len(MEMBER_ROWS)


@pytest.mark.parametrize(
    ("text", "gap"),
    [
        ("SELECT export_members()", "beyond-reading(command=export_members)"),
        ("SELECT query_to_xml('x', true, true, '')", "beyond-reading(command=query_to_xml)"),
        ("SELECT * FROM pg_stat_activity", "beyond-reading(command=pg_stat_activity)"),
        ("SELECT * FROM member_view", "table-not-mapped(table=member_view)"),
        ("SELECT * FROM members_old WHERE id = 1", "table-not-mapped(table=members_old)"),
        ("COPY members TO PROGRAM 'cat > /tmp/x'", "beyond-reading"),
        ("COPY members TO '/tmp/x'", "beyond-reading(command=copy-to-file)"),
        ("CREATE TABLE x AS SELECT * FROM members", "beyond-reading(command=Create)"),
        ("SELECT * INTO x FROM members", "beyond-reading(command=Select)"),
        ("EXECUTE p(5)", "not-understood(why=unknown-command)"),
        ("DO $$ BEGIN END $$", "not-understood"),
        ("SET ROLE owner", "not-understood"),
        ("SELECT name FROM (members", "not-understood(why=unreadable-statement)"),
        ("SELECT name FROM members WHERE id = $1", "not-understood(why=bind-missing)"),
        ("TRUNCATE members", "beyond-reading(command=TruncateTable)"),
    ],
)  # fmt: skip
def test_statement_that_nothing_bounds_undoes_the_proof(guarded: Scene, text: str, gap: str) -> None:
    assert (missing(guarded.answer(THEFT, honest(text))) or "").startswith(gap)


def test_whose_the_statement_was_is_not_asked(guarded: Scene) -> None:
    store = guarded.answer(THEFT, Statement("SELECT export_members()", at_us=3_000))
    assert missing(store) == "beyond-reading(command=export_members)"


def test_statements_that_reach_nobody_undo_nothing(guarded: Scene) -> None:
    texts = [
        "BEGIN", "COMMIT;", "SET application_name = 'x'", "SHOW server_version", "SELECT 1",
        "SELECT version()", "ROLLBACK", "INSERT INTO clinics (id, title) VALUES (9, 'x')",
        "SELECT title FROM clinics",
    ]  # fmt: skip
    store = guarded.answer(THEFT, *map(honest, texts))
    assert missing(store) is None
    assert touched(store) == keys(3)


@pytest.mark.parametrize(
    ("born", "gap"), [("1990-01-01", None), ("1990-13-41", "snapshot-missing(values=1)")]
)
def test_values_no_type_can_hold_undo_the_proof(guarded: Scene, born: str, gap: str | None) -> None:
    dated = replace(MEMBERS, columns={"born": Column("born", "date")})
    guarded.tables = {**TABLES, "members": dated}
    guarded.rows = {
        **ROWS,
        "members": [{**row, "born": born if row["id"] == 1 else ""} for row in MEMBER_ROWS],
    }
    assert missing(guarded.answer(THEFT)) == gap


def test_written_rows_prove_nothing_of_their_owners(guarded: Scene) -> None:
    put_in = honest("INSERT INTO visits (id, member_id) VALUES (502, 3)")
    store = guarded.answer(THEFT, honest("UPDATE members SET zip = '1' WHERE id IN (7, 8)"), put_in)
    assert missing(store) is None
    assert touched(store) == keys(3, 7, 8)


@pytest.mark.parametrize(
    ("write", "read"),
    [
        ("UPDATE members SET id = 99 WHERE id = 9", "SELECT zip FROM members WHERE id = 3"),
        ("UPDATE visits SET member_id = 9 WHERE id = 501", "SELECT reason FROM visits WHERE id = 501"),
        ("UPDATE members SET zip = '1' WHERE premium > 5", "SELECT zip FROM members WHERE id = 3"),
        ("DELETE FROM visits WHERE id = 999", "SELECT reason FROM visits WHERE id = 501"),
    ],
)
def test_reading_where_rows_are_unclear_touches_everybody(guarded: Scene, write: str, read: str) -> None:
    store = guarded.answer(honest(read), honest(write), Statement("SELECT title FROM clinics", rows=2))
    assert missing(store) is None
    assert len(touched(store)) == len(MEMBER_ROWS)


def test_unclear_rows_that_nobody_read_touch_nobody(guarded: Scene) -> None:
    assert touched(guarded.answer(THEFT, honest("DELETE FROM visits WHERE id = 999"))) == keys(3)


@pytest.mark.parametrize(
    ("text", "everybody"),
    [
        ("DELETE FROM members WHERE zip = '999'", True),
        ("UPDATE members SET zip = v.reason FROM visits v WHERE members.id = 4 AND v.id = 501", True),
        ("UPDATE members SET zip = '1' WHERE id = 4", False),
    ],
)
def test_writing_rows_by_their_values_touches_all_they_may_be(
    guarded: Scene, text: str, everybody: bool
) -> None:
    reached = touched(guarded.answer(THEFT, honest(text)))
    assert reached == ({str(row["id"]) for row in MEMBER_ROWS} if everybody else keys(3, 4))
