"""A data map that is refused, with all that is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence

from ashiato.terms.errors import DataMapError
from ashiato.written.problems import Problem, refusal_of


class InvalidDataMapError(DataMapError):
    """A map that is refused; ``problems`` holds every error found, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Say the first problem in full and list the rest."""
        what, where, fix = refusal_of(problems, "the data map")
        super().__init__(what, where=where, fix=fix)
        self.problems = tuple(problems)
