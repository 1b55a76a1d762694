"""What the ways of ``contacts`` say: names and addresses, from the sealed snapshots when needed.

Nothing of it is kept: what is read lives in the store's memory until the store is closed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from ashiato.datamap.meanings import meaning_of, meanings_of
from ashiato.datamap.model import DataTable, System
from ashiato.engine.people.sources import Source, keep_files, rows_sql
from ashiato.engine.people.ways import split_names
from ashiato.engine.store import Station, quote_name, quote_text
from ashiato.engine.workspace import Workspace
from ashiato.terms.meanings import Meaning

_NAMES = ((Meaning.NAME,), (Meaning.FAMILY, Meaning.GIVEN))
_READINGS = ((Meaning.KANA,), (Meaning.FAMILY_KANA, Meaning.GIVEN_KANA))
_BORN = ((Meaning.BIRTH,),)
_OF_OWNER = (*_NAMES, *_READINGS, *_BORN)
_AREA = (Meaning.PREFECTURE, Meaning.CITY)
_TEXTS = ("person_id", "channel", "address_use", "system", "table_name", "record_key", "name", "reading",
          "postal_code", "area", "said", "born")  # fmt: skip
_KEY = ("system", "table_name", "record_key")
_ROWS_EACH = 50_000
# Control characters and marks of direction; variation selectors stay: they tell shapes of a name's kanji.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True)
class ContactValue:
    """One way to tell a person, with what it says: ``said`` is the address's lines, the mail or the number.

    ``name``, ``reading`` (kana) and ``born`` are those of the record the way belongs to, as its table writes
    them.
    """

    person_id: str
    channel: str
    preference: int
    address_use: str
    system: str
    table_name: str
    record_key: str
    name: str
    reading: str
    postal_code: str
    area: str
    said: str
    born: str


def read_contacts(workspace: Workspace, persons: Iterable[str]) -> Iterator[ContactValue]:
    """Yield the usable ways of these persons with what they say, by person, channel and preference.

    ``workspace.store`` holds a finished run's tables. A person without a usable way yields nothing.
    """
    store = workspace.store
    asked = sorted(set(persons))
    store.write_as("asked_persons", pa.table({"person_id": pa.array(asked, pa.string())}))
    wanted = (
        "SELECT c.* FROM contacts AS c JOIN asked_persons AS a ON a.person_id = c.person_id "
        "WHERE c.usable AND c.at_table IS NOT NULL"
    )
    store.run(Station("asked_contacts", wanted))
    parts = [sql for place in _places(workspace) if (sql := _said_sql(workspace, place))]
    if not parts:
        return
    columns = ", ".join(("preference", *_TEXTS))
    sql = f"SELECT {columns} FROM ({' UNION ALL '.join(parts)}) AS said"
    for batch in store.batches(f"{sql} ORDER BY person_id, channel, preference", _ROWS_EACH):
        for row in batch.to_pylist():
            texts = {name: _UNSEEN.sub("", row[name] or "") for name in _TEXTS}
            yield ContactValue(preference=row["preference"], **texts)


_Place = tuple[System, str, str, str, int]


def _places(workspace: Workspace) -> Iterator[_Place]:
    """Yield each place that ways stand in: system, owners' table, table, columns, snapshot."""
    rows = workspace.store.rows(
        "SELECT DISTINCT system, table_name, at_table, at_columns, snapshot_us FROM asked_contacts "
        "ORDER BY system, table_name, at_table, at_columns, snapshot_us"
    )
    for system, owner, table, columns, as_of in rows:
        yield workspace.datamap.systems[system], owner, table, columns, as_of


def _said_sql(workspace: Workspace, place: _Place) -> str:
    """Write the query for one place's ways; each with the names of the record it belongs to."""
    system, owner, table, columns, as_of = place
    held = _source(workspace, system, system.tables[table], as_of)
    named = _source(workspace, system, system.tables[owner])
    if held is None or named is None:
        return ""
    names = split_names(columns)
    spoken = meanings_of(named.table)
    known = [column for group in _OF_OWNER for each in group for column in spoken.get(each, ())]
    where_of = {"system": system.name, "table_name": owner, "at_table": table, "at_columns": columns}
    where = " AND ".join(f"c.{name} = {quote_text(value)}" for name, value in where_of.items())
    return (
        f"SELECT c.person_id, c.channel, c.preference, c.address_use, c.system, c.table_name, c.record_key, "
        f"{_first(spoken, _NAMES)} AS name, {_first(spoken, _READINGS)} AS reading, "
        f"{_first(spoken, _BORN)} AS born, "
        f"{_parts(held.table, names)} "
        f"FROM asked_contacts AS c JOIN ({rows_sql(workspace.store, held, names)}) AS h ON h._key = c.at_key "
        f"LEFT JOIN ({rows_sql(workspace.store, named, known)}) AS n ON n._key = c.record_key "
        f"WHERE {where} AND c.snapshot_us = {as_of}"
    )


def _source(
    workspace: Workspace, system: System, table: DataTable, as_of: int | None = None
) -> Source | None:
    """Return a table's files, or its one file of a snapshot."""
    systems = sorted(workspace.datamap.systems)
    place = f"said_{systems.index(system.name)}_{sorted(system.tables).index(table.name)}"
    kept = keep_files(workspace, system.name, table, place)
    kept = tuple(each for each in kept if as_of in (None, each.as_of_us))
    return Source(system, table, {}, kept) if kept else None


def _joined(of: str, columns: Sequence[str]) -> str:
    said = ", ".join(f"nullif(trim({of}.{quote_name(column)}), '')" for column in columns)
    return f"concat_ws(' ', {said})" if said else "''"


def _first(spoken: dict[Meaning, tuple[str, ...]], groups: Sequence[Sequence[Meaning]]) -> str:
    """Write the first group of columns that a table has: a whole name, else family and given."""
    for group in groups:
        columns = [column for meaning in group for column in spoken.get(meaning, ())[:1]]
        if columns:
            return _joined("n", columns)
    return "''"


def _parts(table: DataTable, columns: Sequence[str]) -> str:
    """Write a way's columns by what they hold: the code, prefecture and city, and the rest."""
    meant = {name: meaning_of(table.columns[name]) for name in columns}
    code = [name for name in columns if meant[name] is Meaning.POSTAL_CODE]
    area = [name for name in columns if meant[name] in _AREA]
    rest = [name for name in columns if name not in (*code, *area)]
    return f"{_joined('h', code)} AS postal_code, {_joined('h', area)} AS area, {_joined('h', rest)} AS said"
