"""What a stage is given: the case, the data map, the tables, and a way to tell how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from ashiato.datamap.model import DataMap
from ashiato.engine.store import Store


@dataclass(frozen=True)
class Snapshot:
    """A copy of one system's tables as of a moment: a folder of ``<table>.csv`` (and ``schema.sql``)."""

    system: str
    as_of_us: int
    folder: Path


def silent(stage: str, done: int, total: int) -> None:
    """Tell nobody: the progress listener of tests and scripts."""


@dataclass(frozen=True)
class Workspace:
    """One run's surroundings. Stages read and write tables through ``store`` alone."""

    case_folder: Path
    zone: ZoneInfo
    datamap: DataMap
    snapshots: tuple[Snapshot, ...]
    store: Store
    tell: Callable[[str, int, int], None] = silent
