"""Runs many rules over one table's batches in one pass: which rows each rule is true for, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ashiato.engine.sigma.columns import Column
from ashiato.engine.sigma.predicates import (
    And,
    Atom,
    Keyword,
    Named,
    Node,
    Not,
    Or,
    Regex,
    Same,
    Text,
    atoms_of,
    bind_keywords,
    columns_of,
)
from ashiato.engine.sigma.rule_files import Rule
from ashiato.engine.sigma.texts import Places, TextIndex

Rows = npt.NDArray[np.int64]
_NO_INDEX = TextIndex(())


@dataclass(frozen=True)
class Hits:
    """The rows of a batch that a rule is true for, rising, and for each what made it true."""

    rule: Rule
    rows: Rows
    because: tuple[str, ...]


class Scanner:
    """Rules over one table, ready to meet its batches."""

    def __init__(
        self, rules: Sequence[Rule], columns: Sequence[str], *, database: bool | None = None
    ) -> None:
        """Gather what all rules ask of each column; ``columns`` are those of the table.

        ``database``: look for all patterns at once always, never, or (None) where it is worth it; the result
        is the same.
        """
        self._columns = tuple(columns)
        self._rules = [(rule, _ordered(bind_keywords(rule.node, self._keywords(rule)))) for rule in rules]
        asked: dict[str, set[Text | Regex]] = defaultdict(set)
        for _, node in self._rules:
            for atom in atoms_of(node):
                if isinstance(atom.predicate, Text | Regex):
                    asked[atom.column].add(atom.predicate)
        self._indexes = {column: TextIndex(said, database=database) for column, said in asked.items()}
        self._reasons = [tuple(_reasons_of(node)) for _, node in self._rules]

    @cached_property
    def needed(self) -> tuple[str, ...]:
        """The columns of the table that any rule looks at, in the table's order."""
        asked = {column for _, node in self._rules for column in columns_of(node)}
        return tuple(column for column in self._columns if column in asked)

    def hits(self, batch: pa.RecordBatch) -> Iterator[Hits]:
        """Yield the hits of each rule that has any, in the rules' order; columns a batch lacks are empty."""
        seen = _Seen(batch, self._indexes)
        for (rule, node), reasons in zip(self._rules, self._reasons, strict=True):
            rows = seen.rows(node, None)
            if len(rows):
                yield Hits(rule, rows, _because(seen, reasons, rows))

    def _keywords(self, rule: Rule) -> tuple[str, ...]:
        return self._columns if rule.source.keywords is None else rule.source.keywords


class _Seen:
    """One batch, each column read once; rows that satisfy a node among some rows (None: all)."""

    def __init__(self, batch: pa.RecordBatch, indexes: Mapping[str, TextIndex]) -> None:
        self._batch = batch
        self._indexes = indexes
        self._held: dict[str, Column] = {}
        self._all: Rows = np.arange(batch.num_rows)

    def rows(self, node: Node, among: Rows | None) -> Rows:
        """Return the rows among the given ones that the node is true for, rising."""
        if isinstance(node, Atom):
            return self._atom(node, among)
        if isinstance(node, Named):
            return self.rows(node.part, among)
        if isinstance(node, Not):
            given = self._all if among is None else among
            return np.setdiff1d(given, self.rows(node.part, among), assume_unique=True)
        if isinstance(node, And):
            if self._is_nowhere(node):
                return self._all[:0]
            for part in node.parts:
                among = self.rows(part, among)
                if not len(among):
                    break
            return self._all if among is None else among
        if isinstance(node, Or):
            return self._any(node, among)
        message = "keywords are bound to columns before"
        raise TypeError(message)

    def _any(self, node: Or, among: Rows | None) -> Rows:
        """Join atoms of one column by their values first: a list of a thousand texts costs one look."""
        places: dict[str, list[Places]] = defaultdict(list)
        found: list[Rows] = []
        for part in node.parts:
            if isinstance(part, Atom) and not isinstance(part.predicate, Same):
                met = self._column(part.column).places(part.predicate)
                if len(met):
                    places[part.column].append(met)
            else:
                found.append(self.rows(part, among))
        found += [self._at(self._column(name), np.concatenate(met), among) for name, met in places.items()]
        found = [each for each in found if len(each)]
        if len(found) < 2:
            return found[0] if found else self._all[:0]
        true = np.zeros(len(self._all), np.bool_)
        for each in found:
            true[each] = True
        return np.flatnonzero(true)

    def _is_nowhere(self, node: Node) -> bool:
        """Tell whether a look at the texts alone, before any row, shows that nothing satisfies a node."""
        if isinstance(node, Atom):
            return isinstance(node.predicate, Text) and not len(
                self._column(node.column).places(node.predicate)
            )
        if isinstance(node, And):
            return any(map(self._is_nowhere, node.parts))
        if isinstance(node, Or):
            return all(map(self._is_nowhere, node.parts))
        return isinstance(node, Named) and self._is_nowhere(node.part)

    def _atom(self, atom: Atom, among: Rows | None) -> Rows:
        column = self._column(atom.column)
        if isinstance(atom.predicate, Same):
            return self._compared(column, self._column(atom.predicate.column), atom.predicate, among)
        return self._at(column, column.places(atom.predicate), among)

    def _at(self, column: Column, places: Places, among: Rows | None) -> Rows:
        if not len(places):
            return self._all[:0]
        true = np.zeros(column.size + 1, np.bool_)
        true[places] = True
        if among is None:
            return np.flatnonzero(true[column.codes])
        return np.asarray(among[true[column.codes[among]]])

    def _compared(self, one: Column, other: Column, asked: Same, among: Rows | None) -> Rows:
        rows = self._all if among is None else among
        pairs = one.codes[rows] * (other.size + 1) + other.codes[rows]
        distinct, of_row = np.unique(pairs, return_inverse=True)
        mine, its = one.lower_texts(), other.lower_texts()
        holds = [
            _is_same(mine[p // (other.size + 1)], its[p % (other.size + 1)], asked) for p in distinct.tolist()
        ]
        return np.asarray(rows[np.array(holds, np.bool_)[of_row]])

    def _column(self, name: str) -> Column:
        if name not in self._held:
            at = self._batch.schema.get_field_index(name)
            given = self._batch.column(at) if at >= 0 else pa.nulls(self._batch.num_rows, pa.string())
            self._held[name] = Column(given, self._indexes.get(name, _NO_INDEX))
        return self._held[name]


def _is_same(mine: str | None, its: str | None, asked: Same) -> bool:
    if mine is None or its is None:
        return False
    if asked.starts and asked.ends:
        return its in mine
    if asked.starts:
        return mine.startswith(its)
    return mine.endswith(its) if asked.ends else mine == its


_COSTS: tuple[tuple[type, int], ...] = ((Text, 0), (Regex, 2), (Same, 3))


def _ordered(node: Node) -> Node:
    """Return the node with what is cheap and rules out most before the rest."""
    if isinstance(node, Named):
        return Named(node.name, _ordered(node.part))
    if isinstance(node, Not):
        return Not(_ordered(node.part))
    if isinstance(node, Or):
        return Or(tuple(map(_ordered, node.parts)))
    if isinstance(node, And):
        return And(tuple(sorted(map(_ordered, node.parts), key=_cost_of)))
    return node


def _cost_of(node: Node) -> int:
    if isinstance(node, Named):
        return _cost_of(node.part)
    if isinstance(node, Not):
        return 10 + _cost_of(node.part)
    if isinstance(node, And):
        return min(map(_cost_of, node.parts), default=0)
    if isinstance(node, Or):
        return max(map(_cost_of, node.parts), default=0)
    if isinstance(node, Keyword):
        return 5
    return next((cost for kind, cost in _COSTS if isinstance(node.predicate, kind)), 1)


@dataclass(frozen=True)
class _Reason:
    """A field of a selection, and the part of the rule that asks about it."""

    selection: str
    field: str
    node: Node


def _reasons_of(node: Node, name: str = "", *, wanted: bool = True) -> Iterator[_Reason]:
    """Yield what can make a rule true: parts of selections that are not ruled out."""
    if isinstance(node, Named):
        yield from _reasons_of(node.part, node.name, wanted=wanted)
    elif isinstance(node, Not):
        yield from _reasons_of(node.part, name, wanted=not wanted)
    elif isinstance(node, And | Or):
        fields = [part for part in node.parts if isinstance(part, Atom)]
        by_field: dict[str, list[Atom]] = defaultdict(list)
        for atom in fields if wanted and name else ():
            by_field[atom.field].append(atom)
        joined = And if isinstance(node, And) else Or
        yield from (_Reason(name, field, joined(tuple(atoms))) for field, atoms in by_field.items())
        for part in node.parts:
            if not isinstance(part, Atom):
                yield from _reasons_of(part, name, wanted=wanted)
    elif isinstance(node, Atom) and wanted and name:
        yield _Reason(name, node.field, node)


def _because(seen: _Seen, reasons: Sequence[_Reason], rows: Rows) -> tuple[str, ...]:
    """Say for each row which fields of which selections are true, as ``selection:field+field``."""
    if not reasons:
        return ("",) * len(rows)
    true = np.zeros((len(rows), len(reasons)), np.bool_)
    for at, reason in enumerate(reasons):
        true[:, at] = np.isin(rows, seen.rows(reason.node, rows), assume_unique=True)
    distinct, of_row = np.unique(true, axis=0, return_inverse=True)
    said = [
        _said([reason for reason, holds in zip(reasons, row, strict=True) if holds])
        for row in distinct.tolist()
    ]
    return tuple(said[at] for at in of_row.ravel().tolist())


def _said(reasons: Sequence[_Reason]) -> str:
    fields: dict[str, list[str]] = {}
    for reason in reasons:
        held = fields.setdefault(reason.selection, [])
        if reason.field not in held:
            held.append(reason.field)
    return " ".join(f"{selection}:{'+'.join(names)}" for selection, names in fields.items())
