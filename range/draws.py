"""Seeded draws, the same in SQL and in Python: one number of a row from its id, without any state.

Whole numbers below 2**63 alone, so PostgreSQL, MariaDB and Python agree to the last digit, a table of any
size is one statement, and a client knows a person's password without asking the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

_PRIME = 2**31 - 1


@dataclass(frozen=True)
class Draws:
    """Draws of one seed; each is named by what it decides."""

    seed: int

    def sql(self, name: str, row: str, below: int) -> str:
        """Return an expression for a whole number from 0, of a row's number ``row``."""
        first, plus, second = self._numbers(name)
        once = f"(({row}) * {first} + {plus}) % {_PRIME}"
        return f"((({once}) * ({once})) % {_PRIME} * {second} % {_PRIME} % {below})"

    def number(self, name: str, row: int, below: int) -> int:
        """Return what :meth:`sql` computes."""
        first, plus, second = self._numbers(name)
        once = (row * first + plus) % _PRIME
        return once * once % _PRIME * second % _PRIME % below

    def _numbers(self, name: str) -> tuple[int, int, int]:
        drawn = sha256(f"{self.seed}:{name}".encode()).digest()
        cut = (drawn[start : start + 4] for start in (0, 4, 8))
        first, plus, second = (int.from_bytes(each, "big") % (_PRIME - 2) + 1 for each in cut)
        return first, plus, second
