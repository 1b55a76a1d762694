"""Find which columns hold the key of another table: as declared, by name, checked against the values."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from ashiato.datamap.draft.keys import is_number_like
from ashiato.datamap.draft.seen import Link, SeenSystem, SeenTable
from ashiato.datamap.draft.words import spelled

_PREFIX = re.compile(r"^ (?:t|m|tbl|mst|mstr|tr|trn|tm|tt|dat|master) ")
_ALMOST = 0.9
_ENOUGH = 20
_PLAIN_KEYS = (" id ", " no ", " code ", " cd ", " key ", " number ", " uuid ")


def complete_links(system: SeenSystem) -> None:
    """Settle the declared links of every table and add those that names and values speak for."""
    for table in system.tables.values():
        table.links = list(_declared(table, system))
    for table in system.tables.values():
        for name in table.columns:
            if not any(name in link.columns for link in table.links) and table.key != (name,):
                table.links += [link for link in [_guessed(table, name, system)] if link]


def singular(name: str) -> str:
    """Return a table's noun as one of it: ``tbl_policies`` gives ``policy``."""
    word = _PREFIX.sub(" ", spelled(name.rpartition(".")[2])).strip()
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("xes", "x"), ("s", "")):
        if word.endswith(ending) and not word.endswith("ss") and len(word) > len(ending) + 1:
            return word[: -len(ending)] + instead
    return word


def _declared(table: SeenTable, system: SeenSystem) -> Iterator[Link]:
    for link in table.links:
        target = system.tables.get(link.table)
        to = link.to or (target.key if target else ())
        if target is None:
            table.notes.append(
                f"CHECK: {', '.join(link.columns)} refers to {link.table}, which was not seen."
            )
        elif to != target.key:
            listed = f"{', '.join(link.columns)} refers to {link.table} by {', '.join(to)}"
            table.notes.append(f"CHECK: {listed}, which is not its key, so the link cannot be written here.")
        elif link.table != table.name:
            yield Link(link.columns, link.table, to, link.how)


def _guessed(table: SeenTable, name: str, system: SeenSystem) -> Link | None:
    for target in system.tables.values():
        if target is not table and len(target.key) == 1 and _names_key(name, target):
            share = _share_held(table, name, target)
            how = "by name alone" if share is None else f"by name; {share:.1%} of its values are found there"
            if share is None or share >= _ALMOST:
                return Link((name,), target.name, target.key, how, sure=share == 1.0)
    return _guessed_by_values(table, name, system)


def _guessed_by_values(table: SeenTable, name: str, system: SeenSystem) -> Link | None:
    """A number whose values all stand in one other table's key, and in no second one's."""
    if not is_number_like(name) or len(set(table.columns[name].values)) < _ENOUGH:
        return None
    others = [other for other in system.tables.values() if other is not table and len(other.key) == 1]
    found = [other for other in others if _share_held(table, name, other) == 1.0]
    if len(found) != 1:
        return None
    return Link((name,), found[0].name, found[0].key, "all its values are found there", sure=False)


def _names_key(name: str, target: SeenTable) -> bool:
    """Whether a column is named after another table's key: ``owner_id``, ``ownerId``, ``顧客番号``."""
    word, key, noun = spelled(name), spelled(target.key[0]), singular(target.name)
    if word == key:
        return word not in _PLAIN_KEYS
    return word in (f" {noun}{key}", f" {noun.replace(' ', '')}{key}") or word.endswith(f" {noun}{key}")


def _share_held(table: SeenTable, name: str, target: SeenTable) -> float | None:
    """The share of a column's different values that stand in the target's key; None when unseen."""
    if table.read is None or target.read is None:
        return None
    values = _distinct(table.read([name])[name])
    if len(values) == 0:
        return None
    keys = _distinct(target.read([target.key[0]])[target.key[0]])
    return float(pc.sum(pc.is_in(values, value_set=keys)).as_py()) / len(values)


def _distinct(column: pa.ChunkedArray) -> pa.Array:
    return pc.unique(column.drop_null())
