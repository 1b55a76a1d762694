"""The columns a snapshot folder holds, for holding a map against it."""

from __future__ import annotations

import csv
from pathlib import Path


def list_columns(folder: Path) -> dict[str, tuple[str, ...]]:
    """Return, by table, the columns that the header of each ``<table>.csv`` in ``folder`` names."""
    return {path.stem: _header_of(path) for path in sorted(folder.glob("*.csv"))}


def _header_of(path: Path) -> tuple[str, ...]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        try:
            return tuple(next(csv.reader(file), ()))
        except csv.Error:
            return ()
