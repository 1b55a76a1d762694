"""The two ways in which one comparison may be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp


@dataclass(frozen=True)
class Ways:
    """``could``: wherever it may have held; ``surely``: where it did for certain."""

    could: exp.Expr
    surely: exp.Expr

    def __getitem__(self, way: str) -> exp.Expr:
        """Return one of them, as the caller's own."""
        held: exp.Expr = getattr(self, way)
        return held.copy()

    def negated(self) -> Ways:
        """Return the two ways of the opposite."""
        return Ways(*(exp.Not(this=exp.paren(each)) for each in (self.surely, self.could)))

    def unless(self, doubt: exp.Expr) -> Ways:
        """Return the two ways where nobody knows what came of it if this holds."""
        known = exp.not_(exp.paren(doubt.copy()))
        return Ways(exp.paren(exp.or_(self.could, doubt)), exp.paren(exp.and_(self.surely, known)))

    @classmethod
    def settled(cls, node: exp.Expr) -> Ways:
        """Return a comparison that has one reading."""
        return cls(node, node)

    @classmethod
    def of(cls, say: Callable[[str], exp.Expr]) -> Ways:
        """Return what is said of each way."""
        return cls(say("could"), say("surely"))
