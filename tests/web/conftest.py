"""Every test of the server has it started before its file is read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rooms import server

server.home()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Path]:
    """A database with every migration and no rows."""
    with server.fresh_sqlite(tmp_path) as path:
        yield path
