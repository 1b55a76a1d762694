"""Readings of a condition: what the site's engine may have let through, what it let through for certain.

Our engine compares by bytes; the site's by its collation, its casts, its patterns, its clock. Each
comparison is said twice: ``could`` holds wherever theirs may have held, ``surely`` only where it did. NOT
turns them round. Where both are the same there is nothing to doubt.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlglot import exp

from ashiato.engine.exposures.comparing import Comparing
from ashiato.engine.exposures.expressions import is_drawn

COULD, SURELY = "could", "surely"
_TURNED = {COULD: SURELY, SURELY: COULD}
#: What inside a value has readings of its own.
_READ = (exp.Query, exp.Predicate, exp.Connector, exp.Not, exp.Escape)


@dataclass(frozen=True)
class Reading:
    """A condition's two readings."""

    could: exp.Expr
    surely: exp.Expr

    @property
    def is_settled(self) -> bool:
        """Whether there is nothing to doubt."""
        return self.could.sql("duckdb") == self.surely.sql("duckdb")


class Reader:
    """Reads conditions as one system's engine would."""

    def __init__(self, comparing: Comparing) -> None:
        """``comparing`` says what a single comparison comes to."""
        self._comparing = comparing

    def read(self, condition: exp.Expr) -> Reading:
        """Return a condition's readings; markers stay markers."""
        return Reading(*(self._said(condition.copy(), way) for way in (COULD, SURELY)))

    def settles(self, conditions: Iterable[exp.Expr]) -> bool:
        """Tell whether each of some conditions has one reading."""
        return all(self.read(condition).is_settled for condition in conditions)

    def _said(self, node: exp.Expr, way: str) -> exp.Expr:
        if isinstance(node, exp.Paren):
            return exp.Paren(this=self._said(node.this, way))
        if isinstance(node, exp.Not):
            return exp.Not(this=exp.Paren(this=self._said(node.this, _TURNED[way])))
        if isinstance(node, (exp.And, exp.Or)):
            made = type(node)(this=self._said(node.left, way), expression=self._said(node.right, way))
            return exp.Paren(this=made) if isinstance(node, exp.Or) else made
        if isinstance(node, exp.Exists):
            return exp.Exists(this=self._within(node.this, way))
        return self._leaf(node, way)

    def _leaf(self, node: exp.Expr, way: str) -> exp.Expr:
        if isinstance(node, exp.In) and node.args.get("query"):
            return self._in_query(node, way)
        # What chance said then nobody knows.
        if is_drawn(node) or not all(map(self._is_settled_query, node.find_all(exp.Select))):
            return _anything(way)
        return self._single(node, way)

    def _single(self, node: exp.Expr, way: str) -> exp.Expr:
        node = node.transform(_as_choice)
        parts = list(_parts(node))
        for inner in [part for part in parts if isinstance(part, exp.Query)]:
            self._within(inner, COULD)
        doubts = self._say_within([part for part in parts if not isinstance(part, exp.Query)])
        if len(doubts) > 1 or any(said.find_ancestor(exp.AggFunc, exp.Filter) for said, _ in doubts):
            return _anything(way)
        if doubts:
            return self._over_doubt(node, *doubts[0], way)
        return self._as_compared(node, way)

    def _say_within(self, conditions: Iterable[exp.Expr]) -> list[tuple[exp.Expr, exp.Expr]]:
        """Say the conditions inside a value; return those in doubt as they now stand, with the other reading.

        Each stands in brackets: what is around it binds as it did.
        """
        doubts: list[tuple[exp.Expr, exp.Expr]] = []
        for condition in conditions:
            reading = self.read(condition)
            said = exp.Paren(this=reading.could)
            condition.replace(said)
            if not reading.is_settled:
                doubts.append((said, exp.Paren(this=reading.surely)))
        return doubts

    def _over_doubt(self, node: exp.Expr, said: exp.Expr, other: exp.Expr, way: str) -> exp.Expr:
        """Say a comparison over the one condition in doubt: as if it had fallen either way."""
        place = [id(each) for each in node.walk()].index(id(said))
        turned = node.copy()
        list(turned.walk())[place].replace(other)
        both = [self._as_compared(each, way) for each in (node, turned)]
        return exp.paren((exp.or_ if way == COULD else exp.and_)(*both))

    def _as_compared(self, node: exp.Expr, way: str) -> exp.Expr:
        ways = self._comparing.ways(node)
        return node.copy() if ways is None else (ways.negated() if _negates(node) else ways)[way]

    def _in_query(self, node: exp.In, way: str) -> exp.Expr:
        query = node.args["query"]
        inner = self._within(query.copy(), way)
        select = inner.find(exp.Select)
        shown = select.expressions[0] if select is not None and len(select.expressions) == 1 else None
        key = (
            self._comparing.shared_key(node.this, shown, surely=way == SURELY) if shown is not None else None
        )
        made = exp.In(this=node.this.copy() if key is None else key(node.this), query=inner)
        if key is not None and select is not None and shown is not None:
            for each in inner.find_all(exp.Select) if isinstance(inner, exp.SetOperation) else [select]:
                each.set("expressions", [key(each.expressions[0].unalias())])
        return made

    def _is_settled_query(self, inner: exp.Select) -> bool:
        conditions = [part.this for part in (inner.args.get("where"), inner.args.get("having")) if part]
        conditions += [join.args["on"] for join in inner.args.get("joins") or [] if join.args.get("on")]
        return self.settles(conditions)

    def _within(self, inner: exp.Expr, way: str) -> exp.Expr:
        """Say the conditions of a subquery; those within them are said with them."""
        for select in [node for node in inner.walk(prune=_is_condition) if isinstance(node, exp.Select)]:
            for clause in ("where", "having"):
                part = select.args.get(clause)
                if part is not None:
                    part.set("this", self._said(part.this.copy(), way))
            for join in select.args.get("joins") or []:
                if join.args.get("on") is not None:
                    join.set("on", self._said(join.args["on"].copy(), way))
        return inner


def _is_condition(node: exp.Expr) -> bool:
    return isinstance(node, (exp.Where, exp.Having)) or (
        isinstance(node.parent, exp.Join) and node.arg_key == "on"
    )


def _anything(way: str) -> exp.Expr:
    """Say what cannot be told: it may hold, it need not."""
    return exp.true() if way == COULD else exp.false()


def _as_choice(node: exp.Expr) -> exp.Expr:
    """Say CASE x WHEN y as CASE WHEN x = y, and NULLIF(x, y) as the choice it is."""
    if isinstance(node, exp.Nullif):
        same = exp.EQ(this=node.this.copy(), expression=node.expression)
        made = exp.case().when(same, exp.null()).else_(node.this)
        made.type = node.this.type
        return made
    subject = node.args.get("this") if isinstance(node, exp.Case) else None
    if subject is not None:
        for choice in node.args["ifs"]:
            choice.set("this", exp.EQ(this=subject.copy(), expression=choice.this))
        node.set("this", None)
    return node


def _parts(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the outermost conditions inside a value, and its subqueries that stand in none of them."""
    chosen = node.this if isinstance(node, exp.If) else None
    for child in node.iter_expressions():
        own = isinstance(child, (exp.Any, exp.All)) or (isinstance(node, exp.Escape) and child is node.this)
        if child is chosen or (isinstance(child, _READ) and not own):
            yield child
        else:
            yield from _parts(child)


def _negates(node: exp.Expr) -> bool:
    return isinstance(node, (exp.NEQ, exp.NullSafeNEQ)) or bool(node.args.get("negate"))
