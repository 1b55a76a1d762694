"""What PostgreSQL and MariaDB write differently of the few expressions that people are made of.

Both join texts by ``||`` (MariaDB in the mode that :data:`MARIADB_MODE` names).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

MARIADB_MODE = "STRICT_ALL_TABLES,PIPES_AS_CONCAT"


class Dialect(Protocol):
    """One database's way to write what tables are filled with."""

    def pick(self, words: Sequence[str], index: str) -> str:
        """One of some words, counted from 0."""

    def digits(self, number: str, count: int) -> str:
        """A number with leading noughts."""

    def day(self, first: str, days: str) -> str:
        """A date so many days after another."""

    def sha256(self, text: str) -> str:
        """The hash of a text, in hexadecimal digits."""

    def rows(self, count: int) -> str:
        """A table of the numbers from 1 to ``count`` in a column ``i``."""


class PostgreSqlDialect:
    """As PostgreSQL writes it."""

    def pick(self, words: Sequence[str], index: str) -> str:
        """An array that is folded into the plan once."""
        return f"(ARRAY[{_quoted(words)}])[1 + {index}]"

    def digits(self, number: str, count: int) -> str:
        """Padded on the left."""
        return f"lpad(({number})::text, {count}, '0')"

    def day(self, first: str, days: str) -> str:
        """Days are added to a date as whole numbers."""
        return f"DATE '{first}' + ({days})::integer"

    def sha256(self, text: str) -> str:
        """Of the text's bytes in UTF-8."""
        return f"encode(sha256(convert_to({text}, 'UTF8')), 'hex')"

    def rows(self, count: int) -> str:
        """A series."""
        return f"generate_series(1::bigint, {count}) AS row(i)"


class MariaDbDialect:
    """As MariaDB writes it."""

    def pick(self, words: Sequence[str], index: str) -> str:
        """One of a list."""
        return f"ELT(1 + {index}, {_quoted(words)})"

    def digits(self, number: str, count: int) -> str:
        """Padded on the left."""
        return f"lpad({number}, {count}, '0')"

    def day(self, first: str, days: str) -> str:
        """Days are an interval."""
        return f"DATE '{first}' + INTERVAL ({days}) DAY"

    def sha256(self, text: str) -> str:
        """Of the text's bytes, which are UTF-8."""
        return f"sha2({text}, 256)"

    def rows(self, count: int) -> str:
        """The sequence engine's table of that length."""
        return f"(SELECT seq AS i FROM seq_1_to_{count}) AS row_numbers"


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)
