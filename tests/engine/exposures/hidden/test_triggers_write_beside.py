"""What triggers of the schema make of a write: other rows, other columns, or nothing that can be told."""

from __future__ import annotations

import pytest

from ashiato.datamap.model import System
from ashiato.engine.exposures.deeds import Logged, Write
from ashiato.engine.exposures.hidden.firing import Firing
from ashiato.engine.exposures.hidden.writing import hidden_writes
from ashiato.engine.exposures.state import State, StateTable
from ashiato.engine.exposures.writes import writes_of
from tests.engine.exposures.scene import Scene, Statement, few_members, grades_of

POSSIBLE, CONFIRMED = 2, 4
_COLUMNS = {
    "members": {"id": "BIGINT", "name": "VARCHAR", "zip": "VARCHAR"},
    "visits": {"id": "BIGINT", "member_id": "BIGINT", "reason": "VARCHAR"},
    "codes": {"code": "VARCHAR", "title": "VARCHAR"},
}
_KEYS = {"members": ("id",), "visits": ("id",), "codes": ("code",)}
TABLES = {
    name: StateTable("db", name, name, columns, None, 5, _KEYS[name], None)
    for name, columns in _COLUMNS.items()
}
#: A write as table, deed, key, the columns it names, and what its rows held.
Said = tuple[str, str, str | None, str, str]
UPDATED = "UPDATE members SET zip = '9' WHERE id = 5"
OWN: Said = ("members", "set", "5", "zip", "")


def postgres(body: str, when: str = "AFTER UPDATE", rest: str = "LANGUAGE plpgsql") -> str:
    """Return a schema with one trigger of the members that runs a body."""
    return (
        f"CREATE FUNCTION public.f() RETURNS trigger {rest} AS $$ BEGIN {body} RETURN NEW; END; $$;\n"
        f"CREATE TRIGGER t {when} ON public.members FOR EACH ROW EXECUTE FUNCTION public.f('x');\n"
        "CREATE TABLE later (n int);"
    )


def mariadb(body: str, when: str = "AFTER UPDATE") -> str:
    """Return the same as a dump of MariaDB has it."""
    return (
        "DELIMITER ;;\n/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER `t` "
        f"{when} ON `members` FOR EACH ROW {body} */;;\nDELIMITER ;\nINSERT INTO codes VALUES (1);"
    )


def written(schema: str, text: str = UPDATED, engine: str = "postgresql") -> tuple[set[Said], Firing]:
    """Return what a statement wrote, with what its triggers did."""
    state = State(System("db", engine), 0, TABLES, schema=schema)
    dialect = "mysql" if engine == "mariadb" else "postgres"
    found: dict[str, set[Write]] = {}
    for write in writes_of(Logged(text, None, 1_000, 1, 1_000), state, dialect):
        found.setdefault(write.kept_as, set()).add(write)
    firing = Firing(state, dialect, hidden_writes(state, dialect))
    firing.fire(found)
    return {_said(write) for held in found.values() for write in held}, firing


def _said(write: Write) -> Said:
    held = ",".join(f"{name}={value}" for name, value in write.held)
    return write.kept_as, str(write.deed), write.key, ",".join(sorted(write.columns)), held


_VISITS = "UPDATE visits SET reason = NEW.zip WHERE member_id = {row}.id;"
_OF_MEMBER: Said = ("visits", "set", None, "reason", "member_id=5")
FOLLOWED: dict[str, tuple[str, set[Said]]] = {
    "another table's rows": (_VISITS.format(row="OLD"), {OWN, _OF_MEMBER}),
    "under a condition": (
        "IF NEW.zip <> OLD.zip THEN " + _VISITS.format(row="NEW") + " ELSE NULL; END IF;",
        {OWN, _OF_MEMBER},
    ),
    "a row by its key": ("DELETE FROM codes WHERE code = NEW.zip;", {OWN, ("codes", "any", "9", "", "")}),
    "a value that nobody knows": (
        "DELETE FROM codes WHERE code = OLD.zip;",
        {OWN, ("codes", "taken", None, "", "")},
    ),
}


@pytest.mark.parametrize("name", FOLLOWED)
@pytest.mark.parametrize("engine", ["postgresql", "mariadb"])
def test_what_a_body_writes_is_followed(name: str, engine: str) -> None:
    body, wanted = FOLLOWED[name]
    schema = postgres(body) if engine == "postgresql" else mariadb(f"BEGIN {body} END")
    found, firing = written(schema, engine=engine)
    assert found == wanted
    assert not +firing.unread


def test_body_of_one_statement_is_read() -> None:
    found, _ = written(mariadb("UPDATE visits SET reason = 'x' WHERE id = NEW.id"), engine="mariadb")
    assert found == {OWN, ("visits", "set", "5", "reason", "")}


def test_row_put_in_beside_may_be_any_of_its_table() -> None:
    found, _ = written(postgres("INSERT INTO visits (member_id, reason) VALUES (NEW.id, 'moved');"))
    assert found == {OWN, ("visits", "offered", None, "", "")}


@pytest.mark.parametrize(
    ("when", "text", "fires"),
    [
        ("AFTER UPDATE OF zip", UPDATED, True),
        ("AFTER UPDATE OF name", UPDATED, False),
        ("AFTER INSERT OR DELETE", UPDATED, False),
        ("AFTER INSERT OR UPDATE OF name OR DELETE", "DELETE FROM members WHERE id = 5", True),
        ("AFTER INSERT", "INSERT INTO members (id, name) VALUES (5, 'a')", True),
        ("AFTER INSERT", "UPDATE visits SET reason = 'x'", False),
    ],
)
def test_only_its_own_events_fire_it(when: str, text: str, *, fires: bool) -> None:
    found, _ = written(postgres("DELETE FROM codes WHERE code = 'c';", when), text)
    assert ("codes" in {table for table, *_ in found}) is fires


def test_column_that_a_trigger_sets_holds_something_else() -> None:
    schema = postgres("NEW.zip := upper(NEW.zip); NEW.name = 'x';", "BEFORE UPDATE")
    state_found, _ = written(schema)
    assert state_found == {("members", "set", "5", "name,zip", "")}
    for body in ("SET NEW.name = 'x', NEW.zip = 'y'", "BEGIN SET @n = 1, NEW.name = 'x'; END"):
        assert written(mariadb(body, "BEFORE UPDATE"), engine="mariadb")[0] == state_found


def test_column_that_a_trigger_takes_from_another_row_holds_something_else() -> None:
    body = "UPDATE codes SET title = 'x' WHERE code = 'seq' RETURNING title INTO NEW.name;"
    found, _ = written(postgres(body, "BEFORE UPDATE"))
    assert ("members", "set", "5", "name,zip", "") in found


@pytest.mark.parametrize("text", ["INSERT INTO orders VALUES (1)", 'UPDATE public."orders" SET n = 2'])
def test_trigger_of_a_table_that_no_snapshot_holds_is_heard_of(text: str) -> None:
    body = "UPDATE members SET zip = '9' WHERE id = NEW.id;"
    schema = postgres(body, "AFTER INSERT OR UPDATE").replace("public.members", "public.orders")
    state = State(System("db", "postgresql"), 0, TABLES, schema=schema)
    assert hidden_writes(state, "postgres").tables_of(text) == {"members"}


def test_value_that_a_trigger_overwrites_is_not_believed() -> None:
    state = State(System("db", "postgresql"), 0, TABLES, schema=postgres("NEW.zip := 'q';", "BEFORE UPDATE"))
    (write,) = writes_of(Logged(UPDATED, None, 1_000, 1, 1_000), state, "postgres")
    found = {"members": {write}}
    Firing(state, "postgres", hidden_writes(state, "postgres")).fire(found)
    assert [(one.told, one.untold) for one in found["members"]] == [((), ("zip",))]


def test_row_that_a_trigger_may_keep_from_being_written_is_not_sure() -> None:
    found, _ = written(
        postgres("IF NEW.zip = '' THEN RETURN NULL; END IF;", "BEFORE DELETE"),
        "DELETE FROM members WHERE id = 5",
    )
    assert {one[:3] for one in found} == {("members", "any", "5")}


@pytest.mark.parametrize(
    "schema",
    [
        postgres("EXECUTE 'DELETE FROM ' || TG_ARGV[0];"),
        "CREATE TRIGGER t AFTER UPDATE ON members FOR EACH ROW EXECUTE PROCEDURE elsewhere();",
        (
            "CREATE FUNCTION f() RETURNS trigger AS '$libdir/f', 'f' LANGUAGE c;\n"
            "CREATE TRIGGER t AFTER UPDATE ON members EXECUTE FUNCTION f();"
        ),
        postgres("plpy.execute('begin end')", rest="LANGUAGE plpython3u"),
    ],
)
def test_what_cannot_be_read_may_have_written_any_row_and_is_listed(schema: str) -> None:
    found, firing = written(schema)
    assert {(table, "any", None) for table in TABLES} <= {one[:3] for one in found}
    assert firing.unread["t"] >= 1


def test_code_that_is_not_understood_may_have_written_what_it_names() -> None:
    found, _ = written(postgres("IF CASE WHEN NEW.zip = '' THEN TRUE END THEN DELETE FROM codes; END IF;"))
    assert {one[:3] for one in found} == {OWN[:3], ("codes", "any", None)}


def test_function_that_servers_bring_with_them_sets_its_column_only() -> None:
    schema = "CREATE TRIGGER t BEFORE UPDATE ON members FOR EACH ROW EXECUTE FUNCTION moddatetime(name);"
    assert written(schema)[0] == {("members", "set", "5", "name,zip", "")}


def test_what_a_trigger_writes_fires_the_next() -> None:
    chain = postgres("UPDATE visits SET reason = 'x' WHERE id = NEW.id;") + (
        "CREATE FUNCTION g() RETURNS trigger AS $$ BEGIN DELETE FROM codes WHERE code = 'c'; RETURN NEW; "
        "END $$ LANGUAGE plpgsql;\nCREATE TRIGGER u AFTER UPDATE ON visits FOR EACH ROW EXECUTE FUNCTION g();"
    )
    assert {one[:3] for one in written(chain)[0]} == {OWN[:3], ("visits", "set", "5"), ("codes", "any", "c")}


def test_trigger_that_fires_itself_comes_to_an_end() -> None:
    found, _ = written(postgres("UPDATE members SET name = name || 'x' WHERE id = NEW.id;"))
    assert found == {OWN, ("members", "set", "5", "name", "")}


def test_member_whose_row_a_trigger_changed_since_is_not_lost(scene: Scene) -> None:
    few_members(
        scene, [{"id": n, "name": f"n{n}", "zip": "1", "premium": 1, "note": "x"} for n in range(1, 4)]
    )
    scene.schema = (
        "CREATE FUNCTION f() RETURNS trigger AS $$ BEGIN UPDATE members SET zip = NEW.reason "
        "WHERE id = NEW.member_id; RETURN NEW; END $$ LANGUAGE plpgsql;\n"
        "CREATE TRIGGER t AFTER UPDATE ON visits FOR EACH ROW EXECUTE FUNCTION f();"
    )
    asked = Statement("SELECT name FROM members WHERE zip = '0'", rows=1)
    moved = "UPDATE visits SET member_id = 2, reason = '1' WHERE id = 1"
    store = scene.answer(asked, Statement(moved, rows=1, at_us=5_000, code=None, hostile=False))
    assert grades_of(store) == {"2": POSSIBLE}
