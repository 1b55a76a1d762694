"""The oracle: statements evaluated row by row, each value and row remembering where it comes from.

It knows what came out of a statement because it runs the statement itself, at its own moment, over lists of
rows in plain Python. It shares no line with the engine it judges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from tests.proof import cells
from tests.proof.base import Base, Row, RowId
from tests.proof.cells import NOWHERE, Cell
from tests.proof.dice import Dice
from tests.proof.queries import (
    Aggregate,
    Beside,
    Call,
    Case,
    Col,
    Delete,
    Exists,
    Expr,
    InQuery,
    Insert,
    Item,
    Key,
    Lit,
    Plain,
    Query,
    Scalar,
    Select,
    SetOp,
    Source,
    Statement,
    Update,
    Windowed,
    Within,
)
from tests.proof.relations import (
    Out,
    Relation,
    Scope,
    beside,
    cut,
    every_column,
    has_aggregate,
    list_meeting,
    membership,
    names_of,
    nothing_like,
    stable_sorted,
    windows_in,
)

#: Groups of at least so many people disclose nobody by themselves (docs/semantics.md).
SMALL_GROUP = 10


@dataclass
class Told:
    """What a statement gave back, and how many rows it wrote."""

    relation: Relation | None
    written: int = 0

    @property
    def count(self) -> int:
        """The rows of the reply, or those written."""
        return len(self.relation.rows) if self.relation is not None else self.written


class Evaluator:
    """Runs statements over one base."""

    def __init__(self, base: Base, dice: Dice) -> None:
        """``dice`` decides what a server leaves open: the order of ties, of joined and of grouped rows."""
        self._base = base
        self._dice = dice
        self.owners = base.owners()
        self.left_behind = base.left_behind()
        #: Stored rows as cells; each is kept, so that no other takes its place in memory.
        self._cells: dict[int, tuple[Any, dict[str, Cell], frozenset[RowId]]] = {}

    def run(self, tree: Statement) -> Told:
        """Run a statement, changing the base where it writes."""
        if isinstance(tree, Insert):
            return self._insert(tree)
        if isinstance(tree, (Update, Delete)):
            return self._write(tree)
        return Told(self.query(tree, {}, None))

    # -- writes ---------------------------------------------------------------------------------------

    def _insert(self, tree: Insert) -> Told:
        made = []
        for row in tree.rows:
            values = dict(zip(tree.columns, (lit.value for lit in row), strict=True))
            there = self._there(tree, values)
            if there is None:
                made.append((tree.table, self._base.insert(tree.table, values)))
            elif tree.sets:
                sets = {name: values[name] if lit is None else lit.value for name, lit in tree.sets}
                made.append((tree.table, self._base.update(tree.table, there, sets)))
        return self._wrote(tree.table, [self._scope_of(table, row, None, table) for table, row in made], tree)

    def _there(self, tree: Insert, values: dict[str, Plain]) -> Row | None:
        """Return the row that one to be put in would meet."""
        held = self._base.rows.get(tree.table, [])
        return next((r for r in held if tree.by and all(r.values[n] == values[n] for n in tree.by)), None)

    def _is_beside(self, beside: Beside, row: Row) -> bool:
        """Tell whether a row has a partner in the table that a write reads beside its own."""
        wanted = [(other, row.values[own]) for own, other in beside.on]
        wanted += [(name, lit.value) for name, lit in beside.held]
        return any(
            all(value is not None and other.values[name] == value for name, value in wanted)
            for other in self._base.rows.get(beside.table, [])
        )

    def _write(self, tree: Update | Delete) -> Told:
        hit = []
        for row in list(self._base.rows.get(tree.table, [])):
            scope = self._scope_of(tree.table, row, None, tree.table)
            if tree.beside is not None and not self._is_beside(tree.beside, row):
                continue
            if tree.where is None or self.value(tree.where, scope, {}).holds:
                hit.append((row, scope))
        scopes = []
        for row, scope in hit:
            if isinstance(tree, Delete):
                self._base.delete(tree.table, row)
                scopes.append(scope)
                continue
            values = {name: self.value(value, scope, {}).value for name, value in tree.values}
            made = self._base.update(tree.table, row, values)
            scopes.append(self._scope_of(tree.table, made, None, tree.table))
        return self._wrote(tree.table, scopes, tree)

    def _wrote(self, table: str, scopes: list[Scope], tree: Insert | Update | Delete) -> Told:
        self.owners |= self._base.owners()
        if not tree.returning:
            return Told(None, len(scopes))
        rows = [
            Out(tuple(self.value(item.value, scope, {}) for item in tree.returning), scope.rows)
            for scope in scopes
        ]
        return Told(Relation([item.name or table for item in tree.returning], rows), len(scopes))

    # -- queries --------------------------------------------------------------------------------------

    def query(self, tree: Query, ctes: dict[str, Relation], around: Scope | None) -> Relation:
        """Evaluate a query in the scope of the row around it."""
        if isinstance(tree, SetOp):
            return self._set_operation(tree, ctes, around)
        known = dict(ctes)
        for name, inner in tree.ctes:
            known[name] = self.query(inner, known, None)
        scopes, heaped = self._read(tree.sources, known, around)
        if tree.where is not None:
            scopes = self._kept(scopes, tree.where, known)
        grouped = bool(tree.group) or any(map(has_aggregate, [*(i.value for i in tree.items), tree.having]))
        if grouped:
            scopes, heaped = self._grouped(tree, scopes, known, around), False
        windows = [w for item in tree.items for w in windows_in(item.value)]
        for window in windows:
            self._window(window, scopes, known)
        items = tree.items or every_column(tree.sources, scopes, self._base, known)
        outs = [(self._out(items, scope, known), scope) for scope in scopes]
        if tree.distinct:
            outs, heaped = self._merged(outs), False
        outs = self._sorted(outs, tree.order, items, known, heaped=heaped)
        rows = cut([out for out, _ in outs], tree.limit, tree.offset)
        return Relation(names_of(items), rows, heaped and not tree.order)

    def _kept(self, scopes: list[Scope], condition: Expr, ctes: dict[str, Relation]) -> list[Scope]:
        kept = []
        for scope in scopes:
            told = self.value(condition, scope, ctes)
            if told.holds:
                kept.append(replace(scope, rows=scope.rows | told.seen))
        return kept

    def _out(self, items: Sequence[Item], scope: Scope, ctes: dict[str, Relation]) -> Out:
        made = tuple(self.value(item.value, scope, ctes) for item in items)
        return Out(made, scope.rows.union(*(cell.seen for cell in made)))

    def _read(
        self, sources: Sequence[Source], ctes: dict[str, Relation], around: Scope | None
    ) -> tuple[list[Scope], bool]:
        scopes, heaped = self._scopes_of(sources[0], ctes, around)
        for source in sources[1:]:
            right, _ = self._scopes_of(source, ctes, around)
            scopes = self._joined(scopes, right, source, ctes)
            heaped = False
        return scopes, heaped

    def _scopes_of(
        self, source: Source, ctes: dict[str, Relation], around: Scope | None
    ) -> tuple[list[Scope], bool]:
        held = ctes.get(source.table) if isinstance(source.table, str) else None
        if not isinstance(source.table, str):
            held = self.query(source.table, ctes, None)
        if held is None:
            name = str(source.table)
            rows = self._base.rows.get(name, [])
            return [self._scope_of(name, row, around, source.alias) for row in rows], True
        made = [
            Scope({source.alias: dict(zip(held.names, row.cells, strict=True))}, row.rows, around)
            for row in held.rows
        ]
        return made, held.heaped

    def _scope_of(self, table: str, row: Any, around: Scope | None, alias: str) -> Scope:
        known = self._cells.get(id(row))
        if known is None:
            held = {
                name: Cell(
                    value, frozenset([(table, row.number, name)]) if value not in (None, "") else NOWHERE
                )
                for name, value in row.values.items()
            }
            known = self._cells[id(row)] = (row, held, frozenset([(table, row.number)]))
        return Scope({alias: known[1]}, known[2], around)

    def _joined(
        self, left: list[Scope], right: list[Scope], source: Source, ctes: dict[str, Relation]
    ) -> list[Scope]:
        made: list[Scope] = []
        matched: set[int] = set()
        for mine, meeting in zip(left, list_meeting(left, right, source.on), strict=True):
            alone = True
            for number, theirs in meeting:
                pair = beside(mine, theirs)
                told = self.value(source.on, pair, ctes) if source.on is not None else Cell(True)
                if told.holds:
                    made.append(replace(pair, rows=pair.rows | told.seen))
                    matched.add(number)
                    alone = False
            if alone and source.join in ("left", "full"):
                made.append(beside(mine, self._nulls_of(source, ctes)))
        if source.join in ("right", "full"):
            empty = nothing_like(left, self._base)
            made += [beside(empty, theirs) for n, theirs in enumerate(right) if n not in matched]
        return made

    def _nulls_of(self, source: Source, ctes: dict[str, Relation]) -> Scope:
        if isinstance(source.table, str) and source.table not in ctes:
            names = list(self._base.designs[source.table].kinds)
        elif isinstance(source.table, str):
            names = ctes[source.table].names
        else:
            names = self.query(source.table, ctes, None).names
        return Scope({source.alias: {name: Cell(None) for name in names}})

    # -- values ---------------------------------------------------------------------------------------

    def value(self, tree: Expr, scope: Scope, ctes: dict[str, Relation]) -> Cell:
        """Evaluate an expression for one row."""
        if isinstance(tree, (Col, Windowed)):
            return scope.find(tree) if isinstance(tree, Col) else scope.windows[tree]
        if isinstance(tree, Lit):
            return Cell(tree.value)
        if isinstance(tree, Aggregate):
            return self._aggregate(tree, scope, ctes)
        if isinstance(tree, Case):
            decided = self.value(tree.condition, scope, ctes)
            chosen = self.value(tree.then if decided.holds else tree.otherwise, scope, ctes)
            return chosen._replace(seen=chosen.seen | decided.seen)
        if isinstance(tree, Call):
            return self._call(tree, scope, ctes)
        return self._of_query(tree, scope, ctes)

    def _call(self, tree: Call, scope: Scope, ctes: dict[str, Relation]) -> Cell:
        args = [self.value(arg, scope, ctes) for arg in tree.args]
        if tree.name in ("and", "or"):
            made = args[0]
            for other in args[1:]:
                made = (cells.both if tree.name == "and" else cells.either)(made, other)
            return made
        if tree.name == "not":
            return cells.negated(args[0])
        if tree.name in ("is null", "is not null"):
            return cells.gathered((args[0].value is None) == (tree.name == "is null"), args)
        if tree.name == "like":
            return cells.alike(*args)
        if tree.name == "between":
            low, high = cells.compared(">=", args[0], args[1]), cells.compared("<=", args[0], args[2])
            return cells.both(low, high)
        return cells.called(tree.name, args)

    def _of_query(
        self, tree: Within | Exists | InQuery | Scalar, scope: Scope, ctes: dict[str, Relation]
    ) -> Cell:
        if isinstance(tree, Within):
            value = self.value(tree.value, scope, ctes)
            return membership(value, [Out((Cell(o.value),)) for o in tree.options], negated=tree.negated)
        found = self.query(tree.query, ctes, scope)
        if isinstance(tree, Exists):
            # Absence has no witness.
            witnesses = NOWHERE if tree.negated else NOWHERE.union(*(row.rows for row in found.rows))
            return Cell(bool(found.rows) != tree.negated, seen=witnesses)
        if isinstance(tree, InQuery):
            return membership(self.value(tree.value, scope, ctes), found.rows, negated=tree.negated)
        if len(found.rows) > 1:
            raise MoreThanOneRowError
        if not found.rows:
            return Cell(None)
        return found.rows[0].cells[0]._replace(seen=found.rows[0].rows | found.rows[0].cells[0].seen)

    # -- groups ---------------------------------------------------------------------------------------

    def _grouped(
        self, tree: Select, scopes: list[Scope], ctes: dict[str, Relation], around: Scope | None
    ) -> list[Scope]:
        groups: dict[Any, list[Scope]] = {} if tree.group else {(): []}
        for scope in scopes:
            key = tuple(self.value(part, scope, ctes).value for part in tree.group)
            groups.setdefault(key, []).append(scope)
        made = []
        for members in groups.values():
            tables = self._merged_tables(tree, members)
            rows = NOWHERE.union(*(scope.rows for scope in members))
            made.append(Scope(tables, self._if_few(rows), around, members))
        if tree.having is not None:
            made = self._kept(made, tree.having, ctes)
        return made

    def _merged_tables(self, tree: Select, members: list[Scope]) -> dict[str, dict[str, Cell]]:
        """Give a group's common values: somebody's own where one row holds them, else a few's or nobody's."""
        tables: dict[str, dict[str, Cell]] = {}
        for part in tree.group:
            if not isinstance(part, Col):
                continue
            value = self._one_of_many([scope.find(part) for scope in members])
            if not self._if_few(frozenset(place[:2] for place in value.loose)):
                value = value._replace(loose=NOWHERE)
            tables.setdefault(part.alias, {})[part.name] = value
        return tables

    def _one_of_many(self, held: list[Cell]) -> Cell:
        copied = NOWHERE.union(*(cell.copied for cell in held))
        if len({self.owners.get(place[:2], place[:2]) for place in copied}) <= 1:
            return cells.gathered(held[0].value, held, carries=True)
        return cells.gathered(held[0].value, held, loosely=True)

    def _if_few(self, rows: frozenset[RowId]) -> frozenset[RowId]:
        people = {self.owners[row] for row in rows if row in self.owners}
        return rows if len(people) < SMALL_GROUP else NOWHERE

    def _aggregate(self, tree: Aggregate, scope: Scope, ctes: dict[str, Relation]) -> Cell:
        members = scope.group or []
        if tree.arg is None:
            return Cell(len(members))
        held = [self.value(tree.arg, member, ctes) for member in members]
        held = [cell for cell in held if cell.value is not None]
        if tree.name == "count":
            return Cell(len({cell.value for cell in held}) if tree.distinct else len(held))
        if tree.name == "string_agg":
            return cells.gathered(", ".join(str(cell.value) for cell in held), held, carries=True)
        if not held:
            return Cell(None)
        values: list[Any] = [cell.value for cell in held]
        if tree.name == "sum":
            return cells.gathered(sum(values), held, carries=len(held) == 1, loosely=len(held) < SMALL_GROUP)
        extreme = min(values) if tree.name == "min" else max(values)
        holders = [cell for cell in held if cell.value == extreme]
        rows = NOWHERE.union(*(cell.seen for cell in holders))
        loose = cells.gathered(extreme, holders, loosely=True)
        return loose._replace(seen=rows | {place[:2] for place in loose.loose})

    def _merged(self, outs: list[tuple[Out, Scope]]) -> list[tuple[Out, Scope]]:
        groups: dict[Any, list[tuple[Out, Scope]]] = {}
        for out, scope in outs:
            groups.setdefault(tuple(cell.value for cell in out.cells), []).append((out, scope))
        return [(self._merged_row([out for out, _ in held]), held[0][1]) for held in groups.values()]

    def _merged_row(self, held: list[Out]) -> Out:
        if len(held) == 1:
            return held[0]
        columns = tuple(
            self._one_of_many(list(column)) for column in zip(*(out.cells for out in held), strict=True)
        )
        return Out(columns, NOWHERE.union(*(out.rows for out in held)))

    def _set_operation(self, tree: SetOp, ctes: dict[str, Relation], around: Scope | None) -> Relation:
        left, right = self.query(tree.left, ctes, around), self.query(tree.right, ctes, around)
        if tree.kind == "union all":
            rows = left.rows + right.rows
        else:
            rows = self._combined(tree.kind, left.rows, right.rows)
        rows = self._dice.shuffled(rows)
        for place, descending in reversed(tree.order):
            rows = stable_sorted(rows, partial(_cell_at, place), descending, None)
        return Relation(left.names, cut(rows, tree.limit, tree.offset))

    def _combined(self, kind: str, left: list[Out], right: list[Out]) -> list[Out]:
        def key(row: Out) -> tuple[Any, ...]:
            return tuple(cell.value for cell in row.cells)

        groups: dict[Any, list[Out]] = {}
        for row in left + (right if kind == "union" else []):
            groups.setdefault(key(row), []).append(row)
        theirs: dict[Any, list[Out]] = {}
        for row in right:
            theirs.setdefault(key(row), []).append(row)
        if kind == "union":
            return [self._merged_row(held) for held in groups.values()]
        kept = [held for k, held in groups.items() if (k in theirs) == (kind == "intersect")]
        made = [self._merged_row(held) for held in kept]
        if kind == "except":
            return made
        return [self._held_by_both(row, held, theirs[key(row)]) for row, held in zip(made, kept, strict=True)]

    def _held_by_both(self, row: Out, mine: list[Out], theirs: list[Out]) -> Out:
        """Give a row of both sides: the right side's values are in it too where all are one's own."""
        whole = self._merged_row([*mine, *theirs])
        cells = tuple(
            cell._replace(copied=cell.copied | also.copied, loose=cell.loose | also.loose)
            for cell, also in zip(row.cells, whole.cells, strict=True)
        )
        return Out(cells, whole.rows)

    # -- order ----------------------------------------------------------------------------------------

    def _sorted(
        self,
        outs: list[tuple[Out, Scope]],
        order: tuple[Key, ...],
        items: Sequence[Item],
        ctes: dict[str, Relation],
        *,
        heaped: bool,
    ) -> list[tuple[Out, Scope]]:
        if order or not heaped:
            outs = self._dice.shuffled(outs)
        names = {item.name: number for number, item in enumerate(items) if item.name}

        def cell_of(key: Key, pair: tuple[Out, Scope]) -> Cell:
            value = key.value
            if isinstance(value, Col) and not value.alias and value.name in names:
                return pair[0].cells[names[value.name]]
            return self.value(value, pair[1], ctes)

        for key in reversed(order):
            outs = stable_sorted(
                outs,
                partial(cell_of, key),
                key.descending,
                key.nulls_first,
            )
        return outs

    def _window(self, tree: Windowed, scopes: list[Scope], ctes: dict[str, Relation]) -> None:
        """Compute a window function over all rows of a query."""
        parts: dict[Any, list[Scope]] = {}
        for scope in scopes:
            parts.setdefault(tuple(self.value(p, scope, ctes).value for p in tree.parts), []).append(scope)
        for members in parts.values():
            ordered = self._dice.shuffled(members)
            for key in reversed(tree.order):
                ordered = stable_sorted(
                    ordered,
                    partial(self._key_value, key, ctes),
                    key.descending,
                    key.nulls_first,
                )
            for place, scope in enumerate(ordered):
                scope.windows[tree] = self._windowed(tree, ordered, place, ctes)

    def _key_value(self, key: Key, ctes: dict[str, Relation], scope: Scope) -> Cell:
        return self.value(key.value, scope, ctes)

    def _windowed(self, tree: Windowed, ordered: list[Scope], place: int, ctes: dict[str, Relation]) -> Cell:
        if tree.name == "row_number":
            return Cell(place + 1)
        assert tree.arg is not None
        if tree.name == "lag":
            if place == 0:
                return Cell(None)
            before = ordered[place - 1]
            told = self.value(tree.arg, before, ctes)
            return told._replace(seen=told.seen | before.rows)
        held = [self.value(tree.arg, scope, ctes) for scope in ordered]
        if tree.name == "count":
            return Cell(sum(cell.value is not None for cell in held))
        values: list[Any] = [cell.value for cell in held if cell.value is not None]
        rows = self._if_few(NOWHERE.union(*(scope.rows for scope in ordered)))
        return cells.gathered(sum(values) if values else None, held, loosely=True)._replace(seen=rows)


class MoreThanOneRowError(Exception):
    """A subquery that stands for one value gave several: the server raises an error (21000)."""


def _cell_at(place: int, row: Out) -> Cell:
    return row.cells[place]
