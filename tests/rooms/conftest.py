"""Every test of the rooms has the server's side started before its file is read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.databases import postgresql
from tests.rooms import server

server.home()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Path]:
    """A database with every migration and no rows."""
    with server.fresh_sqlite(tmp_path) as path:
        yield path


@pytest.fixture
def on_postgresql() -> Iterator[None]:
    """A PostgreSQL of the test's own, with every migration and no rows."""
    with postgresql() as served, server.fresh_postgresql(served.port):
        yield
