"""A statement's own time: functions that know the hour read it from the log, not from our clock."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from ashiato.engine.exposures.sameness import TextRules

#: What stands for the statement's own time until its parameters are put in: ``own_moment(zone, shift)``.
OWN_MOMENT, OWN_DAY = "own_moment", "own_day"
_MOMENTS = (exp.CurrentTimestamp, exp.Localtimestamp, exp.CurrentDatetime, exp.UtcTimestamp)
_NAMED_MOMENTS = frozenset({
    "now", "statement_timestamp", "transaction_timestamp", "sysdate", "getdate", "sysdatetime",
    "current_timestamp", "localtimestamp", "localtime", "utc_timestamp",
})  # fmt: skip
_NAMED_DAYS = frozenset({"curdate", "current_date", "today"})
_UTC = "UTC"


def at_own_time(tree: exp.Query, rules: TextRules) -> exp.Query:
    """Put marks in place of what asks for the hour; a typed tree, changed."""
    for node in list(tree.walk()):
        name = str(node.this).lower() if isinstance(node, exp.Anonymous) else ""
        if isinstance(node, exp.CurrentDate) or name in _NAMED_DAYS:
            node.replace(_mark(OWN_DAY, rules.zone, "date"))
        elif isinstance(node, _MOMENTS) or name in _NAMED_MOMENTS:
            by_utc = isinstance(node, exp.UtcTimestamp) or name == "utc_timestamp"
            plain = isinstance(node, (exp.Localtimestamp, exp.CurrentDatetime))
            aware = rules.engine == "postgresql" and not plain
            zone = "" if aware else _UTC if by_utc else rules.zone
            node.replace(_mark(OWN_MOMENT, zone, "timestamptz" if aware else "timestamp"))
    return tree


def _mark(name: str, zone: str, kind: str) -> exp.Anonymous:
    made = exp.Anonymous(this=name, expressions=[exp.Literal.string(zone), exp.Literal.number(0)])
    made.type = exp.DataType.build(kind, dialect="duckdb")
    return made


def is_clock(node: exp.Expr) -> bool:
    """Tell whether an expression asks for the statement's own time."""
    return any(mark.this in (OWN_MOMENT, OWN_DAY) for mark in node.find_all(exp.Anonymous))


def shifted(node: exp.Expr, by_us: Mapping[str, int]) -> exp.Expr:
    """Return a copy in which the clocks went by so much."""
    copied = node.copy()
    for mark in copied.find_all(exp.Anonymous):
        if mark.this in by_us:
            mark.set("expressions", [mark.expressions[0], exp.Literal.number(str(by_us[str(mark.this)]))])
    return copied


def put_own_time(node: exp.Expr) -> exp.Expr:
    """Return what a mark stands for, out of the table of parameters; other nodes as they are."""
    if not isinstance(node, exp.Anonymous) or node.this not in (OWN_MOMENT, OWN_DAY):
        return node
    zone, shift = node.expressions
    then = exp.Add(this=exp.column("_time_us", table="_p"), expression=shift.copy())
    made: exp.Expr = exp.Anonymous(this="make_timestamptz", expressions=[then])
    if zone.name:
        made = exp.Anonymous(this="timezone", expressions=[zone.copy(), made])
    return exp.TryCast(this=made, to=exp.DataType.build("DATE")) if node.this == OWN_DAY else made
