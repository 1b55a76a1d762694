"""Files of law that are refused, with all that is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence

from ashiato.terms.errors import LawError
from ashiato.written.problems import Level, Problem, refusal_of


class InvalidLawFileError(LawError):
    """A diary of facts or a file of rules that is refused; ``problems`` holds every error found."""

    def __init__(self, problems: Sequence[Problem], subject: str) -> None:
        """Say the first problem in full, or list them all."""
        what, where, fix = refusal_of(problems, subject)
        super().__init__(what, where=where, fix=fix)
        self.problems = tuple(problems)


def refuse_errors(problems: Sequence[Problem], subject: str) -> None:
    """Raise InvalidLawFileError when any problem is an error, in the order of the file."""
    errors = [problem for problem in problems if problem.level is Level.ERROR]
    if errors:
        raise InvalidLawFileError(
            sorted(errors, key=lambda problem: (problem.line or 0, problem.path, problem.what)), subject
        )
