"""Which row the key that a write names is: engines hold keys to be the same that are written otherwise.

Whole numbers are brought to one writing (``'05'`` is 5). Of texts that compare without regard to case, and of
types with several writings, a key stands for the row that is spelled so; one that no row is spelled like,
but that may be another's, names nobody.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pyarrow as pa
from sqlglot import exp

from ashiato.engine.exposures.deeds import Deed, Write
from ashiato.engine.exposures.sameness import BYTES, Sameness, key_of, sameness_of
from ashiato.engine.exposures.shapes import Value
from ashiato.engine.exposures.state import MYSQL_ENGINES, State, StateTable
from ashiato.engine.store import Store

#: The type of whole numbers.
WHOLE, _TEXT = "BIGINT", "VARCHAR"
_WHOLE_TEXT = re.compile(r"\s*([+-]?[0-9]{1,30})(?:\.0{0,30})?\s*")
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = "[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.][0-9]{1,6})?"
#: How values of other types are written where the engine cannot but read the same in them as we do.
_PLAIN = {
    "DATE": re.compile(_DAY),
    "TIMESTAMP": re.compile(_DAY + _TIME),
    "TIMESTAMP WITH TIME ZONE": re.compile(_DAY + _TIME + "(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)"),
    "BOOLEAN": re.compile("true|false|t|f|0|1", re.IGNORECASE),
}
_NUMBER = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,10})?")
_UUID = re.compile(r"\{?(?:[0-9a-f]{4}-?){7}[0-9a-f]{4}\}?", re.IGNORECASE)
_WIDEST = "widest"


def whole_text(text: str) -> str | None:
    """Return a whole number as it is plainly written, or None where a text is none."""
    found = _WHOLE_TEXT.fullmatch(text)
    return str(int(found[1])) if found else None


def text_asked(kind: str, value: Value, engine: str) -> str | None:
    """Return the text that a column of a kind holds where it is equal to a value, None if not one alone."""
    if value.text is None or kind == WHOLE:
        return None if value.text is None else whole_text(value.text)
    if kind == _TEXT:
        # MySQL compares a text with a number as numbers: many texts are the same then.
        return value.text if value.is_text or engine not in MYSQL_ENGINES else None
    return value.text if _PLAIN.get(kind, _NUMBER).fullmatch(value.text) else None


def settle_keys(store: Store, state: State, found: dict[str, set[Write]]) -> None:
    """Take the key from writes that name one which no row is spelled like, but which may be some row's."""
    for table in state.tables.values():
        writes = found.get(table.kept_as, set())
        keys = {write.key for write in writes if write.key is not None}
        lost = _lost(store, state, table, keys) if keys and table.key else set()
        if lost:
            found[table.kept_as] = {_of_anybody(one) if one.key in lost else one for one in writes}


def _of_anybody(write: Write) -> Write:
    """Return a write of a row that is not told from the others."""
    if write.deed in (Deed.LEFT, Deed.ANY):
        return replace(write, deed=Deed.ANY, key=None, told=())
    return replace(write, key=None, told=write.told if write.columns and write.deed is Deed.SET else ())


def _lost(store: Store, state: State, table: StateTable, keys: set[str]) -> set[str]:
    """Return the keys that may be of rows that are spelled otherwise."""
    kinds = {table.columns[name] for name in table.key}
    if kinds == {WHOLE}:
        return set()
    store.write_as("named_keys", pa.table({"_key": pa.array(sorted(keys), pa.string())}))
    spelled = f"SELECT _key FROM {table.kept_as}"
    unspelled = {key for (key,) in store.rows(f"SELECT _key FROM named_keys EXCEPT {spelled}")}
    if not unspelled or not kinds <= {WHOLE, _TEXT}:
        return unspelled
    same = _sameness(state, table)
    if same == BYTES:
        return {
            key
            for key in unspelled
            if any(_UUID.fullmatch(part) for part in key.split("|")) and key != key.lower()
        }
    alike = key_of(exp.column("_key"), same.key).sql("duckdb")
    every = f"SELECT _key FROM named_keys UNION {spelled}"
    shared = f"SELECT {alike} AS a FROM ({every}) GROUP BY 1 HAVING count(*) > 1"
    sql = f"SELECT _key FROM named_keys WHERE {alike} IN (SELECT a FROM ({shared}))"
    return unspelled & {key for (key,) in store.rows(sql)}


def _sameness(state: State, table: StateTable) -> Sameness:
    """Return when two keys of a table are the same."""
    texts = [name for name in table.key if table.columns[name] == _TEXT]
    ways = {
        sameness_of(table.marks.get(name) or state.system.collation, state.system.engine) for name in texts
    }
    return ways.pop() if len(ways) == 1 else Sameness(_WIDEST)
