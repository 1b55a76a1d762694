"""Readings of a condition: what the site's engine may have let through, what it let through for certain.

Our engine compares by bytes; the site's by its collation, its casts, its patterns, its clock. Each
comparison is said twice: ``could`` holds wherever theirs may have held, ``surely`` only where it did. NOT
turns them round. Where both are the same there is nothing to doubt.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp

from ashiato.engine.exposures.comparing import Comparing
from ashiato.engine.exposures.expressions import is_drawn

COULD, SURELY = "could", "surely"
_TURNED = {COULD: SURELY, SURELY: COULD}


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
        if is_drawn(node):
            # What chance said then nobody knows.
            return _anything(way)
        return self._over_query(node, way) if node.find(exp.Select) else self._single(node, way)

    def _single(self, node: exp.Expr, way: str) -> exp.Expr:
        choices = self._choices_in_doubt(node)
        if len(choices) > 1:
            return _anything(way)
        if choices:
            return self._over_choice(node, choices[0], way)
        return self._as_compared(node, way)

    def _choices_in_doubt(self, node: exp.Expr) -> list[exp.If]:
        """Say the conditions inside a value (CASE, IF) where they are settled; return the others."""
        for case in list(node.find_all(exp.Case)):
            _search(case)
        doubtful = []
        for choice in list(node.find_all(exp.If)):
            reading = self.read(choice.this)
            choice.set("this", reading.could)
            doubtful += [] if reading.is_settled else [choice]
            choice.meta["surely"] = reading.surely
        return doubtful

    def _over_choice(self, node: exp.Expr, choice: exp.If, way: str) -> exp.Expr:
        """Say a comparison over the one choice in doubt: as if it had fallen either way."""
        other = node.copy()
        place = [id(each) for each in node.find_all(exp.If)].index(id(choice))
        again = list(other.find_all(exp.If))[place]
        again.set("this", choice.meta["surely"].copy())
        both = [self._as_compared(each, way) for each in (node, other)]
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

    def _over_query(self, node: exp.Expr, way: str) -> exp.Expr:
        """Say a comparison with a subquery's value, whose own conditions have readings too."""
        if not all(map(self._is_settled_query, node.find_all(exp.Select))):
            return _anything(way)
        for inner in [n for n in node.find_all(exp.Subquery) if isinstance(n.this, exp.Query)]:
            self._within(inner.this, COULD)
        return self._as_compared(node, way)

    def _is_settled_query(self, inner: exp.Select) -> bool:
        conditions = [part.this for part in (inner.args.get("where"), inner.args.get("having")) if part]
        conditions += [join.args["on"] for join in inner.args.get("joins") or [] if join.args.get("on")]
        return self.settles(conditions)

    def _within(self, inner: exp.Expr, way: str) -> exp.Expr:
        """Say the conditions of a subquery."""
        for select in list(inner.find_all(exp.Select)):
            for clause in ("where", "having"):
                part = select.args.get(clause)
                if part is not None:
                    part.set("this", self._said(part.this.copy(), way))
            for join in select.args.get("joins") or []:
                if join.args.get("on") is not None:
                    join.set("on", self._said(join.args["on"].copy(), way))
        return inner


def _anything(way: str) -> exp.Expr:
    """Say what cannot be told: it may hold, it need not."""
    return exp.true() if way == COULD else exp.false()


def _search(case: exp.Case) -> None:
    """Say CASE x WHEN y as CASE WHEN x = y."""
    subject = case.args.get("this")
    if subject is None:
        return
    for choice in case.args["ifs"]:
        choice.set("this", exp.EQ(this=subject.copy(), expression=choice.this))
    case.set("this", None)


def _negates(node: exp.Expr) -> bool:
    return isinstance(node, (exp.NEQ, exp.NullSafeNEQ)) or bool(node.args.get("negate"))
