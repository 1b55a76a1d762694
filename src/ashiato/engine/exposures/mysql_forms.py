"""MySQL's and MariaDB's statements as trees, in forms that mean the same to the engine that replays them.

Names of columns are equal whatever their case. A number and a text are compared as numbers, the text by the
digits it begins with. What is written in hexadecimal is text. A column that is neither grouped by nor
condensed shows the value of one row of its group.
"""

from __future__ import annotations

from sqlglot import exp

from ashiato.engine.exposures.expressions import has_aggregate, own_aggregates
from ashiato.engine.exposures.state import State

_COMPARED = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ)
_NUMBERS = exp.DataType.NUMERIC_TYPES
_TEXTS = exp.DataType.TEXT_TYPES
_DIGITS = r"^\s*([-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?)"
_HEX = "hex"
#: Aggregates whose text the server cuts at ``group_concat_max_len``, which no log says.
_CUT = (exp.GroupConcat, exp.JSONArrayAgg, exp.JSONObjectAgg)
_CUT_NAMES = frozenset({"json_arrayagg", "json_objectagg"})


def tables_as_kept(query: exp.Query, state: State) -> None:
    """Write tables' names in the case in which the snapshot has them."""
    kept = {name.lower(): name for name in state.tables}
    for table in query.find_all(exp.Table):
        name = table.this
        if isinstance(name, exp.Identifier) and name.name not in state.tables:
            name.set("this", kept.get(name.name.lower(), name.name))


def write_hex_out(query: exp.Query) -> None:
    """Write text in hexadecimal as the text it is, or as a number where it is reckoned with."""
    for node in list(query.find_all(exp.HexString)):
        digits = str(node.this)
        held = bytes.fromhex(digits.zfill(len(digits) + len(digits) % 2)).decode("utf-8", "replace")
        reckoned = isinstance(node.parent, (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod))
        made = exp.Literal.number(int(digits or "0", 16)) if reckoned else exp.Literal.string(held)
        made.meta[_HEX] = int(digits or "0", 16)
        node.replace(made)


def show_one_of_each(query: exp.Query) -> None:
    """Let a column that is neither grouped by nor condensed show all it may have shown."""
    for select in query.find_all(exp.Select):
        group = select.args.get("group")
        if group is None and not has_aggregate(select):
            continue
        keys = {key.sql() for key in group.expressions} if group else set()
        within = {id(part) for node in own_aggregates(select) for part in node.walk()}
        for projection in list(select.expressions):
            for column in list(projection.find_all(exp.Column)):
                own = column.parent_select is select and id(column) not in within
                if own and column.sql() not in keys and projection.unalias().sql() not in keys:
                    made: exp.Expr = exp.ArrayAgg(this=column.copy())
                    if column is projection:
                        made = exp.alias_(made, column.name, quoted=True)
                    column.replace(made)


def may_be_cut(query: exp.Query) -> bool:
    """Tell whether a statement puts rows into one text, which may have been cut short."""
    named = (str(node.this).lower() for node in query.find_all(exp.Anonymous))
    return query.find(*_CUT) is not None or any(name in _CUT_NAMES for name in named)


def compare_as_numbers(query: exp.Query) -> None:
    """Compare text with numbers by the digits it begins with; types must have been found before."""
    for node in list(query.find_all(*_COMPARED)):
        if _is(node.left, _NUMBERS) and _is(node.right, _TEXTS):
            node.set("expression", number_of(node.right))
        elif _is(node.left, _TEXTS) and _is(node.right, _NUMBERS):
            node.set("this", number_of(node.left))
    for chosen in query.find_all(exp.In):
        if _is(chosen.this, _NUMBERS):
            chosen.set("expressions", [number_of(e) if _is(e, _TEXTS) else e for e in chosen.expressions])
    for between in query.find_all(exp.Between):
        for end in ("low", "high"):
            if _is(between.this, _NUMBERS) and _is(between.args[end], _TEXTS):
                between.set(end, number_of(between.args[end]))


def _is(value: exp.Expr | None, kinds: frozenset[exp.DType] | set[exp.DType]) -> bool:
    return value is not None and value.type is not None and value.type.this in kinds


def number_of(text: exp.Expr) -> exp.Expr:
    """Return the number that a text begins with, as MySQL reads it; 0 where it begins with none."""
    if _HEX in text.meta:
        return exp.Literal.number(text.meta[_HEX])
    digits = exp.RegexpExtract(
        this=text.copy(), expression=exp.Literal.string(_DIGITS), group=exp.Literal.number(1)
    )
    number = exp.TryCast(this=digits, to=exp.DataType.build("DOUBLE"))
    # Not asked whether it is NULL: that would read as the statement's own question.
    nothing = exp.Mul(this=exp.Literal.number(0), expression=exp.Length(this=text.copy()))
    made = exp.Coalesce(this=number, expressions=[nothing])
    made.type = exp.DataType.build("DOUBLE")
    return made
