"""What is usual: the most that actors of a role spent on other days, and the limit that follows from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from ashiato.guard.settings import Spender, Window

#: Before so many days and so many actors' days, nothing is learned.
FEWEST_DAYS = 3
FEWEST_PEAKS = 20
#: Twice what all but one of a hundred stayed below.
_QUANTILE = 0.99
_TIMES = 2


class Learned:
    """The limits that other days show, by role, spender and window; 0 where too little was seen."""

    def __init__(self, peaks: Iterable[tuple[str, str, str, int, int, int]]) -> None:
        """``peaks``: role, spender, window, day, the most spent, and by how many."""
        held: dict[tuple[str, str, str], list[tuple[int, int, int]]] = defaultdict(list)
        for role, spender, window, day, peak, count in peaks:
            held[role, spender, window].append((peak, count, day))
        self._limits = {key: _limit(sorted(rows), _fewest(key[1])) for key, rows in held.items()}

    def limit_of(self, role: str, spender: Spender, window: Window) -> int:
        """Return the limit that was learned, 0 when none was."""
        return self._limits.get((role, spender, window), 0)


def _fewest(spender: str) -> int:
    """Of everyone together there is one peak a day."""
    return FEWEST_DAYS if spender == Spender.EVERYONE else FEWEST_PEAKS


def _limit(rows: list[tuple[int, int, int]], fewest: int) -> int:
    total = sum(count for _, count, _ in rows)
    if len({day for _, _, day in rows}) < FEWEST_DAYS or total < fewest:
        return 0
    wanted, seen = _QUANTILE * total, 0
    for peak, count, _ in rows:
        seen += count
        if seen >= wanted:
            return peak * _TIMES
    return 0
