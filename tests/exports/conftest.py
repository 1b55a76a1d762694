from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ashiato.engine.api import Store
from tests.exports.sample_run import write_run


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The sample run, open."""
    with write_run(tmp_path / "run") as opened:
        yield opened
