"""MySQL's functions that count bytes or days otherwise than the engine that replays them.

Texts are counted as UTF-8; where a column may be written otherwise, ``folding_functions`` doubts it.
Sources: MySQL 8.4 manual, String Functions, Date and Time Functions, Cast Functions (read 2026-11-22); tried
on MariaDB 10.11.
"""

from __future__ import annotations

from sqlglot import exp

from ashiato.engine import text_forms
from ashiato.engine.exposures.collations import formed


def call_as_meant(query: exp.Query) -> None:
    """Say the functions of a query that mean something else here."""
    for call in list(query.find_all(exp.Length, exp.Ascii)):
        if isinstance(call, exp.Ascii) or call.args.get("binary"):
            call.set("binary", None)
            call.set("this", _by_bytes(call.this, "bytes"))
    for day in list(query.find_all(exp.DayOfWeek)):
        day.replace(exp.paren(exp.Add(this=day.copy(), expression=exp.Literal.number(1))))
    # The inner ones first: what an outer one holds is copied.
    for call in reversed(list(query.find_all(exp.Anonymous))):
        made = _said(str(call.this).lower(), call.expressions)
        if made is not None:
            call.replace(made)
    for cast in list(query.find_all(exp.Cast)):
        _cut(cast)


def _said(name: str, given: list[exp.Expr]) -> exp.Expr | None:
    if name == "mid" and len(given) in (2, 3):
        return exp.Substring(this=given[0], start=given[1], length=given[2] if given[2:] else None)
    return _said_of(name, given[0]) if len(given) == 1 else None


def _said_of(name: str, value: exp.Expr) -> exp.Expr | None:
    if name == "octet_length":
        return exp.Length(this=_by_bytes(value, "bytes"))
    if name == "ord":
        return exp.cast(_by_bytes(value, "code"), "BIGINT")
    if name == "weekday":
        day = exp.DayOfWeekIso(this=value.copy())
        return exp.paren(exp.Sub(this=day, expression=exp.Literal.number(1)))
    return None


def is_by_bytes(call: exp.Anonymous) -> bool:
    """Tell whether a call gives the bytes of a text, or their number."""
    return call.this == text_forms.NAME and call.expressions[1].name in ("bytes", "code")


def _by_bytes(text: exp.Expr, form: str) -> exp.Expr:
    return formed(exp.cast(text.copy(), "VARCHAR"), form)


def _cut(cast: exp.Cast) -> None:
    """Cut a text that is cast to one of so many characters."""
    sizes = cast.to.expressions
    if not cast.to.is_type(*exp.DataType.TEXT_TYPES) or len(sizes) != 1:
        return
    text = exp.cast(cast.this.copy(), "VARCHAR")
    cast.replace(exp.Substring(this=text, start=exp.Literal.number(1), length=sizes[0].this.copy()))
