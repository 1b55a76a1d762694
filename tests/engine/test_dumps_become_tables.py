from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ashiato.engine.dumps import convert_dump, convert_parquet
from ashiato.engine.exposures.declared import declared_in
from ashiato.engine.snapshots import add_snapshot
from ashiato.engine.verifying import verify_case
from ashiato.terms.errors import CaseError
from tests.engine.casework import new_case
from tests.engine.dumps.tables_made import converted, rows_of

_DUMP = r'''--
-- PostgreSQL database dump
--
CREATE TABLE public.owners (
    id integer NOT NULL,
    name text,
    note text
);
COPY public.owners (id, name, note) FROM stdin;
1	Emi	tab\there, line\nbreak, back\\slash
2	\N	<NOTHING>
3	"Dan"	octal \101 hex \x42
\.
COPY "Audit"."Old ""Rows""" ("Row", "select") FROM stdin;
\.
ALTER TABLE ONLY public.owners ADD CONSTRAINT owners_pkey PRIMARY KEY (id);
'''.replace("<NOTHING>", "")


def test_a_postgresql_dump_becomes_tables_and_schema(tmp_path: Path) -> None:
    out = converted(tmp_path, _DUMP)
    assert rows_of(out, "owners") == [
        ("1", "Emi", "tab\there, line\nbreak, back\\slash"),
        ("2", None, ""),
        ("3", '"Dan"', "octal A hex B"),
    ]
    assert (out / 'Audit.Old "Rows".csv').read_text() == "Row,select\n"
    schema = (out / "schema.sql").read_text()
    assert "CREATE TABLE public.owners" in schema
    assert "PRIMARY KEY (id)" in schema
    assert "Emi" not in schema


_CELLS = st.none() | st.integers(-(2**63), 2**63 - 1) | st.text(st.characters(exclude_categories=["Cs"]))
_PLAIN = _CELLS.filter(lambda cell: not isinstance(cell, str) or "\0" not in cell)


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(rows=st.lists(st.tuples(_PLAIN, _PLAIN), min_size=1, max_size=8))
def test_a_sqlite_file_becomes_its_rows(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[Any, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("sqlite")
    with contextlib.closing(sqlite3.connect(folder / "app.db")) as database:
        database.execute('CREATE TABLE "../own,ers" (a, "b c")')
        database.executemany('INSERT INTO "../own,ers" VALUES (?, ?)', rows)
        database.execute("CREATE VIEW v AS SELECT 1")
        database.commit()
    convert_dump(folder / "app.db", folder)
    expected = [tuple(None if cell is None else str(cell) for cell in row) for row in rows]
    assert rows_of(folder, "..%2Fown,ers") == expected
    assert sorted(path.name for path in folder.glob("*.csv")) == ["..%2Fown,ers.csv"]
    assert "CREATE VIEW" in (folder / "schema.sql").read_text()


def test_a_parquet_file_becomes_its_rows(tmp_path: Path) -> None:
    table = pa.table({"id": [1, 2], "name": ["Emi", None], "note": ["", "a,b"]})
    pq.write_table(table, tmp_path / "owners.parquet")
    out = tmp_path / "out"
    out.mkdir()
    convert_parquet(tmp_path / "owners.parquet", out)
    assert rows_of(out, "owners") == [("1", "Emi", ""), ("2", None, "a,b")]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"INSERT INTO owners VALUES (1);\n", "does not say which columns"),
        (b"SQLite format 3\0 and then rubbish", "SQLite file cannot be read"),
        (b"COPY t (a) FROM stdin;\n1\n", "breaks off inside a table"),
        (b"\0\1\2", "neither a SQLite file nor"),
        (b"", "neither a SQLite file nor"),
    ],
)
def test_other_files_are_refused_and_leave_nothing(tmp_path: Path, content: bytes, what: str) -> None:
    (tmp_path / "dump").write_bytes(content)
    case = new_case(tmp_path / "case")
    with pytest.raises(CaseError, match=what):
        add_snapshot(case, tmp_path / "dump", "2026-06-11", "s")
    assert list((case.folder / "snapshots").iterdir()) == []


def test_a_dump_is_kept_beside_its_tables(tmp_path: Path) -> None:
    (tmp_path / "dump.sql").write_text(_DUMP)
    case = new_case(tmp_path / "case")
    snapshot = add_snapshot(case, tmp_path / "dump.sql", "2026-06-11", "s")
    assert add_snapshot(case, tmp_path / "dump.sql", "2026-06-11", "s") == snapshot
    assert (snapshot.folder.parent / "original" / "dump.sql").read_text() == _DUMP
    assert (snapshot.folder / "owners.csv").exists()
    assert verify_case(case) == []


_PETS = b"""-- MariaDB dump 10.19
CREATE TABLE `pets` (
  `id` int NOT NULL,
  `name` text,
  PRIMARY KEY (`id`)
);
INSERT INTO `pets` VALUES (1,'Pochi'),(2,NULL);
"""


def test_dumps_in_a_folder_are_tables_too(tmp_path: Path) -> None:
    folder = tmp_path / "dumps"
    folder.mkdir()
    (folder / "owners.sql").write_text(_DUMP)
    (folder / "pets.sql").write_bytes(_PETS)
    (folder / "vets.csv").write_text("id,name\n1,Ken\n")
    (folder / "schema.sql").write_text("CREATE TABLE vets (id int PRIMARY KEY); -- no more")
    (folder / "rights.sql").write_text("GRANT SELECT ON vets TO reader;\n")
    case = new_case(tmp_path / "case")
    snapshot = add_snapshot(case, folder, "2026-06-11", "s")
    assert add_snapshot(case, folder, "2026-06-11", "s") == snapshot
    assert rows_of(snapshot.folder, "pets") == [("1", "Pochi"), ("2", None)]
    assert len(rows_of(snapshot.folder, "owners")) == 3
    assert rows_of(snapshot.folder, "vets") == [("1", "Ken")]
    declared = declared_in([snapshot.folder])
    assert {name: table.key for name, table in declared.items()} == {
        "owners": ("id",),
        "pets": ("id",),
        "vets": ("id",),
    }
    assert sorted(file.name for file in snapshot.folder.glob("*.sql")) == ["rights.sql", "schema.sql"]
    kept = snapshot.folder.parent / "original"
    assert sorted(file.name for file in kept.iterdir()) == ["owners.sql", "pets.sql"]
    assert verify_case(case) == []


def test_a_dump_named_like_a_schema_is_a_dump_where_it_is_alone(tmp_path: Path) -> None:
    (tmp_path / "dump").mkdir()
    (tmp_path / "dump" / "schema.sql").write_bytes(_PETS)
    snapshot = add_snapshot(new_case(tmp_path / "case"), tmp_path / "dump", "2026-06-11", "s")
    assert rows_of(snapshot.folder, "pets") == [("1", "Pochi"), ("2", None)]


def test_rows_in_a_schema_beside_tables_are_not_taken(tmp_path: Path) -> None:
    (tmp_path / "dump").mkdir()
    (tmp_path / "dump" / "schema.sql").write_bytes(_PETS)
    (tmp_path / "dump" / "pets.csv").write_text("id,name\n1,Tama\n")
    snapshot = add_snapshot(new_case(tmp_path / "case"), tmp_path / "dump", "2026-06-11", "s")
    assert rows_of(snapshot.folder, "pets") == [("1", "Tama")]


def test_code_that_puts_rows_in_is_no_dump(tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "vets.csv").write_text("id,name\n1,Ken\n")
    (folder / "code.sql").write_text(
        "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$\nINSERT INTO vets VALUES (2, 'x');\n$$;\n"
    )
    snapshot = add_snapshot(new_case(tmp_path / "case"), folder, "2026-06-11", "s")
    assert sorted(file.name for file in snapshot.folder.iterdir()) == ["code.sql", "vets.csv"]


@pytest.mark.parametrize("other", ["pets.csv", "again.sql"])
def test_a_table_in_two_files_is_refused(tmp_path: Path, other: str) -> None:
    folder = tmp_path / "dumps"
    folder.mkdir()
    (folder / "pets.sql").write_bytes(_PETS)
    (folder / other).write_bytes(_PETS if other.endswith(".sql") else b"id,name\n1,Tama\n")
    case = new_case(tmp_path / "case")
    with pytest.raises(CaseError, match="table pets is in another file"):
        add_snapshot(case, folder, "2026-06-11", "s")
    assert list((case.folder / "snapshots").iterdir()) == []


def test_a_folder_with_a_dump_that_is_packed_says_what_to_name(tmp_path: Path) -> None:
    (tmp_path / "dumps").mkdir()
    (tmp_path / "dumps" / "shop.sql.gz").write_bytes(b"\x1f\x8b")
    with pytest.raises(CaseError) as refused:
        add_snapshot(new_case(tmp_path / "case"), tmp_path / "dumps", "2026-06-11", "s")
    assert "name the dump itself, uncompressed" in str(refused.value.fix)
