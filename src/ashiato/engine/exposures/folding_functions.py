"""Functions whose answers hang on what the site's engine holds alike, or on how it writes a text as bytes.

Places, patterns, the greatest of some; lengths in bytes. Ours answers by UTF-8. Where theirs may have
answered otherwise, nobody knows what is made of the answer.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from ashiato.engine.exposures.collations import MYSQL_LIKE, formed
from ashiato.engine.exposures.expressions import is_text
from ashiato.engine.exposures.matching import has, is_exotic
from ashiato.engine.exposures.mysql_functions import is_by_bytes
from ashiato.engine.exposures.sameness import TextRules
from ashiato.engine.exposures.shapes import marker_of

_BY_PATTERN = (exp.RegexpInstr, exp.RegexpReplace, exp.RegexpExtract, exp.RegexpExtractAll)
_LETTERS = "[^ -@\\[-`{-~]"
_BEYOND_ASCII = r"[^\x00-\x7F]"


def doubt_of(node: exp.Expr, rules: TextRules) -> exp.Expr | None:
    """Return when functions inside a comparison may have answered otherwise there; None: never."""
    doubts = list(_doubts(node, rules))
    return exp.func("COALESCE", exp.or_(*doubts), exp.false()) if doubts else None


def _doubts(node: exp.Expr, rules: TextRules) -> Iterator[exp.Expr]:
    for found in node.find_all(exp.StrPosition, exp.Greatest, exp.Least, exp.Anonymous, *_BY_PATTERN):
        doubt = _doubt(found, rules)
        if doubt is not None:
            # What a subquery reads cannot be asked about from outside of it.
            yield exp.true() if _is_within_query(found, node) else doubt


def _doubt(found: exp.Expr, rules: TextRules) -> exp.Expr | None:
    if isinstance(found, exp.Anonymous):
        written = is_by_bytes(found) and not rules.writes_utf8(found)
        return has(found.expressions[0], _BEYOND_ASCII) if written else None
    if isinstance(found, exp.StrPosition):
        folded = rules.engine != "sqlite" and _folds(rules, found.this, found.args["substr"])
        return _elsewhere(found) if folded else None
    if isinstance(found, _BY_PATTERN):
        # A pattern of our own making is no value of the statement's.
        ours = isinstance(found.expression, exp.Literal) and marker_of(found.expression) is None
        folded = not ours and rules.engine in MYSQL_LIKE and _folds(rules, found.this)
        return has(found.expression, _LETTERS) if folded else None
    return exp.true() if _sorts(rules, [found.this, *found.expressions]) else None


def _is_within_query(found: exp.Expr, node: exp.Expr) -> bool:
    return any(found is part for query in node.find_all(exp.Query) for part in query.walk())


def _folds(rules: TextRules, *values: exp.Expr) -> bool:
    return rules.sameness(*values).key not in ("bytes", "padded")


def _sorts(rules: TextRules, values: list[exp.Expr]) -> bool:
    """Tell whether values are texts in an order that is not that of their bytes."""
    return all(map(is_text, values)) and not rules.order(*values).is_exact


def _elsewhere(found: exp.StrPosition) -> exp.Expr:
    """Return whether folding moves a place: theirs is then any, from the folded one to that of the bytes."""
    loose = found.copy()
    for part in ("this", "substr"):
        loose.set(part, formed(exp.cast(found.args[part].copy(), "VARCHAR"), "folded"))
    moved = exp.NullSafeNEQ(this=found.copy(), expression=loose)
    return exp.or_(moved, is_exotic(found.this), is_exotic(found.args["substr"]))
