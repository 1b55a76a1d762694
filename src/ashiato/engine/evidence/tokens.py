"""Timestamp tokens."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ashiato.engine.case import Case


@dataclass(frozen=True)
class TokenFacts:
    """."""

    path: str
    sha256: str


def keep_token(case: Case, path: Path, trusted: Path | None) -> TokenFacts:
    """."""
    raise NotImplementedError
