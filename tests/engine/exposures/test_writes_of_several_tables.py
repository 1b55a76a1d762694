"""Which rows and columns of which tables one logged write touched."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ashiato.datamap.draft.seen import SeenTable
from ashiato.datamap.model import System
from ashiato.engine.exposures.deeds import Logged
from ashiato.engine.exposures.state import State, StateTable
from ashiato.engine.exposures.writes import writes_of

_COLUMNS = {
    "members": {"id": "BIGINT", "name": "VARCHAR", "zip": "VARCHAR"},
    "visits": {"id": "BIGINT", "member_id": "BIGINT", "reason": "VARCHAR"},
    "codes": {"code": "VARCHAR", "title": "VARCHAR"},
}
_KEYS = {"members": ("id",), "visits": ("id",), "codes": ("code",)}
_TABLES = {
    name: StateTable("db", name, name, columns, None, 5, _KEYS[name], None, only_key=name == "codes")
    for name, columns in _COLUMNS.items()
}
Said = tuple[str, str, str | None, str]


def said(
    text: str, engine: str, rows: int | None = None, declared: Mapping[str, SeenTable] | None = None
) -> set[Said]:
    """Return, of each write: its table, what it did, to which key, and the columns it set."""
    state = State(System("db", engine), 0, _TABLES, declared=declared or {})
    logged = Logged(text, None, 1_000, rows, 1_000)
    dialect = "mysql" if engine == "mariadb" else "postgres"
    return {
        (write.kept_as, str(write.deed), write.key, ",".join(sorted(write.columns)))
        for write in writes_of(logged, state, dialect)
    }


POSTGRESQL = {
    "UPDATE visits SET reason = 'x' FROM members m WHERE m.id = visits.member_id AND m.id = 3": {
        ("visits", "set", None, "reason")
    },
    "UPDATE visits v SET reason = 'x' FROM members m WHERE m.id = 3 AND v.id = 7": {
        ("visits", "set", "7", "reason")
    },
    "DELETE FROM visits USING members WHERE members.id = 3 AND visits.member_id = members.id": {
        ("visits", "taken", None, "member_id")
    },
    "DELETE FROM visits v USING members m WHERE v.id = m.id AND m.id = 3": {("visits", "any", "3", "id")},
    "WITH gone AS (DELETE FROM visits WHERE id = 4 RETURNING member_id) UPDATE members SET zip = '1' "
    "FROM gone WHERE members.id = gone.member_id": {
        ("visits", "taken", "4", "id"),
        ("members", "set", None, "zip"),
    },
    "MERGE INTO members m USING visits v ON m.id = v.member_id WHEN MATCHED THEN UPDATE SET zip = v.reason "
    "WHEN NOT MATCHED THEN INSERT (id, name) VALUES (v.id, v.reason)": {
        ("members", "set", None, "zip"),
        ("members", "put", None, ""),
    },
    "MERGE INTO members m USING visits v ON m.id = v.member_id WHEN MATCHED THEN DELETE": {
        ("members", "taken", None, "")
    },
    "INSERT INTO members (id, name) VALUES (3, 'a') ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name": {
        ("members", "ensured", "3", "name")
    },
    "INSERT INTO members (id, name) VALUES (3, 'a') ON CONFLICT (name) DO UPDATE SET zip = 'x'": {
        ("members", "offered", "3", "zip"),
        ("members", "set", None, "zip"),
    },
    "INSERT INTO members (id, name) VALUES (3, 'a') ON CONFLICT DO NOTHING": {
        ("members", "offered", "3", "")
    },
    "INSERT INTO members (id, name) SELECT id, reason FROM visits "
    "ON CONFLICT (id) DO UPDATE SET name = 'x'": {
        ("members", "offered", None, "name"),
        ("members", "set", None, "name"),
    },
    "TRUNCATE members, visits": {("members", "taken", None, ""), ("visits", "taken", None, "")},
}
MARIADB = {
    "UPDATE members m JOIN visits v ON v.member_id = m.id SET m.zip = 'x', v.reason = 'y' WHERE m.id = 3": {
        ("members", "set", "3", "zip"),
        ("visits", "set", None, "reason"),
    },
    "UPDATE members, visits SET zip = 'x' WHERE members.id = visits.member_id": {
        ("members", "set", None, "zip")
    },
    "DELETE m, v FROM members m JOIN visits v ON v.member_id = m.id WHERE m.id = 3": {
        ("members", "any", "3", "id"),
        ("visits", "taken", None, "member_id"),
    },
    "DELETE v FROM members m JOIN visits v ON v.member_id = m.id WHERE m.zip = '5'": {
        ("visits", "taken", None, "")
    },
    "DELETE FROM v USING members m JOIN visits v ON v.member_id = m.id WHERE v.id = 5": {
        ("visits", "any", "5", "id")
    },
    "DELETE t FROM visits AS t WHERE t.id = 3": {("visits", "taken", "3", "id")},
    "REPLACE INTO codes (code, title) VALUES ('a', 'b')": {("codes", "replaced", "a", "code,title")},
    "REPLACE INTO members (id, name) VALUES (3, 'b')": {
        ("members", "replaced", "3", "id,name,zip"),
        ("members", "taken", None, ""),
    },
    "INSERT INTO codes (code, title) VALUES ('a', 'b') ON DUPLICATE KEY UPDATE title = VALUES(title)": {
        ("codes", "ensured", "a", "title")
    },
    "INSERT INTO members (id, name) VALUES (3, 'b') ON DUPLICATE KEY UPDATE name = 'c'": {
        ("members", "offered", "3", "name"),
        ("members", "set", None, "name"),
    },
    "INSERT IGNORE INTO codes (code, title) VALUES ('a', 'b')": {("codes", "offered", "a", "")},
}
_CASES = [
    (engine, text, expected)
    for engine, cases in (("postgresql", POSTGRESQL), ("mariadb", MARIADB))
    for text, expected in cases.items()
]


@pytest.mark.parametrize(("engine", "text", "expected"), _CASES, ids=[text[:60] for _, text, _ in _CASES])
def test_write_goes_to_the_tables_it_names(engine: str, text: str, expected: set[Said]) -> None:
    assert said(text, engine) == expected


def test_joined_write_of_as_many_rows_wrote_them_all() -> None:
    text = "DELETE FROM visits v USING members m WHERE v.id = m.id AND m.id = 3"
    assert said(text, "postgresql", rows=1) == {("visits", "taken", "3", "id")}


def test_rows_that_were_all_taken_were_put_in() -> None:
    text = "INSERT INTO members (id, name) VALUES (3, 'a'), (4, 'b') ON CONFLICT DO NOTHING"
    assert {deed for _, deed, _, _ in said(text, "postgresql", rows=2)} == {"put"}
    assert {deed for _, deed, _, _ in said(text, "postgresql", rows=1)} == {"offered"}
