"""Finds what a payload asks: which character, length or number of which value, against what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from ashiato.engine.exposures.transcripts.contexts import OUTER_COLUMN, list_trees
from ashiato.engine.exposures.transcripts.evaluating import Condition, value_of
from ashiato.engine.exposures.transcripts.lifting import Value, mark_number, split_marks
from ashiato.engine.exposures.transcripts.values import UnknownError

_PREDICATES = (
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.Between, exp.In, exp.Like,
    exp.ILike, exp.RegexpLike, exp.RegexpILike, exp.SimilarTo, exp.Glob, exp.Is,
)  # fmt: skip
_EDGES = (exp.And, exp.Or, exp.Xor, exp.Not, exp.Where, exp.Having, exp.If, exp.Case, exp.Order, exp.Tuple)
_CUTS = frozenset({"SUBSTRING", "SUBSTR", "MID", "SUBSTRC", "SUBSTRB", "LEFT"})
_CODES = frozenset({"ASCII", "ORD", "UNICODE"})
#: Functions that tell how long a text is.
SIZES = frozenset({"LENGTH", "LEN", "CHAR_LENGTH", "CHARACTER_LENGTH", "OCTET_LENGTH"})
_HEXES = frozenset({"HEX", "TO_HEX", "RAWTOHEX"})
_SYSTEM = (exp.CurrentUser, exp.CurrentSchema, exp.SessionParameter, exp.Parameter)


@dataclass(frozen=True)
class Question:
    """What payloads of one shape ask.

    ``kind``: ``character`` (one, at ``position``), ``length``, ``number`` (the value as a whole against
    numbers) or ``text`` (the value, or as much of it as the literal has, against text). ``base`` is the value
    asked about, ``scope`` the query whose row it is of, ``siblings`` what else must hold of that row.
    """

    kind: str
    dialect: str
    atom: exp.Expr
    unknown: exp.Expr
    base: exp.Expr
    scope: exp.Select
    siblings: tuple[exp.Expr, ...]
    position: exp.Expr | None
    carrier: str
    hexed: bool = False
    size: exp.Expr | None = None

    def is_piece(self, literals: tuple[Value, ...]) -> bool:
        """Tell whether more than one character is compared at once, as text."""
        if self.kind == "text":
            return True
        return self.size is not None and value_of(self.size, literals, self.dialect) != 1

    def condition(self, literals: tuple[Value, ...]) -> Condition:
        """Return the condition with these literals."""
        return Condition(self.atom, self.unknown, literals, self.dialect)

    def place(self, literals: tuple[Value, ...]) -> int:
        """Return which character is asked about; 1 is the first."""
        if self.position is None:
            return 1
        told = value_of(self.position, literals, self.dialect)
        if not isinstance(told, int) or not 0 < told <= _FURTHEST:
            raise UnknownError("position")
        return told


_FURTHEST = 1_000_000
_BEST = ("character", "length", "text", "number")


def find_question(shape: str, literals: tuple[Value, ...]) -> Question | None:
    """Return what payloads of this shape ask, or None; ``literals`` are one payload's, to try it on."""
    for dialect, tree in list_trees(shape):
        if _reads_a_text(tree):
            continue
        found = [
            q for leaf in _leaves(tree) if (q := _ask(leaf, tree, dialect)) and _is_understood(q, literals)
        ]
        if found:
            return min(found, key=lambda q: _BEST.index(q.kind))
    return None


def _reads_a_text(tree: exp.Expr) -> bool:
    """Tell whether a text stands where a table does: then it is a name in double quotes, and no text."""
    return any(mark_number(table.name) is not None for table in tree.find_all(exp.Table))


def _is_understood(question: Question, literals: tuple[Value, ...]) -> bool:
    if question.kind == "text":
        return True
    try:
        question.place(literals)
        question.condition(literals).of(5 if question.kind != "character" else "a")
    except (UnknownError, RecursionError, ValueError, TypeError, ArithmeticError):
        return False
    return True


def _leaves(tree: exp.Expr) -> Iterator[exp.Expr]:
    """Yield what could be the value asked about: columns, counts, and what the server says of itself."""
    for node in tree.walk():
        if (
            (isinstance(node, exp.Column) and node.name != OUTER_COLUMN)
            or isinstance(node, (exp.Count, *_SYSTEM))
            or (isinstance(node, exp.Func) and _has_no_argument(node))
        ):
            yield node


def _has_no_argument(node: exp.Expr) -> bool:
    return not any(isinstance(child, exp.Expr) for child in node.iter_expressions())


def _ask(leaf: exp.Expr, tree: exp.Expr, dialect: str) -> Question | None:
    climb = _Climb(leaf)
    climb.run()
    if climb.atom is None or climb.unknown is None or climb.base is None:
        return None
    scope = leaf.find_ancestor(exp.Select)
    if scope is None:
        return None
    inner = next((n for n in climb.base.walk() if isinstance(n, exp.Select)), None)
    siblings = () if inner is not None else tuple(_siblings(climb.atom, scope))
    return Question(
        climb.kind, dialect, climb.atom, climb.unknown, climb.base, inner or scope, siblings, climb.position,
        _carrier_of(tree, climb.atom, dialect), climb.hexed, climb.size,
    )  # fmt: skip


class _Climb:
    """Goes up from a value to the condition that asks about it."""

    def __init__(self, leaf: exp.Expr) -> None:
        self.leaf = leaf
        self.kind = ""
        self.base: exp.Expr | None = None
        self.unknown: exp.Expr | None = None
        self.atom: exp.Expr | None = None
        self.position: exp.Expr | None = None
        self.size: exp.Expr | None = None
        self.hexed = False

    def run(self) -> None:
        node = self.leaf
        while node.parent is not None and not isinstance(node.parent, _EDGES):
            parent = node.parent
            if isinstance(node, exp.Select) and not isinstance(parent, exp.Subquery):
                return
            if isinstance(parent, exp.Select) and node.arg_key != "expressions":
                return
            if isinstance(parent, (exp.From, exp.Join, exp.Group, exp.Limit, exp.Offset)):
                return
            # The length of a value may itself be read as text, character by character.
            if self.unknown is None or self.kind == "length":
                self._meet(node, parent)
            if isinstance(parent, _PREDICATES):
                self.atom = parent
                if self.unknown is None:
                    self._whole(node, parent)
            node = parent
        if self.atom is None and self.kind in {"character", "length"}:
            self.atom = node

    def _meet(self, node: exp.Expr, parent: exp.Expr) -> None:
        name = name_of(parent)
        if node.arg_key not in {"this", "expressions"} or (
            node.arg_key == "expressions" and node.index not in {0, None}
        ):
            return
        if name in _CUTS:
            self.kind, self.base, self.unknown = "character", node, parent
            self.hexed = any(name_of(inside) in _HEXES for inside in _down(node))
            self._meet_cut(parent, name, _arguments(parent))
        elif name in SIZES:
            self.kind, self.base, self.unknown = "length", node, parent
        elif name in _CODES:
            self.kind, self.base, self.unknown = "character", node, node

    def _meet_cut(self, cut: exp.Expr, name: str, arguments: list[exp.Expr]) -> None:
        """Of several characters one is asked for only where the last is taken, or the code of the first."""
        parent = cut.parent
        coded = parent is not None and name_of(parent) in _CODES
        self.position = arguments[1] if len(arguments) > 1 else None
        if name == "LEFT" and parent is not None and name_of(parent) == "RIGHT":
            self.unknown = parent
        elif name == "LEFT":
            self.kind, self.position = ("character" if coded else "text"), None
        elif not coded:
            self.size = arguments[2] if len(arguments) > 2 else None
            self.kind = "character" if self.size is not None else "text"

    def _whole(self, node: exp.Expr, parent: exp.Expr) -> None:
        if node.arg_key not in {"this", "expression"}:
            return
        alike = isinstance(parent, (exp.Like, exp.ILike, exp.RegexpLike, exp.Glob))
        # A column that equals something says which row is meant; it is no question.
        if not alike and node.find(exp.Select) is None and node.find(exp.Column) is not None:
            return
        if not isinstance(_unwrapped(node), (exp.Subquery, exp.Select, exp.Column, exp.Func)):
            return
        other = parent.expression if node.arg_key == "this" else parent.this
        textual = alike or (isinstance(other, exp.Literal) and other.args.get("is_string"))
        self.kind, self.base, self.unknown = "text" if textual else "number", node, node


def name_of(node: exp.Expr) -> str:
    """Return a call's name in capitals, '' for what is no call."""
    if isinstance(node, exp.Anonymous):
        return str(node.this).upper()
    return node.sql_names()[0] if isinstance(node, exp.Func) and not isinstance(node, exp.Cast) else ""


def _arguments(call: exp.Expr) -> list[exp.Expr]:
    if isinstance(call, exp.Anonymous):
        return list(call.expressions)
    return [v for name in call.arg_types if isinstance(v := call.args.get(name), exp.Expr)]


def _down(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield a value's wrappers from outside to inside."""
    while isinstance(node, exp.Expr):
        yield node
        if isinstance(node, exp.Select):
            node = node.expressions[0] if node.expressions else None  # type: ignore[assignment]
        else:
            below = node.args.get("this")
            node = below if isinstance(below, exp.Expr) else next(iter(node.expressions), None)  # type: ignore[assignment]


def _unwrapped(node: exp.Expr) -> exp.Expr:
    while isinstance(node, (exp.Paren, exp.Cast)):
        node = node.this
    return node


def _siblings(atom: exp.Expr, scope: exp.Select) -> Iterator[exp.Expr]:
    """Yield what else must hold of the row: conditions beside the question and those of its query."""
    node = atom
    if holds(atom, scope):
        node = scope.expressions[0]
    while node.parent is not None and node.parent is not scope:
        node = node.parent
        if isinstance(node, exp.And):
            yield from (side for side in (node.this, node.expression) if not holds(side, atom))
    where = scope.args.get("where")
    if where is not None and not holds(where, atom):
        yield from where.this.flatten() if isinstance(where.this, exp.And) else (where.this,)


def holds(tree: exp.Expr, node: exp.Expr) -> bool:
    """Tell whether a node, this very one, stands in a tree."""
    return any(inside is node for inside in tree.walk())


def _carrier_of(tree: exp.Expr, atom: exp.Expr, dialect: str) -> str:
    """Return the payload's SQL around the question; equal for payloads whose answers look alike."""
    path: list[tuple[str, int | None]] = []
    node = atom
    while node is not tree and node.parent is not None:
        path.append((str(node.arg_key), node.index))
        node = node.parent
    copied = tree.copy()
    here: exp.Expr = copied
    for key, index in reversed(path):
        held = here.args[key]
        here = held if index is None else held[index]
    here.replace(exp.Placeholder())
    pieces = split_marks(copied.sql(dialect=dialect, normalize=True))
    return "".join(piece if isinstance(piece, str) else "?" for piece in pieces)


__all__ = ["SIZES", "Question", "find_question", "holds", "name_of"]
