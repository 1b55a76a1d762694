"""The scene of each test, in a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.exposures.scene import Scene


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """A fresh estate."""
    return Scene(tmp_path)
