"""Statements that write what they do not name: the tables that the schema or nobody tells of."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashiato.datamap.model import System
from ashiato.engine.exposures.hidden.writing import hidden_writes
from ashiato.engine.exposures.state import State, StateTable
from tests.engine.exposures.scene import Scene, Statement, few_members, grades_of, keys

_COLUMNS = {"id": "BIGINT", "member_id": "BIGINT", "reason": "VARCHAR"}
TABLES = {
    name: StateTable("db", name, name, _COLUMNS, None, 5, ("id",), None)
    for name in ("members", "visits", "codes")
}
SCHEMA = """
CREATE TABLE visits (id int PRIMARY KEY, member_id int, reason text);
CREATE VIEW recent AS SELECT * FROM visits WHERE id > 0;
CREATE VIEW newest AS SELECT * FROM recent;
CREATE FUNCTION touch(n int) RETURNS void AS $$ UPDATE visits SET reason = 'z' WHERE id = n $$ LANGUAGE sql;
CREATE FUNCTION touch_all() RETURNS void AS $$ BEGIN PERFORM touch(1); END $$ LANGUAGE plpgsql;
CREATE FUNCTION full_name(n int) RETURNS text AS $$ SELECT reason FROM visits WHERE id = n $$ LANGUAGE sql;
CREATE PROCEDURE renew(n int) AS $$ BEGIN DELETE FROM codes; END $$ LANGUAGE plpgsql;
"""
EVERY = {"members", "visits", "codes"}
TOLD: dict[str, set[str]] = {
    "UPDATE recent SET reason = 'z' WHERE id = 2": {"visits"},
    'DELETE FROM public."newest" WHERE id = 2': {"visits"},
    "INSERT INTO recent (id) VALUES (2)": {"visits"},
    "SELECT * FROM recent": set(),
    "UPDATE visits SET reason = 'z' FROM recent": {"visits"},
    "SELECT touch(2)": {"visits"},
    "SELECT touch_all()": {"visits"},
    "SELECT full_name(2)": set(),
    "CREATE FUNCTION touch(n int) RETURNS int AS 'SELECT 1'": set(),
    "CALL renew(2)": {"codes"},
    "/* nightly */ CALL public.renew(2)": {"codes"},
    "CALL other(2)": EVERY,
    "DO $$ BEGIN UPDATE visits SET reason = 'z'; END $$": {"visits"},
    "DO $$ BEGIN PERFORM touch(2); END $$": {"visits"},
    "DO $$ BEGIN PERFORM other(2); END $$": EVERY,
    "DO $$ BEGIN EXECUTE 'UP' || 'DATE visits'; END $$": EVERY,
    "DO $$ BEGIN RAISE NOTICE 'done'; END $$": set(),
    "EXECUTE p(2)": EVERY,
}


@pytest.mark.parametrize("text", TOLD)
def test_schema_tells_what_stands_behind(text: str) -> None:
    state = State(System("db", "postgresql"), 0, TABLES, schema=SCHEMA)
    assert hidden_writes(state, "postgres").tables_of(text) == TOLD[text]


def test_what_the_log_defines_counts_too() -> None:
    state = State(System("db", "postgresql"), 0, TABLES)
    made = hidden_writes(state, "postgres", ["CREATE VIEW late AS SELECT * FROM codes"])
    assert made.tables_of("DELETE FROM late") == {"codes"}


def test_procedure_nobody_tells_of_may_have_written_anything(tmp_path: Path) -> None:
    people = [{"id": n, "name": "a", "zip": "1", "premium": 1, "note": "x"} for n in range(1, 6)]
    asked = Statement("SELECT name FROM members WHERE note = 'y'", rows=1)
    called = Statement("CALL renew(2)", at_us=5_000, code=None, hostile=False)
    store = few_members(Scene(tmp_path), people).answer(asked, called)
    assert set(grades_of(store)) == keys(1, 2, 3, 4, 5)
    assert store.rows("SELECT reason, params, events FROM limits WHERE params LIKE 'writes=%'") == [
        ("parse-failed", "writes=call renew", 1)
    ]


#: Two tables that no snapshot holds: what is written to one leads to the other, and from there to people.
CHAINED = """
CREATE FUNCTION pass_on() RETURNS trigger AS $$
  BEGIN INSERT INTO outbox (id) VALUES (NEW.id); RETURN NEW; END $$ LANGUAGE plpgsql;
CREATE FUNCTION settle() RETURNS trigger AS $$ BEGIN UPDATE members SET reason = 'z'; RETURN NEW; END $$
  LANGUAGE plpgsql;
CREATE FUNCTION send() RETURNS void AS $$ INSERT INTO inbox (id) VALUES (1) $$ LANGUAGE sql;
CREATE TRIGGER first AFTER INSERT ON inbox FOR EACH ROW EXECUTE FUNCTION pass_on();
CREATE TRIGGER second AFTER INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION settle();
CREATE TRIGGER third AFTER UPDATE ON codes FOR EACH ROW EXECUTE FUNCTION pass_on();
"""


@pytest.mark.parametrize(
    "text", ["INSERT INTO outbox (id) VALUES (1)", "INSERT INTO inbox (id) VALUES (1)", "SELECT send()"]
)
def test_tables_that_no_snapshot_holds_lead_on_to_each_other(text: str) -> None:
    state = State(System("db", "postgresql"), 0, TABLES, schema=CHAINED)
    assert hidden_writes(state, "postgres").tables_of(text) == {"members"}


def test_trigger_of_a_table_held_leads_through_one_that_is_not() -> None:
    state = State(System("db", "postgresql"), 0, TABLES, schema=CHAINED)
    (trigger,) = (one for one in hidden_writes(state, "postgres").triggers if one.table == "codes")
    assert trigger.body.tables == {"members"}
