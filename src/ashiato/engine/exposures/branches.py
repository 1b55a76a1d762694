"""Expressions that choose (CASE, COALESCE, NULLIF, GREATEST): only the part that was taken is copied.

Each part's columns are held by a facet of their table: the rows in which the choice fell on that part. A
piece of a text (``substr``, ``left``) is such a choice too: it may lie where the text has nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from ashiato.engine.exposures.calls import is_shipped
from ashiato.engine.exposures.expressions import COPYING, is_copying

Guard = exp.Expr | None
#: Of a value that is told something of, but not the value.
_HINTED = exp.Var(this="hinted")
#: What a choice may be made of and still be repeated as it was made: plain values and comparisons, and
#: functions but those that know the hour, roll dice, look at other rows or are the site's own.
_REPEATABLE = (
    exp.Column, exp.Identifier, exp.Literal, exp.Null, exp.Boolean, exp.Connector, exp.Not, exp.Paren,
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.In, exp.Between, exp.Like, exp.ILike,
    exp.NullSafeEQ, exp.NullSafeNEQ, exp.Add, exp.Sub, exp.Mul, exp.DataType, exp.DPipe, exp.Neg,
    exp.DataTypeParam, exp.Tuple, exp.If, exp.Func,
)  # fmt: skip
#: What is left of a text, where it may be nothing.
_PIECES = (exp.Substring, exp.Left, exp.Right, exp.Trim, exp.Replace, exp.SplitPart)
#: By these arguments of theirs an engine counts in a way of its own where they are below one.
_PLACES = ("start", "part_index")
_CONSTANT = (exp.Literal, exp.Chr, exp.DPipe, exp.Paren)
_FLEETING = (
    exp.AggFunc, exp.Anonymous, exp.CurrentDate, exp.CurrentDatetime, exp.CurrentSchema, exp.CurrentTime,
    exp.CurrentTimestamp, exp.CurrentUser, exp.Rand, exp.Randn, exp.RegexpExtract, exp.RegexpILike,
    exp.RegexpLike, exp.RegexpReplace, exp.Uuid,
)  # fmt: skip


def is_repeatable(guard: exp.Expr) -> bool:
    """Tell whether a choice can be made again for each row."""
    return all(isinstance(node, _REPEATABLE) and not isinstance(node, _FLEETING) for node in guard.walk())


def carried_columns(
    value: exp.Expr, *, grouped: bool, when: Guard = None
) -> Iterator[tuple[exp.Column, Guard]]:
    """Yield the columns whose value an output expression carries, each with when it does.

    What only decides (a comparison, a CASE condition) is not carried; nor is the argument of an
    aggregate that condenses, or what a window is cut and sorted by.
    """
    if isinstance(value, exp.Predicate | exp.Subquery | exp.Select) and not isinstance(value, exp.Case):
        return
    if isinstance(value, exp.Window) or (isinstance(value, exp.AggFunc) and not isinstance(value, COPYING)):
        return
    if isinstance(value, exp.Column):
        if not grouped:
            yield value, when
        return
    for part, guard in _parts_of(value):
        both = guard if when is None else when if guard is None else exp.and_(when, guard.copy())
        yield from carried_columns(part, grouped=grouped and not is_copying(value), when=both)


def _parts_of(value: exp.Expr) -> list[tuple[exp.Expr, Guard]]:
    if isinstance(value, (exp.Case, exp.If)):
        return _parts_of_case(value)
    if isinstance(value, exp.Coalesce):
        parts = [value.this, *value.expressions]
        tests = [exp.If(this=_is_there(part), true=_mark(i)) for i, part in enumerate(parts[:-1])]
        return _chosen(parts, exp.Case(ifs=tests, default=_mark(len(tests)))) if tests else [(parts[0], None)]
    if isinstance(value, exp.Nullif):
        same = exp.EQ(this=value.this.copy(), expression=value.expression.copy())
        chooser = exp.Case(ifs=[exp.If(this=same, true=_mark(1))], default=_mark(0))
        return [(value.this, _falls_on(chooser, 0))]
    if isinstance(value, (exp.Greatest, exp.Least)):
        parts = [value.this, *value.expressions]
        return [(part, exp.EQ(this=part.copy(), expression=value.copy())) for part in parts]
    if isinstance(value, _PIECES):
        return _parts_of_piece(value)
    # A chain of || is one whole, or its tests would nest as deep as the intruder made it long.
    parts = list(value.flatten()) if isinstance(value, exp.DPipe) else list(value.iter_expressions())
    return [(part, _whole_guard(value)) for part in parts]


def _whole_guard(value: exp.Expr) -> Guard:
    """Return when a value that is made of all its parts carries them."""
    if isinstance(value, exp.Length) or _is_unknown(value):
        return _HINTED
    if isinstance(value, exp.DPipe) and len(list(value.find_all(exp.Column))) > 1:
        return _all_there(value)
    return None


def _is_unknown(value: exp.Expr) -> bool:
    """Tell whether nobody knows what a function makes of its values: of its name no server has one."""
    call = value.expression if isinstance(value, exp.Dot) else value
    return isinstance(call, exp.Anonymous) and not is_shipped(call)


def _parts_of_piece(value: exp.Expr) -> list[tuple[exp.Expr, Guard]]:
    """Return the text a piece was cut from: carried where something is left, told something of anyhow.

    A piece of several values carries all of them only where nothing was cut.
    """
    piece, whole = _length_of(value), _length_of(value.this)
    several = len(list(value.this.find_all(exp.Column))) > 1
    left = exp.EQ(this=piece, expression=whole) if several else exp.GT(this=piece, expression=_mark(0))
    counted = [value.args.get(name) for name in _PLACES]
    if isinstance(value, (exp.Left, exp.Right)):
        counted.append(value.expression)
    plain = [exp.GTE(this=place.copy(), expression=_mark(1)) for place in counted if place is not None]
    told = [part for part in value.iter_expressions() if part is not value.this]
    return [(value.this, exp.and_(left, *plain)), *((part, _HINTED) for part in (value.this, *told))]


def _length_of(value: exp.Expr) -> exp.Expr:
    return exp.Length(this=exp.cast(value.copy(), "VARCHAR"))


def _all_there(chain: exp.Expr) -> Guard:
    """Return when a chain of || is there: when each of its parts is, which is cheaper to ask."""
    doubtful = [_is_there(part) for part in chain.flatten() if not _is_surely_there(part)]
    return exp.and_(*doubtful) if doubtful else None


def _is_surely_there(part: exp.Expr) -> bool:
    if isinstance(part, exp.Coalesce):
        return _is_surely_there([part.this, *part.expressions][-1])
    return all(isinstance(node, _CONSTANT) for node in part.walk())


def _parts_of_case(value: exp.Expr) -> list[tuple[exp.Expr, Guard]]:
    """Number the results of a CASE, so that the CASE itself tells which was taken."""
    ifs = value.args["ifs"] if isinstance(value, exp.Case) else [value]
    parts = [branch.args["true"] for branch in ifs]
    tests = [exp.If(this=branch.this.copy(), true=_mark(i)) for i, branch in enumerate(ifs)]
    default = value.args.get("default") or value.args.get("false")
    chooser = exp.Case(
        this=value.this.copy() if isinstance(value, exp.Case) and value.this else None,
        ifs=tests,
        default=_mark(len(parts)),
    )
    return _chosen([*parts, default] if default is not None else parts, chooser)


def _chosen(parts: list[exp.Expr], chooser: exp.Case) -> list[tuple[exp.Expr, Guard]]:
    return [(part, _falls_on(chooser, number)) for number, part in enumerate(parts)]


def _falls_on(chooser: exp.Case, number: int) -> exp.Expr:
    return exp.EQ(this=chooser.copy(), expression=_mark(number))


def _mark(number: int) -> exp.Expr:
    return exp.Literal.number(number)


def _is_there(part: exp.Expr) -> exp.Expr:
    return exp.Not(this=exp.Is(this=exp.Paren(this=part.copy()), expression=exp.null()))
