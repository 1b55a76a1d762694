"""Four eyes: how many different persons approve what leaves the house or is said in its name."""

from __future__ import annotations

import unicodedata

APPROVALS_NEEDED = 2


def is_same_person(one: str, other: str) -> bool:
    """Tell whether two names are one person's: width, case and blanks make nobody a second person."""
    return _person(one) == _person(other)


def _person(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
