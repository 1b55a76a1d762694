"""Stretches of time, or of bytes: first and past the last, apart from each other and in order."""

from __future__ import annotations

from collections.abc import Iterable

Stretches = tuple[tuple[int, int], ...]


def joined(stretches: Iterable[tuple[int, int]]) -> Stretches:
    """Return stretches put together where they touch, in order."""
    made: list[tuple[int, int]] = []
    for first, last in sorted(stretches):
        if made and first <= made[-1][1]:
            made[-1] = (made[-1][0], max(made[-1][1], last))
        elif first < last:
            made.append((first, last))
    return tuple(made)
