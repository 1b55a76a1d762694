"""What the range refuses, with the remedy."""

from __future__ import annotations


class RangeError(Exception):
    """Something the range will not or cannot do; printed without a traceback."""

    def __init__(self, what: str, fix: str) -> None:
        """Keep both parts, and say them on one line."""
        super().__init__(f"{what} Fix: {fix}")


class MissingProgramError(RangeError):
    """A program of another project that is not installed."""
