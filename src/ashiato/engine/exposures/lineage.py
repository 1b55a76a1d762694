"""The rewriting: a statement becomes a query for the rows it read (lineage, set at a time).

Each scope of the statement is rewritten to return, beside its own output, the place (``_ord``) of
every base row behind an output row, for all executions of the shape at once: the parameters stand in
a table joined to the statement's own tables. The method is that of Perm and GProM (Glavic, Alonso:
"Perm: Processing Provenance and Data on the Same Data Model through Query Rewriting", ICDE 2009),
applied to a table of parameters; docs/decisions/0005 tells why. Here is the walk over the scopes; the cases
are beside it: ``joins``, ``sets``, ``outputs`` (values, groups, windows), ``branches``, ``windows`` (pages).

What cannot be rewritten raises NotUnderstoodError, and the caller widens.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sqlglot import exp

from ashiato.engine.exposures.assembly import all_in_doubt, joined, returns_rows, window_of, with_keys
from ashiato.engine.exposures.clauses import (
    RECURSIVE,
    free_name,
    inline_named,
    is_denied,
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
    external_columns,
    has_aggregate,
    is_copying,
    own_aggregates,
)
from ashiato.engine.exposures.joins import members_of, side_of, straighten_joins, ties_of
from ashiato.engine.exposures.links import asks_for_nothing
from ashiato.engine.exposures.met import Met
from ashiato.engine.exposures.moments import then
from ashiato.engine.exposures.outputs import NEVER, Shown, group_keys
from ashiato.engine.exposures.plan import Plan, Query, Role
from ashiato.engine.exposures.returning import OWN_DOUBT
from ashiato.engine.exposures.scopes import (
    Scope,
    children_ordered,
    doubt_of,
    doubt_unless,
    least,
    made_up_mark,
    numbers_of,
    of_nothing,
    order_of_union,
    same_execution,
    shaky_of,
    size_of,
    soft_sources,
    weight_of,
)
from ashiato.engine.exposures.sets import combine, merged, repeated
from ashiato.engine.exposures.shapes import NotUnderstoodError
from ashiato.engine.exposures.state import State
from ashiato.engine.exposures.tablefree import is_table_free, rows_of
from ashiato.engine.exposures.windows import Cut, cut_window, has_page, limits_of

_REFUSED = ("laterals", "pivots", "qualify", "windows", "connect", "match", "sample", "cluster")
Named = dict[str, exp.Query]


@dataclass
class Here:
    """A scope on the walk: the queries it may name, what it reads from, what puts its rows in doubt."""

    ctes: Named
    sources: dict[str, int | Scope] = field(default_factory=dict)
    doubts: list[exp.Expr] = field(default_factory=list)


class Rewriter:
    """Walks the scopes of one statement, numbering its base tables."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._met = Met(state)
        #: Recursive queries being walked: what their own name stands for inside.
        self._within: dict[str, Scope] = {}
        self._asks_for_nothing = False

    def plan(self, tree: exp.Query, role: Role) -> Plan:
        """Rewrite the outermost query and gather what was met on the way."""
        self._asks_for_nothing = asks_for_nothing(tree)
        scope = self._query(tree, {}, top=True)
        for out in scope.outs.values():
            for number, column in out:
                self._met.instances[number].projected.add(column)
        if role is not Role.OUTPUT:
            self._met.set_role(scope.instances, role)
        shown = frozenset().union(*scope.outs.values())
        copied = frozenset((n, name) for n, name in shown if self._met.instances[n].role is Role.INVOLVED)
        counts = role is Role.OUTPUT and not self._met.uncounted
        main = Query(scope.query, scope.instances, role, counts_rows=counts, copied=copied)
        queries = tuple(self._met.without_idle(query) for query in (main, *self._met.asides))
        return Plan(
            queries,
            tuple(self._met.instances),
            window_of(tree),
            unordered=not scope.ordered,
            collated=self._met.collated,
            notyet=self._met.notyet,
        )

    # -- scopes ---------------------------------------------------------------------------------

    def _query(self, tree: exp.Expr, ctes: Named, *, top: bool = False, lateral: bool = False) -> Scope:
        if isinstance(tree, exp.Subquery) and not any(tree.args.get(part) for part in ("limit", "order")):
            return self._query(tree.this, ctes, top=top, lateral=lateral)
        if isinstance(tree, exp.Values) and not lateral:
            return rows_of(tree)
        if not isinstance(tree, (exp.Select, exp.SetOperation)) or (
            isinstance(tree, exp.SetOperation) and lateral
        ):
            message = "unsupported-query"
            raise NotUnderstoodError(message)
        known = {**ctes, **named_queries(tree)}
        if isinstance(tree, exp.SetOperation):
            return self._set_operation(tree, known, top=top)
        return self._select(tree, known, top=top, lateral=lateral)

    def _set_operation(self, tree: exp.SetOperation, ctes: Named, *, top: bool) -> Scope:
        left = self._query(tree.this, ctes)
        right = self._query(tree.expression, ctes)
        if not isinstance(tree, exp.Union):
            for side in (left, right):
                for number, column in frozenset().union(*side.outs.values()):
                    self._met.instances[number].used.add(column)
        scope = combine(tree, left, right, self._met)
        return self._cut(tree, scope, [], top=top, lateral=False)

    def _select(self, tree: exp.Select, ctes: Named, *, top: bool, lateral: bool) -> Scope:
        if any(tree.args.get(part) for part in _REFUSED):
            message = "unsupported-clause"
            raise NotUnderstoodError(message)
        if reads_catalogue(tree):
            self._met.uncounted = True
            return of_nothing(tree)
        own = tree.meta.get(OWN_DOUBT)
        tree = straighten_joins(tree.copy())
        made = exp.Select() if lateral else exp.select().from_(exp.to_table("args").as_("_p"))
        here = Here(ctes, doubts=[own.copy()] if own is not None else [])
        for join, source in sources_of(tree):
            made = self._add_source(made, join, source, here)
        made = self._add_condition(made, tree, here)
        return self._add_outputs(made, tree, here, top=top, lateral=lateral)

    # -- sources --------------------------------------------------------------------------------

    def _add_source(
        self, made: exp.Select, join: exp.Join | None, source: exp.Expr, here: Here
    ) -> exp.Select:
        side = side_of(join)
        if side not in ("", "LEFT") or (join and (join.method or join.kind in ("SEMI", "ANTI"))):
            message = "unsupported-join"
            raise NotUnderstoodError(message)
        members = members_of(source)
        placed = [self._relation(member, here) for member in members or [source]]
        relation, ties = placed[0][0], [tie for _, tie in placed if tie is not None]
        if members is not None:
            grouped = relation.copy()
            grouped.set("joins", [exp.Join(this=other, kind="CROSS") for other, _ in placed[1:]])
            relation = exp.Paren(this=grouped)
        conditions = ties_of(source) if members is not None else []
        conditions += [join.args["on"]] if join is not None and join.args.get("on") is not None else []
        outer = made_up_mark(source, here.sources) if side else None
        if outer is not None and self._asks_for_nothing and not self._met.reader.settles(conditions):
            message = "outer-join-in-doubt"
            raise NotUnderstoodError(message)
        ready = [self._condition(condition, here, outer) for condition in conditions]
        alone = here.sources.get(source.alias_or_name)
        if isinstance(alone, Scope) and alone.always and not side and made.args.get("from_"):
            # It has a row whatever it read.
            made = made.join(relation, on=exp.and_(*ties), join_type="left", copy=False)
            return made.where(*ready, copy=False) if ready else made
        return joined(made, relation, [*ties, *ready], side)

    def _condition(self, condition: exp.Expr, here: Here, outer: exp.Expr | None = None) -> exp.Expr:
        """Make a condition ready to run; what its readings and soft values leave open stays in, in doubt."""
        self._met.note_condition(condition, here.sources)
        told = [part for part in conjuncts_of(condition) if not self._note_paged(part, here)]
        parts = [self._widest(part, here, outer) for part in told]
        if not parts:
            return exp.true()
        condition = exp.and_(*parts)
        soft = [part for part in parts if soft_sources(part, here.sources)]
        ready = self._predicate(condition.copy(), here.ctes)
        if not soft:
            return ready
        names = set().union(*(soft_sources(part, here.sources) for part in soft))
        shaky = shaky_of(here.sources, names) or exp.false()
        holds = self._predicate(exp.and_(*(part.copy() for part in soft)), here.ctes)
        here.doubts.append(exp.case().when(exp.not_(shaky.copy()), "0").when(holds.copy(), "1").else_("2"))
        hard = [self._predicate(part.copy(), here.ctes) for part in parts if part not in soft]
        return exp.and_(*hard, exp.or_(shaky, holds))

    def _note_paged(self, part: exp.Expr, here: Here) -> bool:
        """Leave out a condition over a page of rows: who is in the page is no single answer, so all pass."""
        if not has_page(part):
            return False
        for inner in [n for n in part.find_all(exp.Select, exp.SetOperation) if is_outermost(n, part)]:
            inline_named(inner, here.ctes)
            self._met.note_aside(self._query(uncorrelated(inner.copy()), here.ctes))
        here.doubts.append(exp.Literal.number(2))
        return True

    def _widest(self, part: exp.Expr, here: Here, outer: exp.Expr | None) -> exp.Expr:
        """Return a condition as wide as it may have been read, and note what that leaves in doubt."""
        reading = self._met.reader.read(part)
        if not reading.is_settled:
            self._met.collated = True
            surely = self._predicate(reading.surely, here.ctes, aside=False)
            here.doubts.append(doubt_unless(surely, outer))
        return reading.could

    def _relation(self, source: exp.Expr, here: Here) -> tuple[exp.Expr, exp.Expr | None]:
        """Return what stands in a source's place, and the condition that ties it to its execution."""
        alias = source.alias_or_name
        inner: exp.Expr | None = None
        if isinstance(source, exp.Table) and not source.db and source.name in self._within:
            here.sources[alias] = self._within[source.name]
            return exp.to_table(f"_r_{source.name}", quoted=True).as_(alias, quoted=True), same_execution(
                alias
            )
        if isinstance(source, exp.Lateral):
            return self._lateral(source, here)
        if isinstance(source, exp.Table) and source.name in here.ctes and not source.db:
            inner = here.ctes[source.name]
        elif isinstance(source, exp.Subquery):
            inner = source.this
        elif is_table_free(source):
            scope = rows_of(source)
            here.sources[alias] = scope
            return scope.query.subquery(alias), same_execution(alias)
        if inner is not None:
            known = {name: q for name, q in here.ctes.items() if q is not here.ctes.get(source.name)}
            if inner.meta.get(RECURSIVE):
                scope = self._recursive(source.name, inner, known)
            else:
                scope = self._query(inner.copy(), known)
            here.sources[alias] = scope
            return scope.query.subquery(alias), same_execution(alias)
        if not isinstance(source, exp.Table):
            message = "unsupported-source"
            raise NotUnderstoodError(message)
        number = self._met.instance(source, alias)
        here.sources[alias] = number
        table = self._met.instances[number].table
        placed = exp.to_table(table.kept_as).as_(exp.to_identifier(alias, quoted=True))
        return placed, then(alias) if table.lived else None

    def _lateral(self, source: exp.Lateral, here: Here) -> tuple[exp.Expr, exp.Expr | None]:
        inner = source.this
        if not isinstance(inner, exp.Subquery):
            message = "unsupported-source"
            raise NotUnderstoodError(message)
        alias = source.alias_or_name
        scope = self._query(inner.this.copy(), here.ctes, lateral=True)
        self._met.notyet = "LATERAL subquery"
        here.sources[alias] = scope
        named = exp.TableAlias(this=exp.to_identifier(alias, quoted=True))
        return exp.Lateral(this=scope.query.subquery(), alias=named), exp.true()

    def _recursive(self, name: str, inner: exp.Expr, ctes: Named) -> Scope:
        """Walk a query that reads itself: rows of its last step stand in its name's place.

        The rows it climbed over on the way take part in those it ends at.
        """
        if not isinstance(inner, exp.Union):
            message = "recursive-query"
            raise NotUnderstoodError(message)
        first = self._query(inner.this.copy(), ctes)
        self._within[name] = replace(first, instances=())
        again = self._query(inner.expression.copy(), ctes)
        del self._within[name]
        scope = repeated(f"_r_{name}", first, again)
        facets = {n: self._met.facet(n, Role.INVOLVED) for n in scope.instances}
        for number, column in frozenset().union(*scope.outs.values()):
            self._met.instances[facets[number]].used.add(column)
        shown = exp.select("_exec", "_doubt", "_weight", *(f"_k{n} AS _k{f}" for n, f in facets.items()))
        aside = shown.from_(scope.query.copy().subquery("_c"))
        self._met.asides.append(Query(aside, tuple(facets.values()), Role.INVOLVED))
        self._met.uncounted = self._met.uncounted or bool(inner.args.get("distinct")) is False
        return scope

    def _add_condition(self, made: exp.Select, tree: exp.Select, here: Here) -> exp.Select:
        for clause in ("having", "group", "order"):
            part = tree.args.get(clause)
            if part is not None:
                self._met.note_condition(part, here.sources)
        where = tree.args.get("where")
        if where is None:
            return made
        self._met.note_condition(where, here.sources)
        made, condition = self._join_scalars(made, where.this.copy(), here, aside=True)
        return made.where(self._condition(condition, here), copy=False)

    def _predicate(self, condition: exp.Expr, ctes: Named, *, aside: bool = True) -> exp.Expr:
        """Make a condition runnable: parameters bound, subqueries over the state, noted ``aside``."""
        whole = exp.Paren(this=condition)
        for inner in [
            node for node in whole.find_all(exp.Select, exp.SetOperation) if is_outermost(node, whole)
        ]:
            inline_named(inner, ctes)
            if aside:
                self._note_inner(inner, ctes, Role.ASKED if is_denied(inner, whole) else Role.INVOLVED)
            self._met.stand_in_tables(inner)
        return bind_parameters(whole.this)

    def _note_inner(self, inner: exp.Query, ctes: Named, role: Role) -> None:
        """Rows of a condition's subquery took part without coming out: a query of their own, widened."""
        if has_page(inner):
            message = "paged-condition"
            raise NotUnderstoodError(message)
        self._met.note_aside(self._query(uncorrelated(inner.copy()), ctes), role)

    # -- outputs --------------------------------------------------------------------------------

    def _join_scalars(
        self, made: exp.Select, part: exp.Expr, here: Here, *, aside: bool
    ) -> tuple[exp.Select, exp.Expr]:
        """Join each scalar subquery as a relation of its own and put its column in its place.

        ``aside``: it stands in a condition, so its rows took part but did not come out.
        """
        for node in [n for n in part.find_all(exp.Subquery) if is_scalar(n, part)]:
            correlated = bool(external_columns(node.this))
            if correlated and aside:
                continue
            value: exp.Expr = exp.null()
            tables = self._met.tables_of(here.sources)
            # How many rows hang on a person whose row is in the reply anyway: nobody else's.
            if not (correlated and condenses_own_rows(node.this, tables, self._state)):
                made, value = self._join_scalar(made, node, here, correlated=correlated, aside=aside)
            if node is part:
                part = value
            else:
                node.replace(value)
        return made, part

    def _asked(self, value: exp.Expr, ctes: Named) -> exp.Expr:
        """Note the rows behind a yes or no that an output tells (EXISTS, IN), and make it runnable."""
        whole = exp.Paren(this=value)
        for inner in [n for n in whole.find_all(exp.Select, exp.SetOperation) if is_outermost(n, whole)]:
            inline_named(inner, ctes)
            self._note_inner(inner, ctes, Role.ASKED)
            self._met.stand_in_tables(inner)
        asked: exp.Expr = whole.this
        return asked

    def _join_scalar(
        self, made: exp.Select, node: exp.Subquery, here: Here, *, correlated: bool, aside: bool
    ) -> tuple[exp.Select, exp.Expr]:
        scope = self._query(node.this, here.ctes, lateral=correlated)
        name = f"_s{self._met.joined}"
        self._met.joined += 1
        on: exp.Expr = exp.true() if correlated else same_execution(name)
        relation: exp.Expr = scope.query.subquery(name)
        if correlated:
            self._met.notyet = "LATERAL subquery"
            relation = exp.Lateral(
                this=scope.query.subquery(), alias=exp.TableAlias(this=exp.to_identifier(name))
            )
        made = made.join(relation, on=on, join_type="left", copy=False)
        here.sources[name] = scope
        column = exp.column(next(iter(scope.outs)), table=name, quoted=True)
        column.type = node.type
        if aside:
            self._met.note_value(scope)
        return made, column

    def _add_outputs(
        self, made: exp.Select, tree: exp.Select, here: Here, *, top: bool, lateral: bool
    ) -> Scope:
        shown = Shown(self._met, here.sources, [] if lateral else [exp.column("_exec", table="_p")])
        shown.grouped = bool(tree.args.get("group")) or has_aggregate(tree)
        shown.group_by(group_keys(tree))
        shown.copying = any(is_copying(node) for node in own_aggregates(tree))
        shown.many_groupings = tree.find(exp.Rollup, exp.Cube, exp.GroupingSets) is not None
        for position, projection in enumerate(tree.expressions):
            made, value = self._join_scalars(made, projection.unalias().copy(), here, aside=False)
            value = self._asked(value, here.ctes)
            shown.add(free_name(projection.alias_or_name or f"_col_{position}", shown.outs), value)
        if any(returns_rows(projection) for projection in tree.expressions):
            self._met.uncounted = True
        weight, size = weight_of(here.sources), size_of(here.sources)
        if shown.grouped:
            made, weight, own_size = shown.weigh(made, tree)
            size = own_size if size is None else least([own_size, size])
        else:
            shown.note_windowed(made, tree)
        made = with_keys(made, shown, lateral=lateral)
        doubt = doubt_of(here.sources, *here.doubts, *shown.doubts)
        made = made.select(exp.alias_(doubt, "_doubt"), exp.alias_(weight, "_weight"), copy=False)
        if not top or tree.args.get("distinct") or (shown.soft and limits_of(tree) != (None, None)):
            values = [exp.alias_(value, name, quoted=True) for name, value in shown.values.items()]
            if shown.soft:
                values.append(exp.alias_(shown.shaky_sql(shaky_of(here.sources)), "_shaky"))
            made = made.select(*values, copy=False)
        if size is not None:
            made = made.select(exp.alias_(size, "_size"), copy=False)
        numbers = (*numbers_of(here.sources), *shown.facets)
        spread = shown.grouped or any(isinstance(s, Scope) and s.spread for s in here.sources.values())
        always = shown.grouped and not tree.args.get("group")
        soft = frozenset(shown.soft)
        ordered = children_ordered(here.sources)
        scope = Scope(made, shown.outs, numbers, ordered, soft, spread, always, sized=size is not None)
        if shown.doubts:
            names = [exp.column(name, quoted=True) for name in made.named_selects]
            kept = exp.select(*names).from_(made.subquery("_h")).where(f"_doubt < {NEVER}")
            scope = replace(scope, query=kept, always=False)
        return self._finished(scope, tree, shown, here, top=top, lateral=lateral)

    def _finished(
        self, scope: Scope, tree: exp.Select, shown: Shown, here: Here, *, top: bool, lateral: bool
    ) -> Scope:
        """Make a scope's rows distinct, sort and cut them."""
        paged = limits_of(tree) != (None, None)
        if tree.args.get("distinct") and not shown.grouped:
            if tree.args["distinct"].args.get("on") or lateral:
                message = "distinct-window"
                raise NotUnderstoodError(message)
            scope = merged(scope, self._met)
        if paged and scope.spread:
            # Places are of rows of the result; of these rows several stand for one.
            self._met.uncounted = True
            return replace(scope, query=all_in_doubt(scope, lateral=lateral))
        if shown.grouped:
            return scope
        order = self._order_of(tree, shown.values, here)
        return self._cut(tree, scope, order, top=top, lateral=lateral)

    def _order_of(self, tree: exp.Select, shown: dict[str, exp.Expr], here: Here) -> list[exp.Ordered]:
        order = tree.args.get("order")
        made: list[exp.Ordered] = []
        for ordered in order.expressions if order else []:
            key = ordered.copy()
            if isinstance(key.this, exp.Column) and not key.this.table and key.this.name in shown:
                key.set("this", shown[key.this.name].copy())
            self._met.note_used(key, here.sources)
            for node in [part for part in key.find_all(exp.Subquery) if is_scalar(part, key)]:
                # One value for all rows orders nothing; what it was made of is another matter.
                if not external_columns(node.this):
                    self._met.note_value(self._query(node.this, here.ctes))
                    node.replace(exp.null())
            if key.find(exp.Subquery) or (key.find(exp.AggFunc) and limits_of(tree) != (None, None)):
                message = "unsupported-order"
                raise NotUnderstoodError(message)
            # A collation named in the statement is gone once the key can be run.
            key.meta["value"] = key.this.copy()
            key.set("this", bind_parameters(key.this))
            made.append(key)
        return made

    def _cut(
        self, tree: exp.Query, scope: Scope, order: list[exp.Ordered], *, top: bool, lateral: bool
    ) -> Scope:
        limit, offset = limits_of(tree)
        if limit is None and offset is None:
            return scope
        if isinstance(tree, exp.SetOperation):
            order = order_of_union(tree, scope)
        if scope.spread:
            self._met.uncounted = True
            return replace(scope, query=all_in_doubt(scope, lateral=lateral))
        whole = [n for n in scope.instances if self._met.instances[n].of is None]
        cut = Cut(
            limit,
            offset,
            order,
            numbers=whole,
            riders=[n for n in scope.instances if n not in whole],
            tables=[self._met.instances[number].table for number in whole],
            outs=scope.marks if top else scope.columns,
            collation=self._met.rules.order(*(key.meta.get("value", key.this) for key in order)),
            top=top,
            lateral=lateral,
        )
        if not cut.collation.is_exact and cut.sorts_text:
            self._met.collated = True
        if cut.sorts_text and cut.orders != ("bytes",):
            self._met.notyet = "collation keys"
        ordered = scope.ordered and (0 < cut.sure == len(order))
        return replace(scope, query=cut_window(scope.query, cut), ordered=ordered)
