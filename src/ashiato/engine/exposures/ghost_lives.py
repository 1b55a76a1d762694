"""What the log says of rows that no snapshot holds: what was known of each, from when until when."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from ashiato.engine.exposures.deeds import UPSERTS, Deed, Known, Write
from ashiato.engine.exposures.lives import FIRST_US, LAST_US
from ashiato.engine.exposures.state import StateTable

#: What is known of a row, between which moments it was there so, and the key that it had for some of that.
GhostLife = tuple[Known, int, int, str | None]
#: The same without the key.
_Told = tuple[Known, int, int]


def ghost_lives(
    table: StateTable, writes: Sequence[Write], seen: Collection[str], unseen: Collection[Write]
) -> Iterator[GhostLife]:
    """Yield what is known of each ghost of a table, and when it was there.

    ``writes``: in order of time; ``seen``: the keys of rows that some snapshot holds; ``unseen``: rows put in
    under keys not said that no snapshot since holds.
    """
    told = {write.key for write in writes if write.key is not None and write.deed is Deed.PUT}
    loose = [write for write in writes if write.key is None and write.deed not in (Deed.PUT, Deed.TAKEN)]
    by_key: dict[str, list[Write]] = defaultdict(list)
    gone = [write.time_us for write in writes if write.key is None and write.deed is Deed.TAKEN]
    for write in writes:
        if write.key is None:
            lives = _unnamed(write, table, gone, is_unseen=write in unseen)
            yield from (_as_far_as_told(life, table, loose) for life in lives)
        elif write.key not in seen:
            by_key[write.key].append(write)
    for held in by_key.values():
        for life in _Following(table, told.union(seen)).follow(held):
            yield _as_far_as_told(life, table, loose)


def _as_far_as_told(life: _Told, table: StateTable, loose: Sequence[Write]) -> GhostLife:
    """Return a ghost without what a write of which no row is named may have made otherwise.

    A row that may have another key since is the row that had this one.
    """
    told, begun, ended = life
    names: set[str] = set()
    for write in loose:
        # One that took the row out, or else emptied it, found what is told.
        found = write.time_us == ended and write.held and set(write.held) <= set(told)
        if begun <= write.time_us <= ended and write.deed is not Deed.LEFT and not found:
            names |= write.columns or {name for name, _ in told}
    return tuple(part for part in told if part[0] not in names), begun, ended, key_told(told, table)


def _unnamed(write: Write, table: StateTable, gone: Sequence[int], *, is_unseen: bool) -> Iterator[_Told]:
    """Rows of no key: put in and in no snapshot since, or taken out before the first."""
    following = _next_after(write, table)
    if write.deed is Deed.PUT or write.deed in UPSERTS:
        taken = not write.known and any(write.time_us <= moment <= following for moment in gone)
        if is_unseen or taken or write.time_us > table.seen_us[-1]:
            yield write.known, write.time_us, following
    if write.deed is Deed.TAKEN and write.time_us <= table.seen_us[0]:
        yield write.known, FIRST_US, write.time_us
        if write.unsure:
            yield write.known, write.time_us, following


@dataclass
class _Following:
    """One key's rows that no snapshot has: each from its coming to its going, or to the next snapshot.

    ``elsewhere``: keys under which rows are told of by themselves. ``came``: what is there now, since when.
    """

    table: StateTable
    elsewhere: Collection[str | None]
    came: Write | None = None

    def follow(self, writes: Sequence[Write]) -> Iterator[_Told]:
        """Yield the lives that writes of the key tell of, in order of time."""
        for write in writes:
            if write.deed in UPSERTS:
                yield from self._upserted(write)
            elif write.deed is Deed.PUT:
                yield from self._until(write)
                self.came = write
            elif write.deed is Deed.SET:
                yield from self._written(write)
            elif write.deed is Deed.TAKEN or (write.deed is Deed.ANY and write.told):
                yield from self._taken(write)
            elif write.deed is Deed.ANY:
                yield from self._unsettled(write)
        if self.came is not None:
            yield self.came.told, self.came.time_us, _next_after(self.came, self.table)

    def _until(self, write: Write) -> Iterator[_Told]:
        if self.came is not None:
            yield self.came.told, self.came.time_us, write.time_us

    def _upserted(self, write: Write) -> Iterator[_Told]:
        """It may have been there before, and is as this tells since."""
        key = tuple(part for part in write.put if part[0] in self.table.key)
        began = self.came.time_us if self.came is not None else _last_before(write, self.table)
        if self.came is not None or began < write.time_us:
            yield key, began, write.time_us
        self.came = replace(write, told=key)

    def _written(self, write: Write) -> Iterator[_Told]:
        """It is otherwise since; that it has this key since tells of it before."""
        if self.came is None and not set(self.table.key) & write.columns:
            return
        yield from self._until(write)
        if self.came is None and key_told(write.was, self.table) not in self.elsewhere:
            yield write.was, _last_before(write, self.table), write.time_us
        kept = dict(self.came.told) if self.came is not None else {}
        known = {name: value for name, value in kept.items() if name not in write.untold}
        self.came = replace(write, told=_sorted(known | dict(write.told)))

    def _unsettled(self, write: Write) -> Iterator[_Told]:
        """It may have been there before, and may be since."""
        names = self.table.key
        texts = (write.key or "").split("|") if len(names) > 1 else [write.key]
        key = tuple(zip(names, texts, strict=True)) if len(names) == len(texts) else ()
        began = self.came.time_us if self.came is not None else _last_before(write, self.table)
        yield key, began, write.time_us
        self.came = replace(write, told=_sorted(dict(key)))

    def _taken(self, write: Write) -> Iterator[_Told]:
        if self.came is not None:
            yield _sorted(dict(self.came.told) | dict(write.told)), self.came.time_us, write.time_us
        else:
            yield write.told, _last_before(write, self.table), write.time_us
        self.came = None


def _sorted(known: dict[str, str | None]) -> Known:
    return tuple(sorted(known.items()))


def key_told(parts: Known, table: StateTable) -> str | None:
    """Return the key that its parts make, or None where they do not make it whole."""
    known = dict(parts)
    return "|".join(known[name] or "" for name in table.key) if set(table.key) <= set(known) else None


def _last_before(write: Write, table: StateTable) -> int:
    """Return when the last snapshot before a write was taken: its row was not there."""
    return max((moment for moment in table.seen_us if moment < write.time_us), default=FIRST_US)


def _next_after(write: Write, table: StateTable) -> int:
    """Return when the next snapshot after a write was taken: its row was not there."""
    return [*table.seen_us, LAST_US][bisect_left(table.seen_us, write.time_us)]
