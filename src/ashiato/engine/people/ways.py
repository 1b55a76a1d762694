"""Every way to tell a person that stands in a snapshot: where it stands and whether it is sound.

Values are looked at here and not kept: a way is named by its table, its row's key and its columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from ashiato.datamap.meanings import meaning_of
from ashiato.datamap.model import Column, DataTable
from ashiato.engine.people.hanging import owned_rows
from ashiato.engine.people.parts import write_parts
from ashiato.engine.people.soundness import Faults, judge_letter, judge_mail, judge_phone
from ashiato.engine.people.sources import Source, rows_sql
from ashiato.engine.store import quote_text
from ashiato.engine.workspace import Workspace
from ashiato.terms.contacts import HARMLESS, AddressUse, Channel
from ashiato.terms.meanings import Meaning

#: The stage's own tables: whose ways are asked for, and one row per way.
TOLD_RECORDS, WAYS = "told_records", "contact_ways"
_ROWS_EACH = 50_000
_AREA = (Meaning.PREFECTURE, Meaning.CITY)
_PARTS = (Meaning.POSTAL_CODE, *_AREA, Meaning.ADDRESS)
_TEXTS = ("system", "table_name", "record_key", "channel", "address_use", "at_table", "at_key", "at_columns")
_SCHEMA = pa.schema(
    [*((name, pa.string()) for name in _TEXTS), ("snapshot_us", pa.int64()), ("faults", pa.string()),
     ("is_sound", pa.int64())]
)  # fmt: skip
Values = Mapping[str, str | None]


@dataclass(frozen=True)
class Way:
    """Columns of one table that hold one way: a postal address of several, or one mail address or number."""

    kind: Channel
    use: AddressUse
    columns: Mapping[Meaning, tuple[str, ...]]

    @property
    def names(self) -> tuple[str, ...]:
        """Its columns, an address's from the code down."""
        return tuple(name for names in self.columns.values() for name in names)

    def text(self, values: Values, *meanings: Meaning) -> str:
        """Return what its columns of some meanings say in a row, joined."""
        said = (values[name] or "" for meaning in meanings for name in self.columns.get(meaning, ()))
        return " ".join(each.strip() for each in said if each.strip())

    def judge(self, values: Values) -> tuple[Channel, Faults] | None:
        """Return the channel and what is wrong; None where the row says nothing of it."""
        if self.kind is Channel.LETTER:
            code, area = self.text(values, Meaning.POSTAL_CODE), self.text(values, *_AREA)
            street = self.text(values, Meaning.ADDRESS)
            return (Channel.LETTER, judge_letter(code, area, street)) if code or area or street else None
        said = self.text(values, *self.columns)
        if not said:
            return None
        return judge_phone(said) if self.kind is Channel.PHONE else (Channel.MAIL, judge_mail(said))


def join_names(names: Sequence[str]) -> str:
    """Write names of columns as one text; what would part them is percent-encoded."""
    return ";".join(name.replace("%", "%25").replace(";", "%3B") for name in names)


def split_names(text: str) -> list[str]:
    """Return the names that ``join_names`` joined."""
    return [name.replace("%3B", ";").replace("%25", "%") for name in text.split(";")]


def ways_of(table: DataTable) -> tuple[Way, ...]:
    """Return the ways that a table's columns hold; of one that hangs on people only those declared so."""
    held: dict[AddressUse, dict[Meaning, tuple[str, ...]]] = {}
    single = []
    for column in table.columns.values():
        meaning, use = meaning_of(column), _use_of(column, table)
        if use is AddressUse.NEVER:
            continue
        if meaning in _PARTS:
            parts = held.setdefault(use, {})
            parts[meaning] = (*parts.get(meaning, ()), column.name)
        elif meaning in (Meaning.MAIL, Meaning.PHONE):
            kind = Channel.MAIL if meaning is Meaning.MAIL else Channel.PHONE
            single.append(Way(kind, use, {meaning: (column.name,)}))
    letters = [
        Way(Channel.LETTER, use, {meaning: parts[meaning] for meaning in _PARTS if meaning in parts})
        for use, parts in held.items()
        if Meaning.ADDRESS in parts
    ]
    return (*letters, *single)


def _use_of(column: Column, table: DataTable) -> AddressUse:
    return column.contact or (AddressUse.NOW if table.person else AddressUse.NEVER)


@dataclass(frozen=True)
class _Place:
    """A table with ways: the query for its rows, each with the key of the person's record as ``_owner``."""

    system: str
    owner: str
    table: str
    sql: str
    ways: tuple[Way, ...]


def write_ways(workspace: Workspace, sources: Sequence[Source]) -> None:
    """Write ``contact_ways``, one row per way of the records of ``told_records``."""
    write_parts(workspace.store, WAYS, _SCHEMA, _batches(workspace, sources))


def _batches(workspace: Workspace, sources: Sequence[Source]) -> Iterator[pa.Table]:
    for place in _places(workspace, sources):
        sql = (
            f"SELECT h.* FROM ({place.sql}) AS h JOIN {TOLD_RECORDS} AS r ON r.record_key = h._owner "
            f"AND r.system = {quote_text(place.system)} AND r.table_name = {quote_text(place.owner)} "
            "ORDER BY h._owner, h._key"
        )
        for batch in workspace.store.batches(sql, _ROWS_EACH):
            yield _judged(place, batch)


def _places(workspace: Workspace, sources: Sequence[Source]) -> Iterator[_Place]:
    store = workspace.store
    for source in sources:
        ways = ways_of(source.table)
        if ways:
            rows = rows_sql(store, source, _named(ways))
            sql = f"SELECT *, _key AS _owner FROM ({rows}) AS own"
            yield _Place(source.system.name, source.table.name, source.table.name, sql, ways)
    for name, system in sorted(workspace.datamap.systems.items()):
        for table in sorted(system.tables.values(), key=lambda table: table.name):
            ways = () if table.person or not (table.belongs and table.key) else ways_of(table)
            yield from _hung(workspace, name, table, ways) if ways else ()


def _named(ways: Sequence[Way]) -> list[str]:
    return [name for way in ways for name in way.names]


def _hung(workspace: Workspace, system: str, table: DataTable, ways: Sequence[Way]) -> Iterator[_Place]:
    """Yield a table that hangs on people, each row with its person's key; without a file it has no ways."""
    found = owned_rows(workspace, system, table, _named(ways))
    if found:
        yield _Place(system, found.owner, table.name, found.sql, tuple(ways))


def _judged(place: _Place, batch: pa.RecordBatch) -> pa.Table:
    rows = [found for row in batch.to_pylist() for found in _rows_of(place, row)]
    columns = list(zip(*rows, strict=True)) or [()] * len(_SCHEMA)
    arrays = [pa.array(column, kind) for column, kind in zip(columns, _SCHEMA.types, strict=True)]
    return pa.table(arrays, schema=_SCHEMA)


def _rows_of(place: _Place, row: dict[str, Any]) -> Iterator[tuple[object, ...]]:
    whose = (place.system, place.owner, row["_owner"])
    for way in place.ways:
        judged = way.judge(row)
        if judged is not None:
            channel, faults = judged
            at = (place.table, row["_key"], join_names(way.names))
            sound = int(HARMLESS.issuperset(faults))
            yield (*whose, str(channel), str(way.use), *at, row["_as_of"], ";".join(sorted(faults)), sound)
