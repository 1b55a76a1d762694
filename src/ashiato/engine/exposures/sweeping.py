"""Writes of which no row is named: which columns they may have touched, by what the data map promises."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from ashiato.datamap.model import DataTable
from ashiato.engine.exposures.deeds import UPSERTS, Deed, Write
from ashiato.engine.exposures.lives import Sweeps
from ashiato.engine.exposures.state import StateTable


def sweeps_of(writes: Sequence[Write], table: StateTable, mapped: DataTable) -> Sweeps:
    """Gather the writes of a table that may have touched any of its rows.

    What a write names is believed over the data map; of one that cannot be read, ``immutable`` columns and
    the rows of an ``append_only`` table stay as they are.
    """
    columns: dict[str, set[int]] = defaultdict(set)
    put: set[int] = set()
    taken: set[int] = set()
    for write in (one for one in writes if one.key is None):
        for name in _touched(write, table, mapped):
            columns[name] |= {write.time_us, *write.unclear}
        if write.deed in (Deed.PUT, Deed.ANY) or write.deed in UPSERTS:
            put |= {write.time_us, *write.unclear}
        if write.deed in (Deed.TAKEN, Deed.REPLACED) or (write.deed is Deed.ANY and not mapped.append_only):
            taken |= {write.time_us, *write.unclear}
    held = {name: sorted(times) for name, times in columns.items()}
    return Sweeps(held, sorted(put), sorted(taken))


def joined(first: Sweeps, second: Sweeps) -> Sweeps:
    """Return the writes of both."""
    columns = {
        name: sorted({*first.columns.get(name, ()), *second.columns.get(name, ())})
        for name in {*first.columns, *second.columns}
    }
    return Sweeps(columns, sorted({*first.put, *second.put}), sorted({*first.taken, *second.taken}))


def _touched(write: Write, table: StateTable, mapped: DataTable) -> list[str]:
    if write.deed in (Deed.SET, Deed.ENSURED, Deed.OFFERED):
        return [name for name in table.columns if name in write.columns]
    if write.deed is not Deed.ANY or mapped.append_only:
        return []
    fixed = {name for name, column in mapped.columns.items() if column.immutable}
    return [name for name in table.columns if name not in fixed]
