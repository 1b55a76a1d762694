"""Markers in a shape's tree: which must be put back as text, and how the others become parameters."""

from __future__ import annotations

from sqlglot import exp

from ashiato.engine.exposures.shapes import Shaped, marker_of, parse_shape, restore_values

# Places in which SQL wants a constant of the statement itself, not a value.
_STRUCTURAL_PARENTS = (exp.Ordered, exp.Group, exp.DataTypeParam, exp.Interval, exp.Escape, exp.Tuple)


def structural_markers(shaped: Shaped, dialect: str) -> tuple[int, ...]:
    """Tell which values are part of a statement's structure: ordinals, type sizes, JSON paths, intervals."""
    tree = parse_shape(shaped.shape, dialect)
    found: set[int] = set()
    structural: set[int] = set()
    for literal in tree.find_all(exp.Literal):
        number = marker_of(literal)
        if number is None:
            continue
        found.add(number)
        if _is_structural(literal):
            structural.add(number)
    # A marker the parser took apart (a JSON path, say) is no longer a literal: put its text back.
    return tuple(sorted(structural | (set(range(len(shaped.values))) - found)))


def _is_structural(literal: exp.Expr) -> bool:
    parent = literal.parent
    if isinstance(parent, exp.Tuple):
        return isinstance(parent.parent, exp.Group)
    return isinstance(parent, _STRUCTURAL_PARENTS)


def restored_tree(shaped: Shaped, structural: tuple[int, ...], dialect: str) -> exp.Expr:
    """Parse a shape with its structural values put back; the tree is the caller's own."""
    return parse_shape(restore_values(shaped, structural), dialect).copy()
