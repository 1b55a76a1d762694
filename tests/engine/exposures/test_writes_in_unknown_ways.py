"""A write that is not followed may have written whatever it names: none of its tables counts as untouched."""

from __future__ import annotations

import pytest

from ashiato.datamap.draft.seen import Link, SeenTable
from tests.engine.exposures.test_writes_of_several_tables import Said, said

_ANY: set[Said] = {("members", "any", None, "")}
_BOTH: set[Said] = _ANY | {("visits", "any", None, "")}
_ALL: set[Said] = _BOTH | {("codes", "any", None, "")}
_PUT: set[Said] = {("members", "put", None, "")}
_GONE: set[Said] = {("members", "taken", "5", "id")}
_NAME_AND_ZIP: set[Said] = {("members", "set", "5", "name,zip")}
_ZIP: set[Said] = {("members", "set", "5", "zip")}

POSTGRESQL: dict[str, set[Said]] = {
    "UPDATE members SET (name, zip) = ('x', '1') WHERE id = 5": _NAME_AND_ZIP,
    "UPDATE members SET (name, zip) = ROW('x', '1') WHERE id = 5": _NAME_AND_ZIP,
    "UPDATE members SET (name, zip) = (SELECT 'x', '1') WHERE id = 5": _NAME_AND_ZIP,
    "UPDATE members SET (name, other[1]) = ('x', '1') WHERE id = 5": _ANY,
    "UPDATE members SET name[1] = 'x' WHERE id = 5": _ANY,
    "UPDATE members SET zip = '1', name[1] = 'x' WHERE id = 5": _ANY,
    "UPDATE members SET name.part = 'x' WHERE id = 5": _ANY,
    "UPDATE visits SET (reason) = ROW('x') FROM members m WHERE m.id = member_id": {
        ("visits", "any", None, "")
    },
    "DROP TABLE members": _ANY,
    "DROP TABLE IF EXISTS members, visits CASCADE": _BOTH,
    "DROP SCHEMA public CASCADE": _ALL,
    "DROP SCHEMA archive CASCADE": set(),
    "DROP DATABASE shop": _ALL,
    "DROP INDEX members_zip": set(),
    "CREATE OR REPLACE TABLE members AS SELECT 1": _ANY,
    "CREATE TABLE members AS SELECT 1": _PUT,
    "CREATE TABLE IF NOT EXISTS members (id INT)": set(),
    "CREATE INDEX i ON members (zip)": set(),
    "ALTER TABLE fresh RENAME TO members": _ANY,
    "ALTER TABLE members RENAME TO old": _ANY,
    "ALTER TABLE members DROP COLUMN zip": _ANY,
    "ALTER TABLE members SET SCHEMA old": _ANY,
    "ALTER TABLE other ADD FOREIGN KEY (a) REFERENCES members (id)": set(),
    "SELECT * INTO members FROM fresh": _PUT,
    "SELECT id INTO old FROM members": set(),
    "INSERT INTO members SELECT * FROM fresh": _PUT,
    "COPY members FROM STDIN": _PUT,
    "COPY (SELECT * FROM members) TO STDOUT": set(),
    "COPY members TO STDOUT": set(),
    "TRUNCATE members": {("members", "taken", None, "")},
    "MERGE INTO members m USING fresh f ON m.id = f.id WHEN MATCHED THEN UPDATE SET ZIP = f.zip": {
        ("members", "set", None, "zip")
    },
    "DELETE FROM MEMBERS WHERE ID = 5": _GONE,
    "UPDATE Members SET Zip = '1' WHERE Id = 5": _ZIP,
    "UPDATE Public.Members SET Zip = '1' WHERE Id = 5": _ZIP,
    "INSERT INTO members (ID, NAME) VALUES (5, 'x')": {("members", "put", "5", "id,name")},
    "INSERT INTO Members (ID, NAME) VALUES (5, 'x') ON CONFLICT (Id) DO UPDATE SET NAME = EXCLUDED.Name": {
        ("members", "ensured", "5", "name")
    },
    "UPDATE sessions SET seen = 1 WHERE member_id IN (SELECT id FROM members)": set(),
    "UPDATE sessions s SET seen = 1 FROM members WHERE members.id = s.member_id": set(),
    "DELETE FROM sessions USING members WHERE members.id = sessions.member_id": set(),
    "WITH old AS (DELETE FROM sessions RETURNING id) SELECT * FROM members, old": set(),
    "UPDATE else_where.members SET zip = '1'": _ANY,
    "INSERT INTO archive.members SELECT * FROM members": _PUT,
}
MARIADB: dict[str, set[Said]] = {
    "UPDATE LOW_PRIORITY members SET zip = '1' WHERE id = 5": _ANY,
    "UPDATE IGNORE members SET zip = '1' WHERE id = 5": _ANY,
    "DELETE LOW_PRIORITY QUICK FROM members WHERE id = 5": _ANY,
    "UPDATE Members SET Zip = '1' WHERE Id = 5": _ZIP,
    "UPDATE db.members SET zip = '1' WHERE id = 5": _ZIP,
    "INSERT INTO MEMBERS (ID, NAME) VALUES (5, 'x') ON DUPLICATE KEY UPDATE NAME = VALUES(NAME)": {
        ("members", "offered", "5", "name"),
        ("members", "set", None, "name"),
    },
    "UPDATE members m JOIN sessions s ON s.id = m.id SET reason = 'x'": _ANY,
    "UPDATE members m JOIN sessions s ON s.id = m.id SET s.seen = 1": set(),
    "UPDATE members m JOIN sessions s ON s.id = m.id SET s.seen = 1, zip = '1'": _ANY,
    "DELETE s FROM members m JOIN sessions s ON s.id = m.id": set(),
    "DELETE s FROM sessions s JOIN members m ON s.id = m.id": set(),
    "DELETE members.* FROM members JOIN sessions s": _ANY,
    "RENAME TABLE members TO old, fresh TO members": _ANY,
    "DROP SCHEMA shop": _ALL,
    "LOAD DATA INFILE 'x' INTO TABLE members": _ANY,
    "SELECT * FROM members INTO OUTFILE '/tmp/x'": set(),
}


@pytest.mark.parametrize("engine", ["postgresql", "mariadb"])
def test_no_write_passes_for_none(engine: str) -> None:
    cases = POSTGRESQL if engine == "postgresql" else MARIADB
    found = {text: said(text, engine) for text in cases}
    wrong = {text: (found[text], cases[text]) for text in cases if found[text] != cases[text]}
    assert wrong == {}


def test_truncate_cascade_falls_on_all_that_refers_whatever_a_delete_does() -> None:
    links = {
        "members": [],
        "visits": [Link(("member_id",), "members", ("id",), "", on_delete="RESTRICT")],
        "codes": [Link(("title",), "visits", ("reason",), "")],
    }
    declared = {name: SeenTable(name, links=held) for name, held in links.items()}
    gone: set[Said] = {(name, "taken", None, "") for name in links}
    assert said("TRUNCATE members CASCADE", "postgresql", declared=declared) == gone
    assert said("TRUNCATE members", "postgresql", declared=declared) == {("members", "taken", None, "")}
    assert said("TRUNCATE codes CASCADE", "postgresql", declared=declared) == {("codes", "taken", None, "")}
    assert said("TRUNCATE members CASCADE", "postgresql") == gone - {("codes", "taken", None, "")}
