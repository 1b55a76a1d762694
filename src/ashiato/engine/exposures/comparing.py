"""One comparison as another engine makes it: texts by their collation, numbers and days out of text."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from ashiato.engine.exposures.casting import Casting, Kind
from ashiato.engine.exposures.collations import MYSQL_LIKE, Collation, sort_key
from ashiato.engine.exposures.folding_functions import doubt_of
from ashiato.engine.exposures.local_values import is_local
from ashiato.engine.exposures.matching import Matching
from ashiato.engine.exposures.sameness import TextRules, is_plain, key_of
from ashiato.engine.exposures.ways import Ways

_EQUAL = (exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ)
_ORDERED = (exp.GT, exp.GTE, exp.LT, exp.LTE)
_SAFE = (exp.NullSafeEQ, exp.NullSafeNEQ)
_PATTERNS = (exp.Like, exp.ILike, exp.Escape, exp.RegexpLike, exp.RegexpILike, exp.SimilarTo, exp.Glob)


class Comparing:
    """What single comparisons come to under one system's rules."""

    def __init__(self, rules: TextRules) -> None:
        """``rules``: the system's engine, collations and zone."""
        self._rules = rules
        self._casting = Casting(rules)
        self._matching = Matching(rules)

    def ways(self, node: exp.Expr) -> Ways | None:
        """Return what a comparison comes to, NEQ and NOT LIKE as what they negate; None: what it says."""
        if not self._rules.zone_told and is_local(node):
            return Ways(exp.true(), exp.false())
        if isinstance(node, exp.Between) or (isinstance(node, exp.In) and node.expressions):
            return self._of_several(node)
        held = self._matching.ways(node) if isinstance(node, _PATTERNS) else self._of_values(node)
        doubt = doubt_of(node, self._rules)
        return held if doubt is None else (held or Ways.settled(_positive(node))).unless(doubt)

    def _of_several(self, node: exp.Between | exp.In) -> Ways | None:
        if isinstance(node, exp.In):
            return self._in_list(node)
        low = exp.GTE(this=node.this, expression=node.args["low"])
        high = exp.LTE(this=node.this.copy(), expression=node.args["high"])
        return self._all_of([low, high], exp.and_)

    def _of_values(self, node: exp.Expr) -> Ways | None:
        if isinstance(node, (*_EQUAL, *_ORDERED)):
            return self._compared(node, node.left, node.right)
        return self._casting.truth(node)

    def shared_key(
        self, left: exp.Expr, right: exp.Expr, *, surely: bool
    ) -> Callable[[exp.Expr], exp.Expr] | None:
        """Return what makes both sides of an ``IN (SELECT ..)`` comparable, or None where bytes do."""
        kinds = {self._casting.kind(left), self._casting.kind(right)}
        if not kinds <= {Kind.TEXT, Kind.UNKNOWN}:
            return None
        same = self._rules.sameness(left, right)
        key = same.key
        if surely and same.surely != "key":
            key = "bytes" if same.surely == "plain" else same.surely
        return None if key == "bytes" else lambda value: key_of(value, key)

    def _all_of(self, parts: Sequence[exp.Expr], joined: Callable[..., exp.Expr]) -> Ways | None:
        found = [self.ways(part) for part in parts]
        if all(ways is None for ways in found):
            return None
        held = [ways or Ways.settled(part) for ways, part in zip(found, parts, strict=True)]
        return Ways.of(lambda way: exp.paren(joined(*(ways[way] for ways in held)), copy=False))

    def _in_list(self, node: exp.In) -> Ways | None:
        parts = [exp.EQ(this=node.this.copy(), expression=value.copy()) for value in node.expressions]
        for part in parts:
            part.type = exp.DataType.build("boolean")
        return self._all_of(parts, exp.or_)

    def _compared(self, node: exp.Expr, left: exp.Expr, right: exp.Expr) -> Ways | None:
        if isinstance(left, exp.Tuple) and isinstance(right, exp.Tuple):
            rows = self._of_rows(node, left, right)
            if rows is not None:
                return rows
        kinds = (self._casting.kind(left), self._casting.kind(right))
        if set(kinds) <= {Kind.TEXT, Kind.UNKNOWN}:
            if isinstance(right, (exp.Any, exp.All)):
                return self._with_each(node, left, right)
            texts = Kind.TEXT in kinds or self._rules.sameness(left, right).key != "bytes"
            return self._of_texts(node, left, right) if texts else None
        return self._casting.ways(_positive(node), left, right, kinds)

    def _of_rows(self, node: exp.Expr, left: exp.Tuple, right: exp.Tuple) -> Ways | None:
        """Say rows of values equal part by part, and put those with UUIDs in order by these' keys."""
        pairs = list(zip(left.expressions, right.expressions, strict=False))
        if isinstance(node, _EQUAL):
            kind = exp.NullSafeEQ if isinstance(node, _SAFE) else exp.EQ
            return self._all_of([kind(this=a.copy(), expression=b.copy()) for a, b in pairs], exp.and_)
        uuids = [self._rules.sameness(*pair).key == "uuid" for pair in pairs]
        if not any(uuids):
            return None
        if not all(self._rules.order(*pair).is_exact for pair, one in zip(pairs, uuids, strict=True) if one):
            return Ways(exp.true(), exp.false())
        keys = ["uuid" if is_uuid else "bytes" for is_uuid in uuids]
        sides = [
            exp.Tuple(expressions=[key_of(part, key) for part, key in zip(side, keys, strict=True)])
            for side in zip(*pairs, strict=True)
        ]
        return Ways.settled(type(node)(this=sides[0], expression=sides[1]))

    def _with_each(self, node: exp.Expr, left: exp.Expr, right: exp.Expr) -> Ways | None:
        """Say a comparison with each of a subquery's texts, which stand only for themselves."""
        exact = isinstance(node, _EQUAL) or self._rules.order(left, right).is_exact
        by_bytes = exact and self._rules.sameness(left, right).key == "bytes"
        return None if by_bytes else Ways(exp.true(), exp.false())

    def _of_texts(self, node: exp.Expr, left: exp.Expr, right: exp.Expr) -> Ways | None:
        if isinstance(node, _EQUAL):
            return self._equal(exp.NullSafeEQ if isinstance(node, _SAFE) else exp.EQ, left, right)
        collation = self._rules.order(left, right)
        if collation.is_exact:
            return self._by_bytes(node, left, right, collation)
        if not collation.known:
            return Ways(exp.true(), exp.false())
        each = [self._by_order(node, left, right, order) for order in collation.orders]
        # Releases place rare characters differently, and strays stand anywhere.
        plain = exp.and_(*(is_plain(side) for side in (left, right)))
        could = exp.or_(*(e.copy() for e in each), exp.not_(plain.copy()))
        surely = exp.and_(*(e.copy() for e in each), plain)
        return Ways(exp.paren(could), exp.paren(surely))

    def _by_bytes(self, node: exp.Expr, left: exp.Expr, right: exp.Expr, collation: Collation) -> Ways | None:
        (order,) = collation.orders
        key = self._rules.sameness(left, right).key
        if order == "bytes" and key not in ("padded", "uuid"):
            return None
        sides = [key_of(s, key) if order == "bytes" else sort_key(s, order) for s in (left, right)]
        return Ways.settled(type(node)(this=sides[0], expression=sides[1]))

    def _by_order(self, node: exp.Expr, left: exp.Expr, right: exp.Expr, order: str) -> exp.Expr:
        """Compare under one order; where MySQL holds texts to be equal, others go by their bytes."""
        keys = [sort_key(side, order) for side in (left, right)]
        if order == "bytes" or self._rules.engine in MYSQL_LIKE:
            return type(node)(this=keys[0], expression=keys[1])
        strict = exp.GT if isinstance(node, (exp.GT, exp.GTE)) else exp.LT
        same = exp.EQ(this=keys[0].copy(), expression=keys[1].copy())
        tied = exp.and_(same, type(node)(this=left.copy(), expression=right.copy()))
        return exp.paren(exp.or_(strict(this=keys[0], expression=keys[1]), tied))

    def _equal(self, kind: type[exp.Expr], left: exp.Expr, right: exp.Expr) -> Ways | None:
        same = self._rules.sameness(left, right)
        if same.key == "bytes":
            return None

        def by(key: str) -> exp.Expr:
            return kind(this=key_of(left, key), expression=key_of(right, key))

        could = by(same.key)
        if same.surely == "key":
            return Ways.settled(could)
        if same.surely != "plain":
            return Ways(could, by(same.surely))
        plain = exp.and_(could.copy(), is_plain(left), is_plain(right))
        return Ways(could, exp.paren(exp.or_(by("bytes"), plain)))


def _positive(node: exp.Expr) -> exp.Expr:
    """Return a comparison without the NOT in it."""
    kinds: dict[type[exp.Expr], type[exp.Expr]] = {exp.NEQ: exp.EQ, exp.NullSafeNEQ: exp.NullSafeEQ}
    kind = kinds.get(type(node))
    return node if kind is None else kind(this=node.this.copy(), expression=node.expression.copy())
