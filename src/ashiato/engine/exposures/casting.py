"""Numbers, days and moments out of text, as other engines read them where they are compared."""

from __future__ import annotations

from enum import Enum

from sqlglot import exp

from ashiato.engine.exposures.clocks import OWN_DAY, OWN_MOMENT, is_clock, shifted
from ashiato.engine.exposures.collations import MYSQL_LIKE, formed
from ashiato.engine.exposures.mysql_forms import number_of
from ashiato.engine.exposures.sameness import ZERO_DAYS, TextRules
from ashiato.engine.exposures.shapes import marker_of
from ashiato.engine.exposures.ways import Ways

_NUMBERS = exp.DataType.NUMERIC_TYPES
_MOMENTS = {exp.DType.TIMESTAMPTZ, exp.DType.TIMESTAMPLTZ}
_TIMES = {exp.DType.TIMESTAMP, exp.DType.TIMESTAMPNTZ, exp.DType.DATETIME}
_WITH_OFFSET = r"[0-9]:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?\s*([zZ]|[+-][0-9])"
#: How far apart two zones can stand.
_WIDEST = 14 * 3_600
_DAY_US = 86_400_000_000
#: How far a statement's logged time may stand from what its clock said.
_CLOCK_US = 1_000_000


class Kind(Enum):
    """What a value is, as far as comparing goes."""

    TEXT, NUMBER, DAY, TIME, MOMENT, UNKNOWN = range(6)


class Casting:
    """What comparisons of unlike kinds come to under one system's rules."""

    def __init__(self, rules: TextRules) -> None:
        """``rules``: the system's engine and zone."""
        self._rules = rules
        self._mysql = rules.engine in MYSQL_LIKE

    def kind(self, value: exp.Expr) -> Kind:
        """Return what kind a value is of."""
        inner = value.unnest()
        if isinstance(inner, exp.Column) and ZERO_DAYS in self._rules.columns.get(inner.name, ()):
            return Kind.DAY
        if isinstance(inner, exp.Literal):
            return Kind.TEXT if inner.is_string else Kind.NUMBER
        held = inner.type.this if inner.type is not None else None
        if held in exp.DataType.TEXT_TYPES or held is exp.DType.UUID:
            return Kind.TEXT
        if held in _NUMBERS:
            return Kind.NUMBER
        if held in _MOMENTS and not self._mysql:
            return Kind.MOMENT
        return (
            Kind.DAY if held is exp.DType.DATE else Kind.TIME if held in _TIMES | _MOMENTS else Kind.UNKNOWN
        )

    def ways(self, node: exp.Expr, left: exp.Expr, right: exp.Expr, kinds: tuple[Kind, Kind]) -> Ways | None:
        """Return what a comparison of these two comes to; None: what it says."""
        if is_clock(node):
            return self._by_clock(node)
        both = set(kinds)
        if self._mysql and both & {Kind.DAY, Kind.TIME} and both & {Kind.TEXT, Kind.NUMBER}:
            return _of_days(node, left, right)
        if self._mysql and both == {Kind.NUMBER, Kind.TEXT}:
            sides = [
                number_of(s) if k is Kind.TEXT else s.copy()
                for s, k in zip((left, right), kinds, strict=True)
            ]
            return Ways.settled(type(node)(this=sides[0], expression=sides[1]))
        if self._rules.engine == "sqlite" and both == {Kind.NUMBER, Kind.TEXT}:
            return _by_affinity(node, left, right, kinds)
        if Kind.MOMENT in both and Kind.TEXT in both:
            return self._of_moments(node, left, right, kinds)
        return None

    def truth(self, node: exp.Expr) -> Ways | None:
        """Return what a value comes to that stands as a condition; None: what it says."""
        if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
            if self.kind(node.this) is Kind.DAY and self._is_zero_days(node.this):
                zero = exp.Like(this=node.this.copy(), expression=exp.Literal.string("0000-00-00%"))
                return Ways(exp.paren(exp.or_(node.copy(), zero)), node.copy())
            return None
        if self._mysql and self.kind(node) is Kind.TEXT:
            return Ways.settled(exp.NEQ(this=number_of(node), expression=exp.Literal.number(0)))
        return None

    def _is_zero_days(self, value: exp.Expr) -> bool:
        return ZERO_DAYS in self._rules.columns.get(value.name, ())

    def _by_clock(self, node: exp.Expr) -> Ways:
        """Read the clock a little before and after; of a day in no known zone, a day before and after."""
        day_unknown = not self._rules.zone_told
        steps = {OWN_DAY: _DAY_US if day_unknown else _CLOCK_US, OWN_MOMENT: _CLOCK_US}
        each = [shifted(node, {name: way * step for name, step in steps.items()}) for way in (0, -1, 1)]
        could, surely = (joined(*(e.copy() for e in each)) for joined in (exp.or_, exp.and_))
        return Ways(exp.paren(could), exp.paren(surely))

    def _of_moments(
        self, node: exp.Expr, left: exp.Expr, right: exp.Expr, kinds: tuple[Kind, Kind]
    ) -> Ways | None:
        """Read text without an offset in the session's zone; in no known zone, in any."""

        def by(shift: int) -> exp.Expr:
            sides = [
                self._moment(side, shift) if kind is Kind.TEXT else side.copy()
                for side, kind in ((left, kinds[0]), (right, kinds[1]))
            ]
            return type(node)(this=sides[0], expression=sides[1])

        if self._rules.zone_told:
            return Ways.settled(by(0))
        if isinstance(node, (exp.EQ, exp.NullSafeEQ)):
            text, moment = (left, right) if kinds[0] is Kind.TEXT else (right, left)
            ends = [self._moment(text, shift) for shift in (-_WIDEST, _WIDEST)]
            could: exp.Expr = exp.Between(this=moment.copy(), low=ends[0], high=ends[1])
            return Ways(could, exp.paren(exp.and_(by(0), _has_offset(text))))
        each = [by(shift) for shift in (0, -_WIDEST, _WIDEST)]
        could, surely = (joined(*(e.copy() for e in each)) for joined in (exp.or_, exp.and_))
        return Ways(exp.paren(could), exp.paren(surely))

    def _moment(self, text: exp.Expr, shift: int) -> exp.Expr:
        """Return the moment a text names; one with an offset is not shifted."""
        held = formed(exp.cast(text.copy(), "VARCHAR"), "moment")
        zone = exp.Literal.string(self._rules.zone)
        local = exp.TryCast(this=held.copy(), to=exp.DataType.build("TIMESTAMP", dialect="duckdb"))
        placed: exp.Expr = exp.Anonymous(this="timezone", expressions=[zone, local])
        if shift:
            wide = exp.Anonymous(this="to_seconds", expressions=[exp.Literal.number(abs(shift))])
            placed = (exp.Add if shift > 0 else exp.Sub)(this=placed, expression=wide)
        whole = exp.TryCast(this=held, to=exp.DataType.build("TIMESTAMPTZ", dialect="duckdb"))
        return exp.case().when(_has_offset(text), whole).else_(placed)


def _has_offset(text: exp.Expr) -> exp.Expr:
    held = exp.cast(text.copy(), "VARCHAR")
    return exp.Anonymous(this="regexp_matches", expressions=[held, exp.Literal.string(_WITH_OFFSET)])


def _of_days(node: exp.Expr, left: exp.Expr, right: exp.Expr) -> Ways:
    """Compare as MySQL prints days and times; a text that names none compares with any."""
    sides = [formed(exp.cast(side.copy(), "VARCHAR"), "mysql-time") for side in (left, right)]
    held = type(node)(this=sides[0], expression=sides[1])
    there = exp.and_(*(exp.Not(this=exp.Is(this=s.copy(), expression=exp.null())) for s in (left, right)))
    unread = exp.or_(*(exp.Is(this=side.copy(), expression=exp.null()) for side in sides))
    return Ways(exp.paren(exp.or_(held, exp.and_(there, exp.paren(unread)))), held.copy())


def _by_affinity(node: exp.Expr, left: exp.Expr, right: exp.Expr, kinds: tuple[Kind, Kind]) -> Ways:
    """Compare as SQLite does: a literal takes the kind of the column it stands beside."""
    text = left if kinds[0] is Kind.TEXT else right
    by_number = marker_of(text.unnest()) is not None
    kind = "DOUBLE" if by_number else "VARCHAR"
    sides = [exp.TryCast(this=side.copy(), to=exp.DataType.build(kind)) for side in (left, right)]
    held = type(node)(this=sides[0], expression=sides[1])
    if isinstance(node, (exp.EQ, exp.NullSafeEQ)):
        return Ways.settled(held)
    # Whatever is no number stands behind every number.
    could = exp.func("COALESCE", held.copy(), exp.true())
    return Ways(could, exp.func("COALESCE", held.copy(), exp.false()))
