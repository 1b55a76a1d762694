"""Errors that say what is wrong, where, and what to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """Where something is: a file and, when known, a line (1-based) and a dotted path inside it."""

    file: str
    line: int | None = None
    path: str | None = None

    def __str__(self) -> str:
        """Render as ``file:line (path)``, leaving out what is not known."""
        spot = self.file if self.line is None else f"{self.file}:{self.line}"
        return spot if self.path is None else f"{spot} ({self.path})"


class AshiatoError(Exception):
    """Anything we refuse, with the place and the remedy; the command line prints it without a traceback."""

    exit_code = 1

    def __init__(self, what: str, *, where: Place | None = None, fix: str | None = None) -> None:
        """Keep the three parts apart so that any surface can lay them out."""
        super().__init__(what)
        self.what = what
        self.where = where
        self.fix = fix

    def __str__(self) -> str:
        """Render the parts on one line: place, problem, remedy."""
        spot = f"{self.where}: " if self.where else ""
        remedy = f" Fix: {self.fix}" if self.fix else ""
        return f"{spot}{self.what}{remedy}"


class CaseError(AshiatoError):
    """The case folder is missing, locked, of a newer format or not a case."""

    exit_code = 3


class CaseHeldError(CaseError):
    """Another process writes to the case, or did when its machine went away."""


class EvidenceError(AshiatoError):
    """Evidence cannot be read or sealed."""

    exit_code = 4


class DataMapError(AshiatoError):
    """The data map is wrong; the message names the line and what to write instead."""

    exit_code = 5


class IntegrityError(AshiatoError):
    """Something that was sealed has changed."""

    exit_code = 6


class EngineError(AshiatoError):
    """A station of the engine cannot be run here."""

    exit_code = 7


class LawError(AshiatoError):
    """The facts of a case, or a file of rules, are wrong; the message names the line and the remedy."""

    exit_code = 9


class ServerError(AshiatoError):
    """The server's configuration, its database or a decision asked of it is refused."""

    exit_code = 10


class GuardError(AshiatoError):
    """The guard's settings are wrong, or its folder is held by another guard."""

    exit_code = 11
