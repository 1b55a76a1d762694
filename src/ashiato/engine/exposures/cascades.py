"""What a write does to rows of other tables by their references: they go with it, lose it, or follow it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from ashiato.engine.exposures.deeds import Deed, Write
from ashiato.engine.exposures.naming import Naming
from ashiato.engine.exposures.state import State
from ashiato.engine.exposures.ties import CASCADE, SET_DEFAULT, SET_NULL, UNKNOWN, Tie, ties_of
from ashiato.engine.store import Store

#: How far a write is followed from table to table.
_FARTHEST = 12
_GOES = frozenset({Deed.TAKEN, Deed.REPLACED, Deed.ANY})


def follow_references(store: Store, state: State, found: dict[str, set[Write]]) -> None:
    """Add to the writes of a state's tables what each did by references; rows are named where known."""
    ties = ties_of(state)
    tables = {table.kept_as: table for table in state.tables.values()}
    naming = Naming(store, state.system.engine, found)
    latest = {name: sorted(found.get(name, ()), key=lambda write: write.order) for name in sorted(tables)}
    for _ in range(_FARTHEST):
        for name, table in sorted(tables.items()):
            named = naming.named(table, latest.get(name, ()))
            latest[name] = [*latest.get(name, ()), *named]
            found.setdefault(name, set()).update(named)
        latest = _fallen(latest, ties, naming, found)
        if not latest:
            return


def _fallen(
    latest: Mapping[str, Iterable[Write]],
    ties: Mapping[str, list[Tie]],
    naming: Naming,
    found: dict[str, set[Write]],
) -> dict[str, list[Write]]:
    """Return, by table, the writes that the latest ones made by references and that are new."""
    made: dict[str, list[Write]] = {}
    for name, writes in latest.items():
        for tie in ties.get(name, ()):
            held = found.setdefault(tie.child.kept_as, set())
            for write in writes:
                if write.key is None and naming.names_all(tie.parent, write):
                    # Each of its rows is told by itself.
                    continue
                new = [one for one in _falls(write, tie) if one not in held]
                held.update(new)
                made.setdefault(tie.child.kept_as, []).extend(new)
    return {name: writes for name, writes in made.items() if writes}


def _falls(write: Write, tie: Tie) -> Iterator[Write]:
    """Yield what one write does to the rows that refer to its own."""
    if write.deed in _GOES:
        sure = write.deed is Deed.TAKEN and (write.key is not None or write.whole)
        yield from _with_its_row(_blank(write, tie), tie, _values(write, tie), sure=sure)
    elif write.deed is not Deed.LEFT and set(tie.to) & (write.columns | {name for name, _ in write.was}):
        yield from _with_its_values(write, tie)


def _blank(write: Write, tie: Tie) -> Write:
    made = Write(tie.child.kept_as, write.time_us, Deed.SET)
    return replace(made, begun_us=write.begun_us, ended_us=write.ended_us)


def _values(write: Write, tie: Tie) -> dict[str, str | None]:
    """Return what the referring columns hold, as far as the write says it of its row."""
    told = dict(write.told) if write.deed is Deed.TAKEN else dict(write.put)
    if write.key is not None and len(tie.parent.key) == 1:
        told[tie.parent.key[0]] = write.key
    if any(told.get(name) is None for name in tie.to):
        return {}
    return {column: told[name] for column, name in zip(tie.columns, tie.to, strict=True)}


def _with_its_row(blank: Write, tie: Tie, values: dict[str, str | None], *, sure: bool) -> Iterator[Write]:
    held = tuple(sorted(values.items()))
    sure = sure and bool(held)
    if tie.on_delete in (CASCADE, UNKNOWN):
        whole = sure and tie.on_delete == CASCADE
        yield replace(blank, deed=Deed.TAKEN, told=held, held=held, whole=whole)
    if tie.on_delete in (SET_NULL, UNKNOWN):
        nothing = tuple((name, None) for name in sorted(tie.columns))
        yield replace(blank, told=nothing, held=held, whole=sure and tie.on_delete == SET_NULL)
    elif tie.on_delete == SET_DEFAULT:
        yield replace(blank, untold=tuple(sorted(tie.columns)), held=held)


def _with_its_values(write: Write, tie: Tie) -> Iterator[Write]:
    """Yield what a new key, or another value referred to, makes of the columns that refer to it."""
    if not tie.on_update:
        return
    new = {**dict(write.was), **dict(write.told)}
    before = [dict(write.was).get(name) for name in tie.to]
    blank = _blank(write, tie)
    if tie.on_update != CASCADE or None in before or any(new.get(name) is None for name in tie.to):
        yield replace(blank, untold=tuple(sorted(tie.columns)))
        return
    told = tuple(sorted((c, new[name]) for c, name in zip(tie.columns, tie.to, strict=True)))
    held = tuple(sorted(zip(tie.columns, before, strict=True)))
    yield replace(blank, told=told, held=held, whole=True)
