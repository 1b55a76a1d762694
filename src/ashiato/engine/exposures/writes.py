"""Logged writes: which rows a statement changed, put in or took out, and what it says of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from sqlglot import exp

from ashiato.engine.exposures.deeds import Deed, Logged, Write
from ashiato.engine.exposures.keying import WHOLE, text_asked, whole_text
from ashiato.engine.exposures.remaking import REMAKES, only_makes, remade, tables_named, tables_unread
from ashiato.engine.exposures.shapes import (
    NotUnderstoodError,
    Shaped,
    marker_of,
    parse_shape,
    shape_statement,
)
from ashiato.engine.exposures.state import State, StateTable
from ashiato.engine.exposures.targets import Target, spelt, targets_of, texts_equal
from ashiato.engine.exposures.ties import referring
from ashiato.engine.exposures.upserts import Upsert, as_insert, upsert_of

#: A log with whole seconds does not say what came first within one.
_COARSE_US = 1_000_000
#: A row that a write names: its key, and the parts of that by column.
_Named = tuple[str | None, dict[str, str]]
_NOT_NAMED: list[_Named] = [(None, {})]
#: Writes whose rows a log counts, where they are the statement itself.
_COUNTED = (exp.Update, exp.Insert, exp.Delete, exp.Merge)
_WRITES = (exp.Update, exp.Insert, exp.Delete, exp.Merge, exp.TruncateTable, exp.Copy, *REMAKES)


def writes_of(logged: Logged, state: State, dialect: str) -> Iterator[Write]:
    """Yield what one logged statement wrote in a system's tables."""
    made = _writes_said(logged, state, dialect)
    counted = Counter((unsettled(write) for write in made) if logged.unsure else made)
    for write, times in counted.items():
        # Rows put in that are told alike.
        several = write.key is None and write.rows is not None and times > 1
        yield replace(write, rows=times * (write.rows or 0)) if several else write


def unsettled(write: Write) -> Write:
    """Return a write that may not have been kept: what it set may be so or not, and so for its row."""
    if write.deed in (Deed.SET, Deed.ENSURED, Deed.OFFERED):
        deed = write.deed if write.deed is Deed.SET else Deed.OFFERED
        return replace(write, deed=deed, told=(), untold=tuple(sorted(write.columns)))
    if write.key is None and write.deed is Deed.PUT:
        # It changed no row that was there.
        return replace(write, deed=Deed.OFFERED, told=(), put=write.told)
    if write.key is None and write.deed is Deed.TAKEN:
        # Of rows not told one by one, it may have been any or none as it is.
        return replace(write, unsure=True)
    return replace(write, deed=Deed.ANY, told=(), put=())


def _writes_said(logged: Logged, state: State, dialect: str) -> Iterator[Write]:
    text, replaces = as_insert(logged.text)
    logged = replace(logged, text=text)
    try:
        shaped, is_open = _shaped(logged, dialect)
        tree = parse_shape(shaped.shape, dialect)
    except NotUnderstoodError:
        # What cannot be read may have written every table it names.
        for held in [] if only_makes(text) else state.tables.values():
            if held.name.lower().rpartition(".")[2] in text.lower():
                yield Write(held.kept_as, logged.time_us, Deed.ANY)
        return
    for node in tree.find_all(*_WRITES):
        counted = logged if node is tree and isinstance(node, _COUNTED) else replace(logged, rows=None)
        made = list(_writes_of_node(node, shaped, counted, state, replaces=replaces and node is tree))
        made = made or list(_writes_unread(node, shaped, counted, state))
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
    """A statement with its values, and a table it writes."""

    shaped: Shaped
    table: StateTable
    logged: Logged
    engine: str

    def write(
        self,
        deed: Deed,
        key: str | None = None,
        told: Mapping[str, str | None] | None = None,
        untold: Iterable[str] = (),
        **known: Mapping[str, str | None],
    ) -> Write:
        """Return a write of the table; ``known``: what else is, by the field that says it."""
        at = self.logged
        seen_us = at.time_us if at.seen_us is None else at.seen_us
        was, put, held = (_known(known.get(name)) for name in ("was", "put", "held"))
        return Write(
            self.table.kept_as,
            seen_us,
            deed,
            key,
            _known(told),
            tuple(sorted(untold)),
            was,
            begun_us=at.time_us,
            ended_us=seen_us + int(at.step_us >= _COARSE_US),
            put=put,
            held=held,
            rows=at.rows if key is None else None,
        )

    def text_of(self, value: exp.Expr) -> str | None:
        number = marker_of(value.this if isinstance(value, exp.Cast) else value)
        return self.shaped.values[number].text if number is not None else None

    def told(self, name: str, value: exp.Expr) -> str | None:
        """Return what a column holds once a value was put into it, as far as its type leaves that be."""
        text = self.text_of(value)
        return whole_text(text) if text is not None and self.table.columns.get(name) == WHOLE else text

    def says(self, name: str, value: exp.Expr) -> bool:
        """Tell whether what a column then holds is written out."""
        return isinstance(value, exp.Null) or self.told(name, value) is not None

    def asked(self, name: str, value: exp.Expr) -> str | None:
        """Return the one text that a column equal to a value holds, or None where there may be others."""
        number = marker_of(value.this if isinstance(value, exp.Cast) else value)
        if number is None:
            return None
        return text_asked(self.table.columns.get(name, "VARCHAR"), self.shaped.values[number], self.engine)

    def key_of(self, told: Mapping[str, str | None]) -> str | None:
        """Return the key that all its parts make, or None where one is not told."""
        parts = [told.get(name) for name in self.table.key]
        return "|".join(part or "" for part in parts) if parts and None not in parts else None

    def of_rows(self, count: int) -> _Reading:
        """Return a reading of so many of the rows."""
        return replace(self, logged=replace(self.logged, rows=count))


def _known(held: Mapping[str, str | None] | None) -> tuple[tuple[str, str | None], ...]:
    return tuple(sorted((held or {}).items()))


def _writes_unread(node: exp.Expr, shaped: Shaped, logged: Logged, state: State) -> Iterator[Write]:
    """Yield, of a write in no table that is known, that it may have been in those it names unclearly."""
    puts = isinstance(node, exp.Insert) and upsert_of(node, replaces=False) is None
    for table in tables_unread(node, state):
        yield _Reading(shaped, table, logged, state.system.engine).write(Deed.PUT if puts else Deed.ANY)


def _writes_of_node(
    node: exp.Expr, shaped: Shaped, logged: Logged, state: State, *, replaces: bool
) -> Iterator[Write]:
    if isinstance(node, exp.Update | exp.Delete):
        is_update = isinstance(node, exp.Update)
        targets = targets_of(node, state) if node.this or node.args.get("tables") else []
        counted = replace(logged, rows=logged.rows if len(targets) == 1 else None)
        for target in targets:
            reading = _Reading(shaped, target.table, counted, state.system.engine)
            yield from _updated(node, target, reading) if is_update else _deleted(node, target, reading)
        return
    if isinstance(node, REMAKES):
        for held, deed in remade(node, state):
            yield _Reading(shaped, held, logged, state.system.engine).write(deed)
        return
    listed = node.expressions if isinstance(node, exp.TruncateTable) else [node.this]
    tables = list(tables_named(listed, state))
    if str(node.args.get("option") or "").upper() == "CASCADE":
        # TRUNCATE: whatever the references do where a row goes.
        tables += referring(state, tables)
    for table in tables:
        reading = _Reading(shaped, table, logged, state.system.engine)
        yield from _of_one_table(node, reading, replaces=replaces)


def _of_one_table(node: exp.Expr, reading: _Reading, *, replaces: bool) -> Iterator[Write]:
    if isinstance(node, exp.Copy):
        if node.args.get("kind"):
            yield reading.write(Deed.PUT)
    elif isinstance(node, exp.Insert):
        upsert = upsert_of(node, replaces=replaces)
        yield from _inserted(
            node, reading, upsert.spelt(lambda name: spelt(reading.table, name)) if upsert else None
        )
    elif isinstance(node, exp.TruncateTable):
        yield reading.write(Deed.TAKEN)
    elif isinstance(node, exp.Merge):
        yield from _merged(node, reading)
    else:
        yield reading.write(Deed.ANY)


def _merged(node: exp.Merge, reading: _Reading) -> Iterator[Write]:
    """Yield what each branch of a MERGE may have done to rows that are not told one by one."""
    whens = node.args["whens"].expressions if node.args.get("whens") else []
    for then in (when.args.get("then") for when in whens):
        if isinstance(then, exp.Update):
            columns = [
                spelt(reading.table, part.this.name) or part.this.name
                for part in then.expressions
                if isinstance(part, exp.EQ) and isinstance(part.this, exp.Column)
            ]
            whole = bool(columns) and len(columns) == len(then.expressions)
            yield reading.write(Deed.SET, untold=columns) if whole else reading.write(Deed.ANY)
        elif isinstance(then, exp.Insert):
            yield reading.write(Deed.PUT)
        elif then is None or then.name.upper() == "DELETE":
            yield reading.write(Deed.TAKEN)
        elif then.name.upper() != "DO NOTHING":
            yield reading.write(Deed.ANY)
    if not whens:
        yield reading.write(Deed.ANY)


def _inserted(node: exp.Insert, reading: _Reading, upsert: Upsert | None) -> Iterator[Write]:
    target, source = node.this, node.expression
    if not isinstance(target, exp.Schema) or not isinstance(source, exp.Values):
        offered = reading.of_rows(len(source.expressions)) if isinstance(source, exp.Values) else reading
        yield from _put(offered, upsert, {})
        return
    names = [spelt(reading.table, column.name) or column.name for column in target.expressions]
    if (
        upsert is not None
        and not upsert.sets
        and upsert.deed is not Deed.REPLACED
        and reading.logged.rows == len(source.expressions)
    ):
        # As many as were offered were taken: none was there.
        upsert = None
    for row in source.expressions:
        told: dict[str, str | None] = {
            name: reading.told(name, value)
            for name, value in zip(names, row.expressions, strict=False)
            if reading.says(name, value) and name in reading.table.columns
        }
        yield from _put(reading.of_rows(1), upsert, told)


def _put(reading: _Reading, upsert: Upsert | None, told: dict[str, str | None]) -> Iterator[Write]:
    """Yield a row put in, or put where one may have been."""
    key = reading.key_of(told)
    if upsert is None:
        yield reading.write(Deed.PUT, key, told)
        return
    texts = {
        name: reading.told(name, value)
        for name, value in upsert.sets
        if value is not None and reading.says(name, value)
    }
    sure, untold = upsert.told(_known(told), texts)
    by_key = key is not None and _meets_by_key(upsert, reading.table)
    if upsert.deed is Deed.REPLACED:
        rest = [name for name in reading.table.columns if name not in told]
        yield reading.write(Deed.REPLACED, key, told, rest, put=told)
        if not by_key:
            # Another unique value may have met another row, and taken it out.
            yield reading.write(Deed.TAKEN)
    elif by_key:
        yield reading.write(upsert.deed, key, dict(sure), untold, put=told)
    else:
        columns = [name for name, _ in upsert.sets]
        yield reading.write(Deed.OFFERED, key, untold=columns, put=told)
        if columns:
            asked = {name: told[name] for name in upsert.by if name in told}
            yield reading.write(Deed.SET, untold=columns, held=asked)


def _meets_by_key(upsert: Upsert, table: StateTable) -> bool:
    """Tell whether a row that is there already can only be the one of the same key."""
    return set(upsert.by) == set(table.key) if upsert.by else table.only_key


def _updated(node: exp.Expr, target: Target, reading: _Reading) -> Iterator[Write]:
    if not target.sets or target.unclear:
        yield reading.write(Deed.ANY)
        return
    columns = {name for name, _ in target.sets}
    told = {name: reading.told(name, value) for name, value in target.sets if reading.says(name, value)}
    named = _keys_named(target, reading)
    if not _met_all(target, named, reading):
        told = {}
    for key, wanted in named or _NOT_NAMED:
        known = columns & set(wanted) <= set(told)
        other = reading.key_of({**wanted, **told}) if known else None
        if key == other:
            held = _held(target, reading) if key is None else {}
            made = reading.write(Deed.SET, key, told, columns - set(told), held=held)
            yield replace(made, whole=_is_whole(node, target, held))
        else:
            yield reading.write(Deed.LEFT if told else Deed.ANY, key, wanted)
            yield reading.write(Deed.SET, other, told, columns - set(told), was=wanted)


def _deleted(node: exp.Expr, target: Target, reading: _Reading) -> Iterator[Write]:
    if target.unclear:
        yield reading.write(Deed.ANY)
        return
    single = _held(target, reading)
    named = _keys_named(target, reading)
    deed = Deed.TAKEN if _met_all(target, named, reading) else Deed.ANY
    for key, wanted in named or _NOT_NAMED:
        held = single if key is None else {}
        made = reading.write(deed, key, {**single, **wanted}, held=held)
        yield replace(made, whole=_is_whole(node, target, held))


def _held(target: Target, reading: _Reading) -> dict[str, str | None]:
    """Return what every row written held, by column, where the write says it in one value."""
    found = {name: texts_equal(target, name, partial(reading.asked, name)) for name in reading.table.columns}
    return {name: texts[0] for name, texts in found.items() if len(texts) == 1}


def _is_whole(node: exp.Expr, target: Target, held: Mapping[str, str | None]) -> bool:
    """Tell whether every row that held these values was written, in a statement that asks for no more."""
    return target.alone and 0 < len(held) == len(target.conditions) and node.args.get("limit") is None


def _met_all(target: Target, named: list[_Named], reading: _Reading) -> bool:
    """Tell whether every row that a write names was written: nothing else is asked, or the count says so."""
    if not named:
        return True
    alone = target.alone and len(target.conditions) == len(reading.table.key)
    return (alone and len(named) == 1) or reading.logged.rows == len(named)


def _keys_named(target: Target, reading: _Reading) -> list[_Named]:
    """Return the rows a write names one by one, each by its key and that key's parts, or none."""
    parts = reading.table.key
    if not target.conditions or not parts:
        return []
    wanted = {column: texts_equal(target, column, partial(reading.asked, column)) for column in parts}
    if not all(wanted.values()) or (len(parts) > 1 and any(len(texts) > 1 for texts in wanted.values())):
        return []
    if len(parts) == 1:
        return [(text, {parts[0]: text}) for text in wanted[parts[0]]]
    return [("|".join(wanted[name][0] for name in parts), {name: wanted[name][0] for name in parts})]
