"""What a scope shows: values with where they were copied from, groups with their size, windows with theirs.

Grouped rows are kept as they were before grouping; their aggregates become windows over the group, so that
the scopes around can filter by them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from ashiato.engine.exposures.branches import carried_columns, is_repeatable
from ashiato.engine.exposures.collations import sort_key
from ashiato.engine.exposures.expressions import (
    bind_parameters,
    is_copying,
    is_text,
    is_windowed,
    own_aggregates,
    with_clauses,
)
from ashiato.engine.exposures.met import Met
from ashiato.engine.exposures.picks import PICKING, tied_row, unsettled_pick
from ashiato.engine.exposures.plan import Query, Role
from ashiato.engine.exposures.sameness import key_of
from ashiato.engine.exposures.scopes import Scope, Sources, least
from ashiato.engine.exposures.sets import distinct_over, in_order, joined_people
from ashiato.engine.exposures.shapes import NotUnderstoodError

#: Aggregates that tell nothing of their argument's values.
_COUNTING = (exp.Count, exp.CountIf, exp.ApproxDistinct)
_RANKING = (exp.RowNumber, exp.Rank, exp.DenseRank, exp.Ntile, exp.PercentRank, exp.CumeDist, exp.Count)
_REPEATED = (exp.Count, exp.Sum, exp.Min, exp.Max, exp.Avg, exp.LogicalOr, exp.LogicalAnd)
_MOVED = "_p._k + _p._gone > 0"
#: The doubt of a row that was not in the reply.
NEVER = 3


@dataclass
class Shown:
    """The outputs of one scope as they are being made.

    ``parts``: what separates its executions; ``keyed``: what it is grouped by, as the statement says it;
    ``keys``: the place of each base row, by number; ``facets``: those that the outputs made; ``shaky``:
    what makes its soft values uncertain.
    """

    met: Met
    sources: dict[str, int | Scope]
    parts: list[exp.Expr]
    group: list[exp.Expr] = field(default_factory=list)
    keyed: Sequence[exp.Expr] = ()
    grouped: bool = False
    many_groupings: bool = False
    copying: bool = False
    outs: dict[str, Sources] = field(default_factory=dict)
    values: dict[str, exp.Expr] = field(default_factory=dict)
    soft: set[str] = field(default_factory=set)
    shaky: list[exp.Expr] = field(default_factory=list)
    facets: dict[int, exp.Expr] = field(default_factory=dict)
    doubts: list[exp.Expr] = field(default_factory=list)
    unsettled: dict[int, exp.Expr] = field(default_factory=dict)
    _known: dict[tuple[int, str], int] = field(default_factory=dict)

    @property
    def keys(self) -> dict[int, exp.Expr]:
        """The place of each base row of the sources, by number."""
        found: dict[int, exp.Expr] = {}
        for alias, target in self.sources.items():
            held = exp.to_identifier(alias, quoted=True)
            if isinstance(target, int):
                found[target] = exp.column("_ord", table=held)
            else:
                found |= {n: exp.column(f"_k{n}", table=held.copy()) for n in target.instances}
        return found

    def add(self, name: str, value: exp.Expr) -> None:
        """Add one output column."""
        self.outs[name] = self._copied(value) | self._picked(value)
        softened = self._is_soft(value)
        if softened:
            self.soft.add(name)
        self.values[name] = self._evaluated(value)

    def _is_soft(self, value: exp.Expr) -> bool:
        for column in value.find_all(exp.Column):
            target = self.sources.get(column.table)
            if isinstance(target, Scope) and column.name in target.soft:
                return True
        return value.find(exp.Window) is not None or (self.grouped and any(_aggregates_in(value)))

    # -- where values come from -----------------------------------------------------------------------

    def _copied(self, value: exp.Expr) -> Sources:
        found: set[tuple[int, str]] = set()
        for column, guard in carried_columns(value, grouped=self.grouped):
            places = self.met.resolve(column, self.sources)
            if guard is None:
                found |= places
            elif is_repeatable(guard) and (reading := self.met.reader.read(guard)).is_settled:
                found |= {(self._branch(number, reading.could), name) for number, name in places}
            else:
                found |= {(self._perhaps(number), name) for number, name in places}
        return frozenset(found) | (self._told(value) if self.grouped else frozenset())

    def _branch(self, number: int, guard: exp.Expr) -> int:
        """Return the facet of the rows in which a choice fell so."""
        known = (number, guard.sql())
        if known not in self._known:
            used: set[str] = set()
            for column in guard.find_all(exp.Column):
                used |= {name for at, name in self.met.resolve(column, self.sources) if at == number}
            made = self.met.facet(number, Role.OUTPUT, used)
            self.met.branches.add(made)
            self._known[known] = made
            key = exp.case().when(bind_parameters(guard.copy()), self.keys[number].copy())
            self.facets[made] = key
        return self._known[known]

    def _perhaps(self, number: int) -> int:
        """Return the facet for columns of which it cannot be told again in which rows they were taken."""
        if (number, "") not in self._known:
            made = self.met.facet(number, Role.INVOLVED)
            self.met.branches.add(made)
            self.facets[made] = self.keys[number].copy()
            self._known[number, ""] = made
        return self._known[number, ""]

    # -- windows --------------------------------------------------------------------------------------

    def _picked(self, value: exp.Expr) -> Sources:
        """Return the columns whose values window functions bring from other rows."""
        found: set[tuple[int, str]] = set()
        for window in value.find_all(exp.Window):
            picking = window.find(*PICKING)
            if picking is None or self.grouped:
                continue
            for column, guard in carried_columns(picking.this, grouped=False):
                role = Role.OUTPUT if guard is None else Role.INVOLVED
                for number, name in sorted(self.met.resolve(column, self.sources)):
                    made = self.met.facet(number, role)
                    self.met.branches.add(made)
                    again = window.copy()
                    again.find(*PICKING).set("this", self.keys[number].copy())  # type: ignore[union-attr]
                    brought = self._ready(again)
                    settled = exp.not_(exp.paren(self._ready(unsettled_pick(window))))
                    self.facets[made] = exp.case().when(settled, brought)
                    if role is Role.OUTPUT:
                        self._note_unsettled(number, name, window, brought)
                    found.add((made, name))
        return frozenset(found)

    def _note_unsettled(self, number: int, name: str, window: exp.Expr, picked: exp.Expr) -> None:
        """Remember the rows that ties leave open: those that tie, and those brought by one of them."""
        tied, own = self._ready(tied_row(window)), self.keys[number]
        found = [(tied, own), (self._ready(unsettled_pick(window)), picked)]
        for condition, key in found:
            facet = self.met.facet(number, Role.OUTPUT)
            self.met.instances[facet].projected.add(name)
            self.unsettled[facet] = exp.case().when(condition, key.copy())

    def _ready(self, window: exp.Expr) -> exp.Expr:
        """Make a window function run over its own execution's rows alone."""
        for node in window.find_all(exp.Window):
            parts = [*(part.copy() for part in self.parts), *(node.args.get("partition_by") or [])]
            node.set("partition_by", parts)
        return bind_parameters(window)

    def _evaluated(self, value: exp.Expr) -> exp.Expr:
        windows = list(value.find_all(exp.Window))
        if self.grouped:
            return self._aggregated(value)
        if not windows:
            return bind_parameters(value)
        for window in windows:
            self._note_window(window)
        return self._ready(value)

    def _note_window(self, window: exp.Window) -> None:
        order = window.args.get("order")
        self.met.note_used(window, self.sources)
        self.shaky.append(exp.condition(_MOVED))
        keys = order.expressions if order else []
        texts = [key.this for key in keys if is_text(key.this)]
        parted = [part for part in window.args.get("partition_by") or [] if is_text(part)]
        if (texts and not self.met.rules.order(*texts).is_exact) or any(map(self._blurs, parted)):
            self.shaky.append(exp.true())
        function = window.find(*PICKING, exp.RowNumber, exp.Ntile)
        if function is not None or window.args.get("spec"):
            same = [*(window.args.get("partition_by") or []), *(key.this for key in keys)]
            alike = exp.Window(this=exp.Count(this=exp.Star()), partition_by=[part.copy() for part in same])
            self.shaky.append(exp.GT(this=self._ready(alike), expression=exp.Literal.number(1)))

    def _blurs(self, value: exp.Expr) -> bool:
        """Tell whether the engine may hold texts of a value alike that are not."""
        return self.met.rules.sameness(value).key != "bytes"

    # -- groups ---------------------------------------------------------------------------------------

    def _over_group(self, value: exp.Expr) -> exp.Window:
        parts = [*self.parts, *self.group]
        return exp.Window(this=value, partition_by=[part.copy() for part in parts])

    def _aggregated(self, value: exp.Expr) -> exp.Expr:
        """Return a value of a group as one of each of its rows; NULL where that cannot be made."""
        whole = exp.Tuple(expressions=[value.copy()])
        nodes = [n for n in _aggregates_in(whole) if not is_windowed(n)]
        plain = (
            not self.many_groupings
            and not whole.find(exp.Window)
            and all(
                isinstance(n, _REPEATED) and not isinstance(with_clauses(n), exp.WithinGroup) for n in nodes
            )
        )
        self.shaky.append(exp.condition(_MOVED) if plain else exp.true())
        if not plain:
            return exp.null()
        for node in nodes:
            outer = with_clauses(node)
            outer.replace(self._over_group(outer.copy()))
        return bind_parameters(whole.expressions[0])

    def add_having(self, condition: exp.Expr) -> None:
        """Hold against a group's rows whether it meets a condition: 3 is for no, 2 where rows moved since."""
        ways = [] if condition.find(exp.Subquery, exp.Select) else self._meets(condition)
        if not ways or any(isinstance(meets, exp.Null) for meets in ways):
            self.met.uncounted = True
            return
        every = exp.and_(*(meets.copy() for meets in ways))
        some = exp.or_(*(meets.copy() for meets in ways), exp.condition(_MOVED))
        if len(self._groupings()) > 1:
            # Between the widest grouping and the narrowest any other may have been theirs.
            some = exp.true()
        self.doubts.append(exp.case().when(every, "0").when(some, "2").else_(str(NEVER)))

    def _groupings(self) -> list[list[exp.Expr]]:
        """Return what rows are grouped by, widest and narrowest, once where these are the same."""
        both = [self._grouped_by(way) for way in ("key", "narrow")]
        return list({tuple(key.sql() for key in group): group for group in both}.values())

    def _meets(self, condition: exp.Expr) -> list[exp.Expr]:
        """Return a group's condition as read widest and narrowest, over every grouping it may have had."""
        reading = self.met.reader.read(condition)
        ways = [reading.could] if reading.is_settled else [reading.could, reading.surely]
        found = []
        for grouping in ("key", "surely"):
            widest, self.group = self.group, self._grouped_by(grouping)
            found += [self._aggregated(way.copy()) for way in ways]
            self.group = widest
        return list({meets.sql(): meets for meets in found}.values())

    def group_by(self, keys: Sequence[exp.Expr]) -> None:
        """Group by these values, texts by the key under which the engine may hold them alike."""
        self.keyed = keys
        self.group = self._grouped_by("key")

    def _grouped_by(self, way: str) -> list[exp.Expr]:
        made = []
        for key in self.keyed:
            same = self.met.same_key(self._sources_of(key), way) if is_text(key) else "bytes"
            made.append(bind_parameters(key_of(key, same)))
        return made

    def _sources_of(self, value: exp.Expr) -> Sources:
        columns = value.find_all(exp.Column)
        return frozenset().union(*(self.met.resolve(column, self.sources) for column in columns))

    def size(self, made: exp.Select, tree: exp.Select) -> tuple[exp.Select, exp.Expr]:
        """Return how many people stand behind a row's group, as SQL.

        An extreme is somebody's own value, whoever of those who hold it: for its holders a group of one.
        """
        made, people = joined_people(made, list(self.keys.items()), self.met.instances)
        size = least([self._size_of(people, group) for group in self._groupings()])
        for extreme in own_aggregates(tree):
            if isinstance(extreme, (exp.Min, exp.Max)) and not extreme.find(exp.Subquery):
                # Whose it is hangs on the value, as with a column that sorts.
                self.met.note_used(extreme, self.sources)
                orders = self.met.rules.order(extreme.this).orders if is_text(extreme.this) else ()
                for order in orders or ("bytes",):
                    held = bind_parameters(sort_key(extreme.this, order))
                    size = exp.case().when(self._may_be_extreme(extreme, held), "1").else_(size)
        return made, size

    def _may_be_extreme(self, extreme: exp.Expr, held: exp.Expr) -> exp.Expr:
        """Tell whether a row may hold a group's extreme: of the rows beyond it, those that moved may be none.

        Of joined rows several may hang on one that moved.
        """
        outermost = self._over_group(type(extreme)(this=held.copy()))
        if len(self.keys) > 1:
            return exp.or_(exp.EQ(this=held, expression=outermost), exp.condition(_MOVED))
        place = self._over_group(exp.Rank())
        ordered = exp.Ordered(this=held.copy(), desc=isinstance(extreme, exp.Max), nulls_first=False)
        place.set("order", exp.Order(expressions=[ordered]))
        there = exp.Not(this=exp.Is(this=held.copy(), expression=exp.null()))
        return exp.and_(there, exp.LTE(this=place, expression=exp.condition("_p._k + 1")))

    def _size_of(self, people: Sequence[exp.Expr], group: Sequence[exp.Expr]) -> exp.Expr:
        counts = [distinct_over(who, [*self.parts, *group]) for who in people]
        if not counts:
            return self._over_group(exp.Count(this=exp.Star()))
        return counts[0] if len(counts) == 1 else exp.func("GREATEST", *counts, dialect="duckdb")

    def weigh(self, made: exp.Select, tree: exp.Select) -> tuple[exp.Select, exp.Expr, exp.Expr]:
        """Keep a grouped scope's rows as they were before grouping; returns their weight and group's size."""
        made, size = self.condense(made, tree)
        having = tree.args.get("having")
        if having is not None:
            self.add_having(having.this.copy())
        if self.many_groupings:
            self.met.uncounted = True
        parts = [part.copy() for part in [*self.parts, *self.group]]
        order = in_order(key.copy() for key in self.keys.values())
        place = exp.Window(this=exp.RowNumber(), partition_by=parts, order=order)
        weight = exp.case().when(exp.EQ(this=place, expression=exp.Literal.number(1)), "1").else_("0")
        return made, weight, size

    def condense(self, made: exp.Select, tree: exp.Select) -> tuple[exp.Select, exp.Expr]:
        """Make the rows of a grouped scope condensed ones; returns the size of their group too."""
        if self.copying:
            for number in self.keys:
                self._condensed(number)
        self.met.set_role((self._condensed(number) for number in self.keys), Role.AGGREGATE)
        return self.size(made, tree)

    def _told(self, value: exp.Expr) -> Sources:
        """Return the columns of which a group's value tells something."""
        found: set[tuple[int, str]] = set()
        for column in value.find_all(exp.Column):
            above = column.find_ancestor(exp.AggFunc, exp.Anonymous)
            if above is not None and (isinstance(above, _COUNTING) or is_copying(above)):
                continue
            found |= {(self._condensed(n), name) for n, name in self.met.resolve(column, self.sources)}
        return frozenset(found)

    def _condensed(self, number: int) -> int:
        """Return the number of a base table's condensed rows.

        What an aggregate puts together goes out whole; keys and sums of the same rows are then held apart.
        """
        if not self.copying:
            return number
        if (number, "condensed") not in self._known:
            made = self.met.facet(number, Role.AGGREGATE)
            self.facets[made] = self.keys[number].copy()
            self._known[number, "condensed"] = made
        return self._known[number, "condensed"]

    def note_windowed(self, made: exp.Select, tree: exp.Select) -> None:
        """Remember the rows that windowed aggregates condense, in a query of their own."""
        for window in [w for p in tree.expressions for w in p.find_all(exp.Window)]:
            function = window.find(exp.AggFunc)
            if function is None or isinstance(function, (*_RANKING, *PICKING)) or is_copying(function):
                continue
            if not self.parts:
                message = "windowed-lateral"
                raise NotUnderstoodError(message)
            self._note_windowed(made.copy(), window, function)
        if self.unsettled:
            aside = made.copy()
            aside.set("expressions", [exp.column("_exec", table="_p")])
            keys = [exp.alias_(key, f"_k{facet}") for facet, key in self.unsettled.items()]
            aside = aside.select(*keys, exp.alias_("2", "_doubt"), exp.alias_("1", "_weight"), copy=False)
            self.met.asides.append(Query(aside, tuple(self.unsettled), Role.OUTPUT))

    def _note_windowed(self, made: exp.Select, window: exp.Window, function: exp.Expr) -> None:
        told: dict[int, set[str]] = {}
        for column in function.find_all(exp.Column):
            for number, name in self.met.resolve(column, self.sources):
                told.setdefault(number, set()).add(name)
        facets = {number: self.met.facet(number, Role.AGGREGATE) for number in sorted(told)}
        for number, facet in facets.items():
            self.met.instances[facet].projected |= told[number]
        made.set("expressions", [exp.column("_exec", table="_p")])
        for number, facet in facets.items():
            made = made.select(exp.alias_(self.keys[number].copy(), f"_k{facet}"), copy=False)
        parts = [*self.parts, *(part.copy() for part in window.args.get("partition_by") or [])]
        made, people = joined_people(made, list(self.keys.items()), self.met.instances)
        counts = [distinct_over(who, parts) for who in people]
        size: exp.Expr = exp.Literal.number(1)
        if not window.args.get("order") and counts and not isinstance(function, (exp.Min, exp.Max)):
            size = counts[0] if len(counts) == 1 else exp.func("GREATEST", *counts, dialect="duckdb")
        made = made.select(
            exp.alias_(bind_parameters(size), "_size"),
            exp.alias_("0", "_doubt"),
            exp.alias_("1", "_weight"),
            copy=False,
        )
        self.met.asides.append(Query(made, tuple(facets.values()), Role.AGGREGATE))

    def shaky_sql(self, others: exp.Expr | None) -> exp.Expr:
        """Return as SQL whether this row's soft values are not known for certain."""
        parts = {part.sql(): part for part in ([others] if others is not None else []) + self.shaky}
        return exp.or_(*(part.copy() for part in parts.values())) if parts else exp.false()


def _aggregates_in(value: exp.Expr) -> list[exp.Expr]:
    nodes = value.walk(prune=lambda node: isinstance(node, (exp.Subquery, exp.Select)))
    return [n for n in nodes if isinstance(n, exp.AggFunc) or is_copying(n)]


def group_keys(tree: exp.Select) -> Sequence[exp.Expr]:
    """Return what a scope is grouped by; of several groupings, what all of them share is grouped finest."""
    group = tree.args.get("group")
    if group is None:
        return []
    keys: list[exp.Expr] = []
    for key in group.expressions:
        if isinstance(key, (exp.Rollup, exp.Cube, exp.GroupingSets)):
            keys += [column for part in key.expressions for column in part.find_all(exp.Column)]
        else:
            keys.append(key)
    unique = {key.sql(): key for key in keys}
    return list(unique.values())
