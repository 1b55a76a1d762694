from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from ashiato.engine.api import Case
from tests.cli.sample_case import PERSONS, make_case
from tests.rooms import server


@pytest.fixture(scope="module")
def investigated(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """A small case with a finished run, full of hostile text; read, never written."""
    return make_case(tmp_path_factory.mktemp("investigated"), PERSONS)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A data folder of the test's own, which a worker of another process reads too."""
    before = settings.ASHIATO_HOME
    server.use_home(tmp_path / "home")
    yield tmp_path / "home"
    server.use_home(before)
