"""Logged writes: which rows a statement changed, put in or took out, and what it says of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from sqlglot import exp

from ashiato.engine.exposures.expressions import conjuncts_of
from ashiato.engine.exposures.shapes import (
    NotUnderstoodError,
    Shaped,
    marker_of,
    parse_shape,
    shape_statement,
)
from ashiato.engine.exposures.state import State, StateTable

#: What is known of a row: column and value as text, in order of columns.
Known = tuple[tuple[str, str | None], ...]


class Deed(StrEnum):
    """What a write did to its rows; ``LEFT``: they have other keys since; ``ANY``: it cannot be told."""

    SET = "set"
    PUT = "put"
    TAKEN = "taken"
    LEFT = "left"
    ANY = "any"


@dataclass(frozen=True)
class Write:
    """One row written, or with ``key`` None rows of a table that cannot be told one by one.

    ``told``: columns and values it had afterwards, of a row taken out: before. ``untold``: other columns
    that were set. ``was``: the key before, where the write gave it another. ``time_us``: when others
    first saw it; between ``begun_us`` and ``ended_us`` it is not known who did.
    """

    kept_as: str
    time_us: int
    deed: Deed
    key: str | None = None
    told: Known = ()
    untold: tuple[str, ...] = ()
    was: Known = ()
    begun_us: int | None = field(default=None, compare=False)
    ended_us: int | None = field(default=None, compare=False)

    @property
    def unclear(self) -> tuple[int, int]:
        """Between when it is not known who saw it."""
        begun = self.time_us if self.begun_us is None else self.begun_us
        return begun, self.time_us if self.ended_us is None else self.ended_us

    @property
    def order(self) -> tuple[object, ...]:
        """What writes are sorted by."""
        return (self.time_us, self.kept_as, self.key or "", self.deed, str(self.told), self.untold)

    @property
    def columns(self) -> frozenset[str]:
        """The columns it set, as far as it names them."""
        return frozenset(name for name, _ in self.told) | frozenset(self.untold)


#: A log with whole seconds does not say what came first within one.
_COARSE_US = 1_000_000
#: A row that a write names: its key, and the parts of that by column.
_Named = tuple[str | None, dict[str, str]]
_NOT_NAMED: list[_Named] = [(None, {})]
_WRITES = (exp.Update, exp.Insert, exp.Delete, exp.Merge, exp.TruncateTable, exp.Copy, exp.Alter, exp.Drop)


@dataclass(frozen=True)
class Logged:
    """A statement as the log has it; ``rows``: how many it touched, None where that was not logged.

    ``seen_us``: when its transaction was kept, None: at once; ``unsure``: whether it was kept is not known.
    """

    text: str
    binds: str | None
    time_us: int
    rows: int | None
    step_us: int
    seen_us: int | None = None
    unsure: bool = False


def writes_of(logged: Logged, state: State, dialect: str) -> Iterator[Write]:
    """Yield what one logged statement wrote in a system's tables."""
    made = _writes_said(logged, state, dialect)
    yield from (_unsettled(write) for write in made) if logged.unsure else made


def _unsettled(write: Write) -> Write:
    """Return a write that may not have been kept: what it set may be so or not, and so for its row."""
    if write.deed is Deed.SET:
        return replace(write, told=(), untold=tuple(sorted(write.columns)))
    return replace(write, deed=Deed.ANY, told=())


def _writes_said(logged: Logged, state: State, dialect: str) -> Iterator[Write]:
    try:
        shaped, is_open = _shaped(logged, dialect)
        tree = parse_shape(shaped.shape, dialect)
    except NotUnderstoodError:
        # What cannot be read may have written every table it names.
        for held in state.tables.values():
            if held.name.lower() in logged.text.lower():
                yield Write(held.kept_as, logged.time_us, Deed.ANY)
        return
    for node in tree.find_all(*_WRITES):
        target = node.this.find(exp.Table) if isinstance(node.this, exp.Expr) else None
        table = state.find(target.db, target.name) if target is not None else None
        if table is not None:
            made = _writes_of_node(node, _Reading(shaped, table, logged))
            yield from (_unnamed(write) for write in made) if is_open else made


def _shaped(logged: Logged, dialect: str) -> tuple[Shaped, bool]:
    """Shape a write, and tell whether the log lacks some of its values."""
    try:
        return shape_statement(logged.text, logged.binds, dialect), False
    except NotUnderstoodError:
        return shape_statement(logged.text, logged.binds, dialect, is_open=True), True


def _unnamed(write: Write) -> Write:
    """Return a write of which values are missing: the others do not single out a row that was put in."""
    return replace(write, told=()) if write.deed is Deed.PUT and write.key is None else write


@dataclass(frozen=True)
class _Reading:
    """A statement with its values, and the table it writes."""

    shaped: Shaped
    table: StateTable
    logged: Logged

    def write(
        self,
        deed: Deed,
        key: str | None = None,
        told: Mapping[str, str | None] | None = None,
        untold: Iterable[str] = (),
        was: Mapping[str, str] | None = None,
    ) -> Write:
        at = self.logged
        said, before = tuple(sorted((told or {}).items())), tuple(sorted((was or {}).items()))
        return Write(
            self.table.kept_as,
            at.time_us if at.seen_us is None else at.seen_us,
            deed,
            key,
            said,
            tuple(sorted(untold)),
            before,
            begun_us=at.time_us,
            ended_us=(at.time_us if at.seen_us is None else at.seen_us) + int(at.step_us >= _COARSE_US),
        )

    def text_of(self, value: exp.Expr) -> str | None:
        number = marker_of(value.this if isinstance(value, exp.Cast) else value)
        return self.shaped.values[number].text if number is not None else None

    def says(self, value: exp.Expr) -> bool:
        """Tell whether a value is written out."""
        return isinstance(value, exp.Null) or self.text_of(value) is not None

    def key_of(self, told: dict[str, str | None]) -> str | None:
        """Return the key that all its parts make, or None where one is not told."""
        parts = [told.get(name) for name in self.table.key]
        return "|".join(part or "" for part in parts) if parts and None not in parts else None


def _writes_of_node(node: exp.Expr, reading: _Reading) -> Iterator[Write]:
    if isinstance(node, exp.Copy):
        if node.args.get("kind"):
            yield reading.write(Deed.PUT)
    elif isinstance(node, exp.Insert):
        yield from _inserted(node, reading)
    elif isinstance(node, exp.Update):
        yield from _updated(node, reading)
    elif isinstance(node, exp.Delete):
        yield from _deleted(node, reading)
    else:
        yield reading.write(Deed.ANY)


def _inserted(node: exp.Insert, reading: _Reading) -> Iterator[Write]:
    target, source = node.this, node.expression
    if not isinstance(target, exp.Schema) or not isinstance(source, exp.Values):
        yield reading.write(Deed.ANY if _may_overwrite(node) else Deed.PUT)
        return
    names = [column.name for column in target.expressions]
    for row in source.expressions:
        told: dict[str, str | None] = {
            name: reading.text_of(value)
            for name, value in zip(names, row.expressions, strict=False)
            if reading.says(value) and name in reading.table.columns
        }
        key = reading.key_of(told)
        if _may_overwrite(node):
            # The row may have been there, and then have been left or written over.
            yield reading.write(Deed.ANY, key)
        else:
            yield reading.write(Deed.PUT, key, told)


def _may_overwrite(node: exp.Insert) -> bool:
    return any(node.args.get(name) for name in ("conflict", "ignore", "overwrite", "alternative")) or (
        node.key == "replace"
    )


def _updated(node: exp.Update, reading: _Reading) -> Iterator[Write]:
    parts = [part for part in node.expressions if isinstance(part, exp.EQ)]
    if not parts or len(parts) != len(node.expressions):
        yield reading.write(Deed.ANY)
        return
    columns = {part.this.name for part in parts}
    told = {
        part.this.name: reading.text_of(part.expression) for part in parts if reading.says(part.expression)
    }
    named = _keys_named(node, reading)
    if not _met_all(node, named, reading):
        told = {}
    for key, wanted in named or _NOT_NAMED:
        known = columns & set(wanted) <= set(told)
        other = reading.key_of({**wanted, **told}) if known else None
        if key == other:
            yield reading.write(Deed.SET, key, told, columns - set(told))
        else:
            yield reading.write(Deed.LEFT if told else Deed.ANY, key, wanted)
            yield reading.write(Deed.SET, other, told, columns - set(told), wanted)


def _deleted(node: exp.Delete, reading: _Reading) -> Iterator[Write]:
    fixed = {name: texts for name in reading.table.columns if (texts := _equal_to(node, name, reading))}
    single: dict[str, str | None] = {name: texts[0] for name, texts in fixed.items() if len(texts) == 1}
    named = _keys_named(node, reading)
    deed = Deed.TAKEN if _met_all(node, named, reading) else Deed.ANY
    for key, wanted in named or _NOT_NAMED:
        yield reading.write(deed, key, {**single, **wanted})


def _met_all(node: exp.Expr, named: list[_Named], reading: _Reading) -> bool:
    """Tell whether every row that a write names was written: nothing else is asked, or the count says so."""
    where = node.args.get("where")
    if not named or where is None:
        return True
    alone = len(conjuncts_of(where)) == len(reading.table.key)
    return (alone and len(named) == 1) or reading.logged.rows == len(named)


def _keys_named(node: exp.Update | exp.Delete, reading: _Reading) -> list[_Named]:
    """Return the rows a write names one by one, each by its key and that key's parts, or none."""
    parts = reading.table.key
    if node.args.get("where") is None or not parts:
        return []
    wanted = {column: _equal_to(node, column, reading) for column in parts}
    if not all(wanted.values()) or (len(parts) > 1 and any(len(texts) > 1 for texts in wanted.values())):
        return []
    if len(parts) == 1:
        return [(text, {parts[0]: text}) for text in wanted[parts[0]]]
    return [("|".join(wanted[name][0] for name in parts), {name: wanted[name][0] for name in parts})]


def _equal_to(node: exp.Expr, column: str, reading: _Reading) -> list[str]:
    """Return the values that a write's condition holds a column to."""
    where = node.args.get("where")
    for part in conjuncts_of(where) if where is not None else []:
        plain = part.unnest()
        if not isinstance(plain, (exp.EQ, exp.In)):
            continue
        if not isinstance(plain.this, exp.Column) or plain.this.name != column:
            continue
        values = [plain.expression] if isinstance(plain, exp.EQ) else plain.expressions
        texts = [reading.text_of(value) for value in values]
        if texts and all(text is not None for text in texts):
            return [text for text in texts if text is not None]
    return []
