"""The grounds of a draft, numbered in the order they are first needed."""

from __future__ import annotations

from collections.abc import Iterable

from ashiato.letters.document import Document, Ground, Line


class GroundNumbers:
    """Each ground once, with the number its sentences carry."""

    def __init__(self, document: Document) -> None:
        """Number the grounds of all lines."""
        held = dict.fromkeys(ground for line in document.lines() for ground in line.grounds)
        self._numbers = {ground: number for number, ground in enumerate(held, start=1)}

    def marks(self, line: Line) -> str:
        """Return what stands behind a sentence: ``[1][4]``, nothing where it rests on nothing."""
        return "".join(f"[{self._numbers[ground]}]" for ground in line.grounds)

    def all(self) -> Iterable[tuple[Ground, int]]:
        """Return every ground with its number, in order."""
        return self._numbers.items()
