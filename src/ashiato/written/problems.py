"""What is wrong with a file that was written by hand: where it stands and what to write instead."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from ashiato.terms.errors import Place

#: Where something stands inside the file: keys and list positions from the top.
Spot = tuple[str | int, ...]

_SHOWN = 40


class Level(StrEnum):
    """``error``: the file is refused. ``advice``: it is taken, and would answer more when mended."""

    ERROR = "error"
    ADVICE = "advice"


@dataclass(frozen=True)
class Problem:
    """One thing to mend: the place (line 1-based, None when the whole file is meant) and the remedy."""

    file: str
    line: int | None
    path: str
    what: str
    fix: str
    level: Level = Level.ERROR

    @property
    def where(self) -> Place:
        """The place as errors carry it."""
        return Place(self.file, self.line, self.path or None)

    def as_advice(self) -> Self:
        """Return the same as advice: the file is taken as it is."""
        return replace(self, level=Level.ADVICE)

    def __str__(self) -> str:
        """Render on one line: place, problem, remedy."""
        return f"{self.where}: {self.what} Fix: {self.fix}"


def refusal_of(problems: Sequence[Problem], subject: str) -> tuple[str, Place | None, str | None]:
    """Return what, where and fix of a refusal: the first problem in full, or all of them as a list."""
    first = problems[0]
    if len(problems) == 1:
        return first.what, first.where, first.fix
    listed = "".join(f"\n  {problem}" for problem in problems[:_SHOWN])
    more = f"\n  and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
    return f"{subject} has {len(problems)} errors:{listed}{more}", None, None


def dotted(spot: Spot) -> str:
    """Render a spot as ``systems.petdb.tables.pets`` and list positions as ``routes[2]``."""
    text = ""
    for part in spot:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return shown(text.removeprefix("."))


def shown(text: str, limit: int = 120) -> str:
    """Render hostile text for a message: one line, printable characters only, cut when long."""
    safe = "".join(ch if ch.isprintable() else f"\\u{ord(ch):04x}" for ch in text[: limit + 1])
    return safe if len(safe) <= limit else f"{safe[: limit - 1]}…"


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word the writer most likely meant, or None."""
    words = {name.lower(): name for name in sorted(known)}
    found = difflib.get_close_matches(word[:100].lower(), words, n=1, cutoff=0.6)
    return words[found[0]] if found else None


def meant(word: str, known: Iterable[str], limit: int = 30) -> str:
    """Render a remedy for a word that is none of the known: the likely one, and all there are."""
    names = sorted(filter(None, known))
    near = closest(word, names)
    hint = f"did you mean `{shown(near)}`? " if near else ""
    listed = ", ".join(shown(name) for name in names[:limit]) + (" …" if len(names) > limit else "")
    return f"{hint}Known here: {listed}." if names else f"{hint}Nothing of this kind is named in the map."
