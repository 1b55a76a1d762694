"""Find the key of tables that declare none: columns that are always filled and never the same twice."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from ashiato.datamap.draft.seen import SeenSystem, SeenTable
from ashiato.datamap.draft.words import spelled

_NUMBER_ENDINGS = (" id ", " no ", " number ", " num ", " code ", " cd ", " uuid ", " key ", " bango ")
_JAPANESE_ENDINGS = ("番号 ", "コード ", "id ", "ｉｄ ")
_MOST_TRIED = 6


def complete_keys(system: SeenSystem) -> None:
    """Give every table of the system a key, and say how where it was guessed."""
    for table in system.tables.values():
        if not table.key and table.columns:
            table.key = _declared_unique(table) or _found_key(table)


def is_number_like(name: str) -> bool:
    """Tell whether a column's name is that of a number or code: ``owner_id``, ``顧客番号``."""
    word = spelled(name)
    return word.endswith(_NUMBER_ENDINGS) or word.endswith(_JAPANESE_ENDINGS)


def _declared_unique(table: SeenTable) -> tuple[str, ...]:
    numbers = [unique for unique in table.uniques if all(is_number_like(part) for part in unique)]
    if not numbers:
        return ()
    table.notes.append("CHECK: no primary key is declared; a unique column was taken as the key.")
    return numbers[0]


def _found_key(table: SeenTable) -> tuple[str, ...]:
    if table.read is None:
        return _key_by_name(table)
    likely = list(_likely(table))
    for start in range(0, len(likely), _MOST_TRIED):
        names = likely[start : start + _MOST_TRIED]
        columns = table.read(names)
        table.rows = columns.num_rows
        for name in names:
            if _is_key(columns, [name]):
                return (name,)
    return _joined_key(table)


def _likely(table: SeenTable) -> Iterator[str]:
    """Columns that could be the key as far as the sample goes, those named like one first."""
    could = [
        column.name
        for column in table.columns.values()
        if column.values and len(set(column.values)) == len(column.values)
    ]
    first = [name for name in could if spelled(name) == " id "]
    numbers = [name for name in could if is_number_like(name) and name not in first]
    yield from first
    yield from numbers
    yield from (name for name in could if name not in first and name not in numbers)


def _is_key(columns: pa.Table, names: list[str]) -> bool:
    """Whether the columns are always filled and never the same twice, over all rows."""
    rows = columns.num_rows
    if any(columns[name].null_count for name in names):
        return False
    if len(names) == 1:
        return bool(pc.count_distinct(columns[names[0]]).as_py() == rows)
    return bool(columns.select(names).group_by(names).aggregate([]).num_rows == rows)


def _joined_key(table: SeenTable) -> tuple[str, ...]:
    """The fewest columns, numbers first, that together tell all rows apart; all columns when none do."""
    if table.read is None:
        return tuple(table.columns)
    order = sorted(
        table.columns, key=lambda name: (not is_number_like(name), list(table.columns).index(name))
    )
    columns = table.read(order)
    filled = [name for name in order if not columns[name].null_count]
    for count in range(2, len(filled) + 1):
        if _is_key(columns, filled[:count]):
            table.notes.append(
                "CHECK: no single column tells the rows apart; the key was joined from several."
            )
            return tuple(filled[:count])
    table.notes.append("CHECK: rows repeat, so no key tells them apart; rows alike count as one record.")
    return tuple(filled or order)


def _key_by_name(table: SeenTable) -> tuple[str, ...]:
    names = [name for name in table.columns if spelled(name) == " id "]
    names += [name for name in table.columns if is_number_like(name)]
    if names:
        table.notes.append("CHECK: the key was guessed from its name alone.")
        return (names[0],)
    table.notes.append("CHECK: nothing is named like a key, so all columns together are taken as one.")
    return tuple(table.columns)
