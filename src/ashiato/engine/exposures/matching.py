"""Patterns as other engines match them: LIKE with its escapes and folding, regular expressions."""

from __future__ import annotations

from sqlglot import exp

from ashiato.engine.exposures.collations import MYSQL_LIKE, formed
from ashiato.engine.exposures.sameness import TextRules, is_plain, key_of
from ashiato.engine.exposures.ways import Ways

#: Engines in whose LIKE a backslash takes the meaning from what follows.
_ESCAPING = MYSQL_LIKE | {"postgresql"}
_BACKSLASH = "\\"
#: Characters of which nobody's folding but the engine's own is known, letter by letter.
_EXOTIC = (
    r"[^ -~\x{C0}-\x{CF}\x{D1}-\x{D6}\x{D9}-\x{DD}\x{E0}-\x{EF}\x{F1}-\x{F6}\x{F9}-\x{FD}\x{3000}-\x{3002}"
    r"\x{3005}\x{3041}-\x{3096}\x{309D}\x{309E}\x{30A1}-\x{30FE}\x{4E00}-\x{9FA5}\x{FF01}-\x{FF9F}"
    r"\x{1F000}-\x{1FAFF}\x{20000}-\x{3FFFF}]"
)
_CLASSES = r"\\[a-zA-Z]|\[:"
_NOT_ASCII = "[^ -~]"
_TAIL = "e"


class Matching:
    """What patterns match under one system's rules."""

    def __init__(self, rules: TextRules) -> None:
        """``rules``: the system's engine and collations."""
        self._rules = rules

    def ways(self, node: exp.Expr) -> Ways | None:
        """Return what a pattern comes to, NOT LIKE as LIKE; None: what it says."""
        escape = node.expression.this if isinstance(node, exp.Escape) else None
        inner = node.this if isinstance(node, exp.Escape) else node
        if isinstance(inner, exp.Like) and isinstance(inner.expression, (exp.Any, exp.All)):
            return Ways(exp.true(), exp.false())
        if isinstance(inner, (exp.Like, exp.ILike)):
            told = self._like if isinstance(inner, exp.Like) else self._ilike
            return told(inner.this, inner.expression, escape)
        if isinstance(inner, exp.SimilarTo):
            return self._regex(inner.this, inner.expression, "similar", blind=False)
        return self._expression(inner) if isinstance(inner, (exp.RegexpLike, exp.RegexpILike)) else None

    def _expression(self, node: exp.Expr) -> Ways:
        """Say a regular expression; where nobody says whether capitals count, both ways have to hold."""
        always = isinstance(node, exp.RegexpILike)
        blind = always or self._is_blind(node)
        ways = self._regex(node.this, node.expression, "regex", blind=blind)
        if always or not blind or self._rules.sameness(node.this).surely != "bytes":
            return ways
        exact = self._regex(node.this, node.expression, "regex", blind=False)
        return Ways(ways.could, exp.paren(exp.and_(ways.surely, exact.surely)))

    def _is_blind(self, node: exp.Expr) -> bool:
        mysql = self._rules.engine in MYSQL_LIKE
        return mysql and self._rules.sameness(node.this, node.expression).key not in ("bytes", "padded")

    def _plainly(self, text: exp.Expr, pattern: exp.Expr, escape: str | None) -> exp.Expr:
        """Say LIKE with the escape that the engine takes when none is named.

        A letter behind both keeps a last backslash from being the pattern's last character.
        """
        if escape is None and self._rules.engine not in _ESCAPING:
            return exp.Like(this=text.copy(), expression=pattern.copy())
        if escape == "":
            return exp.Like(this=text.copy(), expression=pattern.copy())
        ended = [
            exp.DPipe(this=exp.cast(side.copy(), "VARCHAR"), expression=exp.Literal.string(_TAIL))
            for side in (text, pattern)
        ]
        like = exp.Like(this=exp.paren(ended[0]), expression=exp.paren(ended[1]))
        return exp.Escape(this=like, expression=exp.Literal.string(escape or _BACKSLASH))

    def _like(self, text: exp.Expr, pattern: exp.Expr, escape: str | None) -> Ways | None:
        def by(form: str) -> exp.Expr:
            return self._plainly(_formed(text, form), _formed(pattern, form), escape)

        if self._rules.engine == "sqlite":
            return Ways.settled(by("nocase"))
        same = self._rules.sameness(text, pattern)
        if same.key in ("bytes", "padded"):
            return Ways.settled(self._plainly(text, pattern, escape))
        if same.key in ("nocase", "small", "uuid"):
            return Ways(by("small"), by("nocase"))
        plain = exp.and_(is_plain(text), is_plain(pattern))
        if same.key == "general":
            could = exp.paren(exp.or_(by("letters"), is_exotic(text), is_exotic(pattern)))
            return Ways(could, exp.paren(exp.and_(by("letters"), plain)))
        surely = self._plainly(text, pattern, escape)
        if same.surely == "plain":
            surely = exp.or_(surely, exp.and_(by("nocase"), plain))
        could = exp.paren(exp.or_(by("folded"), is_exotic(text), is_exotic(pattern)))
        return Ways(could, exp.paren(surely))

    def _ilike(self, text: exp.Expr, pattern: exp.Expr, escape: str | None) -> Ways:
        """Which letters have a small form hangs on the locale; those of English have everywhere."""
        could, surely = (
            self._plainly(_formed(text, form), _formed(pattern, form), escape) for form in ("small", "nocase")
        )
        return Ways(could, surely)

    def _regex(self, text: exp.Expr, pattern: exp.Expr, form: str, *, blind: bool) -> Ways:
        ready = formed(exp.cast(pattern.copy(), "VARCHAR"), form)
        options = exp.Literal.string("is" if blind else "s")
        held = exp.Anonymous(
            this="regexp_matches", expressions=[exp.cast(text.copy(), "VARCHAR"), ready, options]
        )
        doubts: list[exp.Expr] = [exp.Is(this=ready.copy(), expression=exp.null())]
        doubts.append(exp.and_(has(pattern, _CLASSES), has(text, _NOT_ASCII)))
        if blind or self._rules.engine in MYSQL_LIKE:
            doubts.append(exp.not_(is_plain(text)))
        loose = exp.or_(*doubts)
        both = exp.and_(_is_there(text), _is_there(pattern), loose)
        could = exp.paren(exp.or_(held, both))
        surely = exp.paren(exp.and_(held.copy(), exp.not_(exp.paren(loose.copy()))))
        return Ways(could, surely)


def _formed(text: exp.Expr, form: str) -> exp.Expr:
    if form == "nocase":
        return key_of(text, form)
    if form == "small":
        return exp.Lower(this=exp.cast(text.copy(), "VARCHAR"))
    return formed(exp.cast(text.copy(), "VARCHAR"), form)


def has(text: exp.Expr, pattern: str) -> exp.Expr:
    """Return as SQL whether a text holds what a regular expression of ours says."""
    held = exp.cast(text.copy(), "VARCHAR")
    return exp.Anonymous(this="regexp_matches", expressions=[held, exp.Literal.string(pattern)])


def is_exotic(text: exp.Expr) -> exp.Expr:
    """Return as SQL whether a text holds letters whose folding is only the engine's own."""
    return has(text, _EXOTIC)


def _is_there(text: exp.Expr) -> exp.Expr:
    return exp.Not(this=exp.Is(this=text.copy(), expression=exp.null()))
