"""Values that hang on the session: days of a moment in its zone, whole numbers divided by whole ones."""

from __future__ import annotations

from sqlglot import exp

from ashiato.engine.exposures.sameness import TextRules

#: What makes a moment a day or an hour of some zone.
_BY_ZONE = (
    exp.Cast, exp.Extract, exp.TimestampTrunc, exp.DateTrunc, exp.TimeToStr, exp.TsOrDsToDate, exp.Date,
    exp.ToChar, exp.Year, exp.Month, exp.Day, exp.DayOfWeek, exp.DayOfYear, exp.Hour, exp.Minute,
)  # fmt: skip
_LOCAL = "timezone"
_MOMENTS = (exp.DType.TIMESTAMPTZ, exp.DType.TIMESTAMPLTZ)


def as_in_session(tree: exp.Query, rules: TextRules) -> exp.Query:
    """Say what hangs on the session as it was there; a typed tree, changed."""
    for column in list(tree.find_all(exp.Column)):
        above = column.parent
        if isinstance(above, _BY_ZONE) and column.is_type(*_MOMENTS) and not above.is_type(*_MOMENTS):
            local = exp.Anonymous(this=_LOCAL, expressions=[exp.Literal.string(rules.zone), column.copy()])
            local.type = exp.DataType.build("timestamp", dialect="duckdb")
            column.replace(local)
    for division in list(tree.find_all(exp.Div)):
        if division.args.get("typed") and division.is_type(*exp.DataType.INTEGER_TYPES):
            _divide_whole(division)
    return tree


def is_local(node: exp.Expr) -> bool:
    """Tell whether an expression hangs on the session's zone."""
    return any(call.this == _LOCAL for call in node.find_all(exp.Anonymous))


def _divide_whole(division: exp.Div) -> None:
    """Cut what is behind the point, as both sides are whole."""
    plain = division.copy()
    plain.set("typed", False)
    cut = exp.func("TRUNC", plain, dialect="duckdb")
    cut.type = exp.DataType.build("double")
    division.replace(cut)
