"""One database of all literals and patterns that rules look for in a column, met in one scan.

Hyperscan scans; a database only lets through what may match, and whoever asks evaluates that exactly. The
distinct values of a column are joined with line ends into one buffer, so a pattern may also match across
values: one more candidate, never one less. ``Hits`` are places in the buffer; without Hyperscan, or for what
it cannot hold, the caller evaluates every value.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

hyperscan: Any
try:
    import hyperscan
except ImportError:  # on a platform without a wheel: the same answers, slower
    hyperscan = None

Places: TypeAlias = npt.NDArray[np.int64]

# Each hit is a call into Python: what hits nearly everywhere is cheaper to evaluate value by value.
_FEW_HITS, _HITS_PER_VALUE = 20_000, 0.3
# What RE2 and Hyperscan read otherwise, or what sees the buffer's ends: those patterns are not put in.
_UNLIKE = re.compile(r"\\[AzZpPQCvB]|\[\[:")
_GROUP = re.compile(r"\\.|(\(\?)(?!:|[ims]{1,3}\))", re.DOTALL)
# A count makes as many states as it says, and hours of compiling: what is looked for is so often or more, and
# "so often" is a dozen times at most.
_COUNT = re.compile(r"(\\.)|(\[\^?\]?(?:\\.|[^\]\\])*\])|\{(\d+)(?:,\d*)?\}", re.DOTALL)
_MOST_TIMES = 12
# Fewer evaluations than this are done sooner than a database is made; a call is as dear as so many values.
_WORTH, _CALL = 1_500_000, 1_000


class Database:
    """Literals (bytes) or RE2 patterns under keys; those it cannot hold, or that hit too often, are left out.

    ``left`` are the keys a caller has to evaluate by itself on every value.
    """

    def __init__(
        self, literals: Mapping[int, bytes], patterns: Mapping[int, str], *, used: bool | None = None
    ) -> None:
        """Keep what is looked for; ``used``: always, never, or (None) where there is enough to do."""
        self._literals = dict(literals)
        self._patterns = {key: _loosened(pattern) for key, pattern in patterns.items()}
        self._used = used if hyperscan is not None else False
        self._spent = 0
        self._compiled: Any = None
        self.left: set[int] = set()
        self._leave([key for key, pattern in patterns.items() if not _is_alike(pattern)])

    def is_worth(self, values: int) -> bool:
        """Tell whether, these values counted, a scan is sooner done than evaluating each."""
        self._spent += (values + _CALL) * (len(self._literals) + len(self._patterns))
        return bool(self._used or (self._used is None and self._spent >= _WORTH))

    def find(self, buffer: bytes, values: int) -> tuple[Places, Places]:
        """Return the keys that hit in a buffer of so many values, and where each hit ends."""
        if self._compiled is None:
            self._compile()
        while self._compiled is not None:
            found = self._scan(buffer, _FEW_HITS + int(_HITS_PER_VALUE * values))
            if found is not None:
                return found
        return np.empty(0, np.int64), np.empty(0, np.int64)

    def _scan(self, buffer: bytes, most: int) -> tuple[Places, Places] | None:
        keys: list[int] = []
        ends: list[int] = []
        add_key, add_end = keys.append, ends.append

        def note(key: int, _start: int, end: int, _flags: int, _context: object) -> bool | None:
            add_key(key)
            add_end(end)
            return True if len(keys) > most else None

        try:
            self._compiled.scan(buffer, match_event_handler=note)
        except hyperscan.error:
            if len(keys) <= most:
                raise
        if len(keys) > most:
            counted = Counter(keys)
            self._leave([key for key, count in counted.items() if count * len(counted) >= most])
            self._compile()
            return None
        return np.array(keys, np.int64), np.array(ends, np.int64)

    def _leave(self, keys: Iterable[int]) -> None:
        self.left.update(keys)
        for key in self.left:
            self._literals.pop(key, None)
            self._patterns.pop(key, None)

    def _compile(self) -> None:
        """Compile what is left; where that fails, leave out what fails by itself."""
        self._compiled = self._attempt(self._patterns)
        if self._compiled is None and self._patterns:
            self._leave([key for key, each in self._patterns.items() if self._attempt({key: each}) is None])
            self._compiled = self._attempt(self._patterns)

    def _attempt(self, patterns: Mapping[int, str]) -> Any:  # noqa: ANN401 - it has no stubs
        encoded = self._literals or {key: pattern.encode() for key, pattern in patterns.items()}
        try:
            return _compiled(encoded, literal=bool(self._literals)) if encoded else None
        except hyperscan.error:
            return None


def _compiled(expressions: Mapping[int, bytes], *, literal: bool) -> Any:  # noqa: ANN401 - it has no stubs
    database = hyperscan.Database()
    flags = 0 if literal else hyperscan.HS_FLAG_UTF8 | hyperscan.HS_FLAG_MULTILINE
    database.compile(
        expressions=list(expressions.values()),
        ids=list(expressions),
        flags=[flags] * len(expressions),
        literal=literal,
    )
    return database


def _loosened(pattern: str) -> str:
    """Return a pattern without upper or large counts that matches wherever the given one does."""

    def without(found: re.Match[str]) -> str:
        if found[3] is None:
            return found[0]
        least = min(int(found[3]), _MOST_TIMES)
        return ("*", "+")[least] if least < 2 else f"{{{least},}}"

    return _COUNT.sub(without, pattern)


def _is_alike(pattern: str) -> bool:
    special = any(found[1] for found in _GROUP.finditer(pattern))
    return not special and _UNLIKE.search(pattern) is None
