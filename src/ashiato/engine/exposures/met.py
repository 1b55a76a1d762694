"""What is met on the walk through one statement: its tables, their rows' roles, what stands aside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlglot import exp

from ashiato.engine.exposures.comparing import Comparing
from ashiato.engine.exposures.expressions import bind_parameters, conjuncts_of
from ashiato.engine.exposures.moments import only_then, then
from ashiato.engine.exposures.plan import Instance, Query, Role
from ashiato.engine.exposures.readings import Reader
from ashiato.engine.exposures.scopes import Scope, Sources, valued
from ashiato.engine.exposures.shapes import NotUnderstoodError
from ashiato.engine.exposures.state import State, StateTable


class Met:
    """The bookkeeping of one walk."""

    def __init__(self, state: State) -> None:
        """Start with nothing met."""
        self.state = state
        self.rules = state.rules
        self.reader = Reader(Comparing(self.rules))
        self.instances: list[Instance] = []
        self.asides: list[Query] = []
        self.notyet: str | None = None
        self.collated = False
        self.uncounted = False
        self.joined = 0
        #: Numbers of instances that stand for the rows in which one branch of an expression was taken.
        self.branches: set[int] = set()

    def instance(self, source: exp.Table, alias: str) -> int:
        """Number a base table at its place."""
        table = self.state.find(source.db, source.name)
        if table is None:
            message = "unknown-table"
            raise NotUnderstoodError(message)
        alive = [(then(alias), frozenset[str]())] if table.lived else []
        self.instances.append(Instance(len(self.instances), alias, table, conjuncts=alive))
        return len(self.instances) - 1

    def facet(self, of: int, role: Role, used: Iterable[str] = ()) -> int:
        """Number a part of a base table's rows, or a role of theirs, apart from the whole."""
        whole = self.instances[of]
        number = len(self.instances)
        made = Instance(
            number, whole.alias, whole.table, role, used=set(used), conjuncts=whole.conjuncts, of=of
        )
        self.instances.append(made)
        return number

    def tables_of(self, sources: dict[str, int | Scope]) -> dict[str, StateTable]:
        """Return the base tables of a scope by alias."""
        return {alias: self.instances[n].table for alias, n in sources.items() if isinstance(n, int)}

    def set_role(self, numbers: Iterable[int], role: Role) -> None:
        """Give rows a role; what was condensed stays condensed, wherever the number it became was used."""
        for number in numbers:
            if self.instances[number].role is not Role.AGGREGATE:
                self.instances[number].role = role

    def resolve(self, column: exp.Column, sources: dict[str, int | Scope]) -> Sources:
        """Return the base columns a column stands for; a source's bare name is its whole row."""
        whole = not column.table and column.name in sources
        target = sources.get(column.name if whole else column.table)
        if isinstance(target, int):
            held = self.instances[target].table.columns
            if whole or isinstance(column.this, exp.Star):
                return frozenset((target, name) for name in held)
            return frozenset({(target, column.name)} if column.name in held else ())
        if target is None:
            return frozenset()
        parts = list(target.outs.values()) if whole else [target.outs.get(column.name, frozenset())]
        return frozenset().union(*parts)

    def same_key(self, sources: Sources, way: str = "key") -> str:
        """Return the key by which values copied from these columns are the same.

        ``surely``: for certain; ``narrow``: the narrowest that a collation not told leaves open.
        """
        columns = [
            exp.column(name)
            for number, name in sorted(sources)
            if self.instances[number].table.columns.get(name) == "VARCHAR"
        ]
        if not columns:
            return "bytes"
        same = self.rules.of_any(*columns)
        if way == "key" or same.surely == "key" or (way == "narrow" and same.surely == "plain"):
            return same.key
        return "bytes" if same.surely == "plain" else same.surely

    def note_used(self, part: exp.Expr, sources: dict[str, int | Scope]) -> None:
        """Remember the columns of an expression as used."""
        for column in part.find_all(exp.Column):
            for number, name in self.resolve(column, sources):
                self.instances[number].used.add(name)

    def note_condition(self, condition: exp.Expr, sources: dict[str, int | Scope]) -> None:
        """Remember which columns decide about membership, and which conditions bind one table alone."""
        self.note_used(condition, sources)
        if not isinstance(condition, (exp.Where, exp.And, exp.Predicate, exp.Paren, exp.Or)):
            return
        for conjunct in conjuncts_of(condition):
            self._note_conjunct(conjunct, sources)

    def _note_conjunct(self, conjunct: exp.Expr, sources: dict[str, int | Scope]) -> None:
        columns = list(conjunct.find_all(exp.Column))
        aliases = {column.table for column in columns}
        if len(aliases) != 1 or conjunct.find(exp.Subquery, exp.Select):
            return
        target = sources.get(next(iter(aliases)))
        if isinstance(target, int):
            names = frozenset(column.name for column in columns)
            bound = bind_parameters(self.reader.read(conjunct).could)
            self.instances[target].conjuncts.append((bound, names))

    def note_aside(self, scope: Scope, role: Role = Role.INVOLVED) -> None:
        """Remember rows that took part without coming out: a query of their own."""
        self.asides.append(Query(scope.query, scope.instances, role))
        self.set_role(scope.instances, role)

    def note_value(self, scope: Scope) -> None:
        """Remember a subquery that stood for one value: its rows took part, and its value may be told."""
        self.set_role(scope.instances, Role.INVOLVED)
        copied = next(iter(scope.outs.values()))
        self.asides.append(
            Query(valued(scope), scope.instances, Role.INVOLVED, has_value=True, copied=copied)
        )

    def without_idle(self, query: Query) -> Query:
        """Leave out branches of expressions that nothing shows."""
        told = {number for number, _ in query.copied}
        kept = [
            number
            for number in query.instances
            if number not in self.branches or number in told or self.instances[number].projected
        ]
        return replace(query, instances=tuple(kept))

    def stand_in_tables(self, inner: exp.Query) -> None:
        """Put the state's tables in place of those a condition's subquery names."""
        for table in list(inner.find_all(exp.Table)):
            held = self.state.find(table.db, table.name)
            if held is None:
                message = "unsupported-condition"
                raise NotUnderstoodError(message)
            alias = table.alias or table.name
            kept = exp.to_table(held.kept_as)
            table.replace(kept.as_(exp.to_identifier(alias, quoted=True), copy=False))
            if held.lived:
                only_then(kept, alias)
