"""The rewriting: a statement becomes a query for the rows it read (lineage, set at a time).

Each scope of the statement is rewritten to return, beside its own output, the place (``_ord``) of
every base row behind an output row, for all executions of the shape at once: the parameters stand in
a table joined to the statement's own tables. The method is that of Perm and GProM (Glavic, Alonso:
"Perm: Processing Provenance and Data on the Same Data Model through Query Rewriting", ICDE 2009),
applied to a table of parameters; docs/decisions/0005 tells why.

What cannot be rewritten raises NotUnderstoodError, and the caller widens.
"""

from __future__ import annotations

from sqlglot import exp

from ashiato.engine.exposures.clauses import (
    free_name,
    is_outermost,
    is_scalar,
    named_queries,
    reads_catalogue,
    sources_of,
    uncorrelated,
)
from ashiato.engine.exposures.correlation import condenses_own_rows
from ashiato.engine.exposures.expressions import (
    bind_parameters,
    conjuncts_of,
    copied_columns,
    external_columns,
    group_size,
    has_aggregate,
    is_copying,
    own_nodes,
)
from ashiato.engine.exposures.plan import Instance, Plan, Query, Role, Window
from ashiato.engine.exposures.scopes import (
    Scope,
    Sources,
    aligned,
    children_ordered,
    distinct_rows,
    doubt_of,
    numbers_of,
    order_of_union,
    same_execution,
    valued,
)
from ashiato.engine.exposures.shapes import NotUnderstoodError, marker_of
from ashiato.engine.exposures.state import State, StateTable
from ashiato.engine.exposures.windows import Cut, cut_window, limits_of

_REFUSED = ("laterals", "pivots", "qualify", "windows", "connect", "match", "sample", "cluster", "into")


class Rewriter:
    """Walks the scopes of one statement, numbering its base tables."""

    def __init__(self, state: State, dialect: str) -> None:
        self._state = state
        self._dialect = dialect
        self._instances: list[Instance] = []
        self._asides: list[Query] = []
        self._notyet: str | None = None
        self._collated = False
        self._joined = 0
        self._uncounted = False

    def plan(self, tree: exp.Query, role: Role) -> Plan:
        """Rewrite the outermost query and gather what was met on the way."""
        scope = self._query(tree, {}, top=True)
        for out in scope.outs.values():
            for number, column in out:
                self._instances[number].projected.add(column)
        grouped = any(self._instances[n].role is Role.AGGREGATE for n in scope.instances)
        if role is not Role.OUTPUT:
            self._set_role(scope.instances, role)
        main = Query(
            scope.query,
            scope.instances,
            role,
            counts_rows=not grouped and not self._uncounted and role is Role.OUTPUT,
        )
        limit, offset = limits_of(tree)
        markers = frozenset(
            number
            for part in (limit, offset)
            if part is not None
            for number in (marker_of(node) for node in part.find_all(exp.Literal))
            if number is not None
        )
        window = Window(limit, offset, markers) if limit is not None or offset is not None else None
        return Plan(
            (main, *self._asides),
            tuple(self._instances),
            window,
            unordered=not scope.ordered,
            collated=self._collated,
            notyet=self._notyet,
        )

    def _set_role(self, numbers: tuple[int, ...], role: Role) -> None:
        for number in numbers:
            # What was condensed stays condensed, wherever the number it became was used.
            if self._instances[number].role is not Role.AGGREGATE:
                self._instances[number].role = role

    # -- scopes ---------------------------------------------------------------------------------

    def _query(
        self, tree: exp.Expr, ctes: dict[str, exp.Query], *, top: bool = False, lateral: bool = False
    ) -> Scope:
        if isinstance(tree, exp.Subquery) and not any(tree.args.get(part) for part in ("limit", "order")):
            return self._query(tree.this, ctes, top=top, lateral=lateral)
        if not isinstance(tree, (exp.Select, exp.Union)) or (isinstance(tree, exp.Union) and lateral):
            message = "unsupported-query"
            raise NotUnderstoodError(message)
        known = {**ctes, **named_queries(tree)}
        if isinstance(tree, exp.Union):
            return self._union(tree, known, top=top)
        return self._select(tree, known, top=top, lateral=lateral)

    def _union(self, tree: exp.Union, ctes: dict[str, exp.Query], *, top: bool) -> Scope:
        left = self._query(tree.this, ctes)
        right = self._query(tree.expression, ctes)
        numbers = (*left.instances, *right.instances)
        outs = {
            name: mine | theirs
            for (name, mine), theirs in zip(left.outs.items(), right.outs.values(), strict=False)
        }
        if len(left.outs) != len(right.outs):
            message = "union-of-unequal-width"
            raise NotUnderstoodError(message)
        both = exp.union(
            aligned(left, numbers, list(outs)),
            aligned(right, numbers, list(outs)),
            distinct=False,
            copy=False,
        )
        scope = Scope(both, outs, numbers, left.ordered and right.ordered)
        return self._cut(tree, scope, [], top=top, lateral=False)

    def _select(self, tree: exp.Select, ctes: dict[str, exp.Query], *, top: bool, lateral: bool) -> Scope:
        if any(tree.args.get(part) for part in _REFUSED) or own_nodes(tree, exp.Window):
            message = "unsupported-clause"
            raise NotUnderstoodError(message)
        if reads_catalogue(tree):
            return self._nothing_of(tree)
        made = exp.Select() if lateral else exp.select().from_(exp.to_table("args").as_("_p"))
        sources: dict[str, int | Scope] = {}
        for join, source in sources_of(tree):
            made = self._add_source(made, join, source, sources, ctes)
        made = self._add_condition(made, tree, sources, ctes)
        return self._add_outputs(made, tree, sources, ctes, top=top, lateral=lateral)

    def _nothing_of(self, tree: exp.Select) -> Scope:
        """Rewrite a scope over the engine's own catalogue: no rows of people, whatever it returns."""
        self._uncounted = True
        names = [projection.alias_or_name or f"_col_{i}" for i, projection in enumerate(tree.expressions)]
        made = exp.select("_p._exec", "0 AS _doubt", "1 AS _weight").from_(exp.to_table("args").as_("_p"))
        made = made.select(*(exp.alias_(exp.null(), name, quoted=True) for name in names), copy=False)
        return Scope(made.where(exp.false(), copy=False), dict.fromkeys(names, frozenset()), ())

    def _add_source(
        self,
        made: exp.Select,
        join: exp.Join | None,
        source: exp.Expr,
        sources: dict[str, int | Scope],
        ctes: dict[str, exp.Query],
    ) -> exp.Select:
        side = (join.side if join else "") or ""
        if side not in ("", "LEFT") or (join and (join.method or join.kind in ("SEMI", "ANTI"))):
            message = "unsupported-join"
            raise NotUnderstoodError(message)
        alias = source.alias_or_name
        condition = join.args.get("on") if join else None
        relation, tie = self._relation(source, alias, sources, ctes)
        if condition is not None:
            self._note_condition(condition, sources)
            condition = self._predicate(condition.copy(), ctes)
        condition = (
            exp.and_(tie, condition, copy=False)
            if tie is not None and condition is not None
            else tie or condition
        )
        if not made.args.get("from_"):
            return (
                made.from_(relation, copy=False)
                if condition is None
                else made.from_(relation, copy=False).where(condition, copy=False)
            )
        if condition is None:
            return made.join(relation, join_type="cross", copy=False)
        return made.join(relation, on=condition, join_type=side or "inner", copy=False)

    def _relation(
        self, source: exp.Expr, alias: str, sources: dict[str, int | Scope], ctes: dict[str, exp.Query]
    ) -> tuple[exp.Expr, exp.Expr | None]:
        """Return what stands in a source's place, and the condition that ties it to its execution."""
        inner: exp.Expr | None = None
        if isinstance(source, exp.Table) and source.name in ctes and not source.db:
            inner = ctes[source.name].copy()
        elif isinstance(source, exp.Subquery):
            inner = source.this
        if inner is not None:
            scope = self._query(inner, {name: q for name, q in ctes.items() if q is not ctes.get(alias)})
            sources[alias] = scope
            return scope.query.subquery(alias), same_execution(alias)
        if not isinstance(source, exp.Table) or not isinstance(source.this, exp.Identifier):
            message = "unsupported-source"
            raise NotUnderstoodError(message)
        number = self._instance(source, alias)
        sources[alias] = number
        kept_as = self._instances[number].table.kept_as
        return exp.to_table(kept_as).as_(exp.to_identifier(alias, quoted=True)), None

    def _instance(self, source: exp.Table, alias: str) -> int:
        table = self._state.find(source.db, source.name)
        if table is None:
            message = "unknown-table"
            raise NotUnderstoodError(message)
        self._instances.append(Instance(len(self._instances), alias, table))
        return len(self._instances) - 1

    # -- conditions -----------------------------------------------------------------------------

    def _add_condition(
        self,
        made: exp.Select,
        tree: exp.Select,
        sources: dict[str, int | Scope],
        ctes: dict[str, exp.Query],
    ) -> exp.Select:
        for clause in ("where", "having", "group", "order"):
            part = tree.args.get(clause)
            if part is not None:
                self._note_condition(part, sources)
        where = tree.args.get("where")
        if where is None:
            return made
        condition = where.this.copy()
        made, condition = self._join_scalars(made, condition, sources, ctes, aside=True)
        return made.where(self._predicate(condition, ctes), copy=False)

    def _note_condition(self, condition: exp.Expr, sources: dict[str, int | Scope]) -> None:
        """Remember which columns decide about membership, and which conditions bind one table alone."""
        for column in condition.find_all(exp.Column):
            for number, name in self._resolve(column, sources):
                self._instances[number].used.add(name)
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
            bound = bind_parameters(conjunct.copy())
            self._instances[target].conjuncts.append((bound, names))

    def _predicate(self, condition: exp.Expr, ctes: dict[str, exp.Query]) -> exp.Expr:
        """Make a condition runnable: parameters bound, subqueries over the state's tables."""
        for inner in [
            node for node in condition.find_all(exp.Select, exp.Union) if is_outermost(node, condition)
        ]:
            self._note_inner(inner, ctes)
            self._stand_in_tables(inner, ctes)
        return bind_parameters(condition)

    def _note_inner(self, inner: exp.Query, ctes: dict[str, exp.Query]) -> None:
        """Rows of a condition's subquery took part without coming out: a query of their own, widened."""
        if limits_of(inner) != (None, None):
            message = "paged-condition"
            raise NotUnderstoodError(message)
        alone = uncorrelated(inner.copy())
        scope = self._query(alone, ctes)
        self._asides.append(Query(scope.query, scope.instances, Role.INVOLVED))
        self._set_role(scope.instances, Role.INVOLVED)

    def _stand_in_tables(self, inner: exp.Query, ctes: dict[str, exp.Query]) -> None:
        for table in list(inner.find_all(exp.Table)):
            held = self._state.find(table.db, table.name)
            if table.name in ctes or held is None:
                message = "unsupported-condition"
                raise NotUnderstoodError(message)
            alias = table.alias or table.name
            table.replace(exp.to_table(held.kept_as).as_(exp.to_identifier(alias, quoted=True)))

    # -- outputs --------------------------------------------------------------------------------

    def _join_scalars(
        self,
        made: exp.Select,
        part: exp.Expr,
        sources: dict[str, int | Scope],
        ctes: dict[str, exp.Query],
        *,
        aside: bool,
    ) -> tuple[exp.Select, exp.Expr]:
        """Join each scalar subquery as a relation of its own and put its column in its place.

        ``aside``: it stands in a condition, so its rows took part but did not come out.
        """
        for node in [n for n in part.find_all(exp.Subquery) if is_scalar(n, part)]:
            correlated = bool(external_columns(node.this))
            if correlated and aside:
                continue
            if correlated and condenses_own_rows(node.this, self._tables_of(sources), self._state):
                # How many rows hang on a person whose row is in the reply anyway: nobody else's.
                if node is part:
                    part = exp.null()
                else:
                    node.replace(exp.null())
                continue
            scope = self._query(node.this, ctes, lateral=correlated)
            name = f"_s{self._joined}"
            self._joined += 1
            made = self._join_scalar(made, scope, name, correlated=correlated)
            sources[name] = scope
            column = exp.column(next(iter(scope.outs)), table=name, quoted=True)
            column.type = node.type
            if node is part:
                part = column
            else:
                node.replace(column)
            if aside:
                self._note_value(scope)
        return made, part

    def _tables_of(self, sources: dict[str, int | Scope]) -> dict[str, StateTable]:
        return {alias: self._instances[n].table for alias, n in sources.items() if isinstance(n, int)}

    def _note_value(self, scope: Scope) -> None:
        """Remember a subquery that stood for one value: its rows took part, and its value may be told."""
        self._set_role(scope.instances, Role.INVOLVED)
        copied = next(iter(scope.outs.values()))
        seen = Query(valued(scope), scope.instances, Role.INVOLVED, has_value=True, copied=copied)
        self._asides.append(seen)

    def _join_scalar(self, made: exp.Select, scope: Scope, name: str, *, correlated: bool) -> exp.Select:
        if not correlated:
            return made.join(
                scope.query.subquery(name), on=same_execution(name), join_type="left", copy=False
            )
        self._notyet = "LATERAL subquery"
        relation = exp.Lateral(
            this=scope.query.subquery(), alias=exp.TableAlias(this=exp.to_identifier(name))
        )
        return made.join(relation, on=exp.true(), join_type="left", copy=False)

    def _add_outputs(
        self,
        made: exp.Select,
        tree: exp.Select,
        sources: dict[str, int | Scope],
        ctes: dict[str, exp.Query],
        *,
        top: bool,
        lateral: bool,
    ) -> Scope:
        grouped = bool(tree.args.get("group")) or has_aggregate(tree)
        outs: dict[str, Sources] = {}
        shown: list[tuple[str, exp.Expr]] = []
        for position, projection in enumerate(tree.expressions):
            name = projection.alias_or_name or f"_col_{position}"
            made, value = self._join_scalars(made, projection.unalias().copy(), sources, ctes, aside=False)
            outs[free_name(name, outs)] = self._copied(value, sources, grouped=grouped)
            shown.append((free_name(name, dict(shown)), value))
        numbers = numbers_of(sources)
        made = self._select_keys(made, sources, lateral=lateral)
        doubt = doubt_of(sources)
        if grouped:
            made, doubt = self._group(made, tree, sources, doubt)
        made = made.select(
            exp.alias_(doubt, "_doubt"), exp.alias_(exp.Literal.number(1), "_weight"), copy=False
        )
        needs = not top or bool(tree.args.get("distinct"))
        values = [exp.null() if grouped else bind_parameters(value) for _, value in shown]
        if needs:
            made = made.select(
                *(exp.alias_(v, n, quoted=True) for (n, _), v in zip(shown, values, strict=True)), copy=False
            )
        scope = Scope(made, outs, numbers, children_ordered(sources))
        if grouped:
            return scope
        if tree.args.get("distinct"):
            scope = distinct_rows(scope, tree)
        order = self._order_of(tree, dict(shown), sources, ctes)
        return self._cut(tree, scope, order, top=top, lateral=lateral)

    def _copied(self, value: exp.Expr, sources: dict[str, int | Scope], *, grouped: bool) -> Sources:
        found: set[tuple[int, str]] = set()
        for column in copied_columns(value, grouped=grouped):
            found |= self._resolve(column, sources)
        return frozenset(found)

    def _resolve(self, column: exp.Column, sources: dict[str, int | Scope]) -> Sources:
        """Return the base columns a column stands for; a source's bare name is its whole row."""
        whole = not column.table and column.name in sources
        target = sources.get(column.name if whole else column.table)
        if isinstance(target, int):
            held = self._instances[target].table.columns
            if whole or isinstance(column.this, exp.Star):
                return frozenset((target, name) for name in held)
            return frozenset({(target, column.name)} if column.name in held else ())
        if target is None:
            return frozenset()
        parts = list(target.outs.values()) if whole else [target.outs.get(column.name, frozenset())]
        return frozenset().union(*parts)

    def _select_keys(self, made: exp.Select, sources: dict[str, int | Scope], *, lateral: bool) -> exp.Select:
        if not lateral:
            made = made.select(exp.column("_exec", table="_p"), copy=False)
        for alias, target in sources.items():
            numbers = (target,) if isinstance(target, int) else target.instances
            for number in numbers:
                name = "_ord" if isinstance(target, int) else f"_k{number}"
                key = exp.column(name, table=exp.to_identifier(alias, quoted=True))
                made = made.select(exp.alias_(key, f"_k{number}"), copy=False)
        return made

    def _group(
        self, made: exp.Select, tree: exp.Select, sources: dict[str, int | Scope], doubt: exp.Expr
    ) -> tuple[exp.Select, exp.Expr]:
        """Keep a grouped scope's rows as they were before grouping, with the size of their group."""
        if any(is_copying(node) for node in own_nodes(tree, exp.Func)):
            return made, doubt
        self._set_role(numbers_of(sources), Role.AGGREGATE)
        group = tree.args.get("group")
        keys = [bind_parameters(key.copy()) for key in group.expressions] if group else []
        size = group_size(tree, [exp.column("_exec", table="_p"), *keys])
        return made.select(exp.alias_(size, "_size"), copy=False), doubt

    def _order_of(
        self,
        tree: exp.Select,
        shown: dict[str, exp.Expr],
        sources: dict[str, int | Scope],
        ctes: dict[str, exp.Query],
    ) -> list[exp.Ordered]:
        order = tree.args.get("order")
        made: list[exp.Ordered] = []
        for ordered in order.expressions if order else []:
            key = ordered.copy()
            if isinstance(key.this, exp.Column) and not key.this.table and key.this.name in shown:
                key.set("this", shown[key.this.name].copy())
            for column in key.find_all(exp.Column):
                for number, name in self._resolve(column, sources):
                    self._instances[number].used.add(name)
            for node in [part for part in key.find_all(exp.Subquery) if is_scalar(part, key)]:
                # One value for all rows orders nothing; what it was made of is another matter.
                if not external_columns(node.this):
                    self._note_value(self._query(node.this, ctes))
                    node.replace(exp.null())
            if key.find(exp.Subquery, exp.AggFunc):
                message = "unsupported-order"
                raise NotUnderstoodError(message)
            key.set("this", bind_parameters(key.this))
            made.append(key)
        return made

    def _cut(
        self, tree: exp.Query, scope: Scope, order: list[exp.Ordered], *, top: bool, lateral: bool
    ) -> Scope:
        limit, offset = limits_of(tree)
        if limit is None and offset is None:
            return scope
        if isinstance(tree, exp.Union):
            order = order_of_union(tree, scope)
        cut = Cut(
            limit,
            offset,
            order,
            numbers=scope.instances,
            tables=[self._instances[number].table for number in scope.instances],
            outs=[] if top else list(scope.outs),
            collation=self._state.collation,
            top=top,
            lateral=lateral,
        )
        if not cut.collation.by_bytes and cut.sorts_text:
            self._collated = True
        if cut.by_icu:
            self._notyet = "ICU collation"
        ordered = scope.ordered and (0 < cut.sure == len(order))
        return Scope(cut_window(scope.query, cut), scope.outs, scope.instances, ordered)
