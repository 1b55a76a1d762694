"""How many rows a ghost stands for: a write that names no row may take out, or put in, a crowd of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyarrow as pa

from ashiato.engine.exposures.deeds import UPSERTS, Deed, Known, Write
from ashiato.engine.exposures.fans import MANY
from ashiato.engine.store import Store

#: A ghost's table and place, and for how many rows it stands at most.
Crowd = tuple[str, int, int]
#: What is known of the rows that were written at a moment, and how many they were at most.
_Sizes = Mapping[int, Sequence[tuple[Known, int]]]
_COLUMNS = (("_table", pa.string()), ("row_ord", pa.int64()), ("held", pa.int64()))
_CROWDING = frozenset({Deed.PUT, Deed.TAKEN, *UPSERTS})


def crowd_sizes(writes: Sequence[Write]) -> _Sizes:
    """Return, by moment, of how many rows the writes were that name none."""
    sizes: dict[int, list[tuple[Known, int]]] = defaultdict(list)
    for write in writes:
        if write.key is None and write.deed in _CROWDING:
            sizes[write.time_us].append((write.known, MANY if write.rows is None else write.rows))
    return sizes


def crowds_of(kept_as: str, ghosts: Iterable[tuple[int, Known, int, int]], sizes: _Sizes) -> Iterator[Crowd]:
    """Yield the ghosts (place, what is known, from, to) of a table that stand for more than one row."""
    for place, known, begun, ended in ghosts:
        written = (one for moment in (begun, ended) for one in sizes.get(moment, ()))
        size = min(sum(count for told, count in written if set(known) <= set(told)), MANY)
        if size > 1:
            yield kept_as, place, size


def write_crowds(store: Store, crowds: Sequence[Crowd]) -> None:
    """Write ``ghost_crowds``: one row per ghost that stands for several, with how many they are at most."""
    columns = {name: pa.array([one[n] for one in crowds], kind) for n, (name, kind) in enumerate(_COLUMNS)}
    store.write_as("ghost_crowds", pa.table(columns))
