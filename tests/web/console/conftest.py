from __future__ import annotations

import pytest

from ashiato.engine.api import Case
from tests.cli.sample_case import PERSONS, make_case


@pytest.fixture(scope="module")
def investigated(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """A small case with a finished run, full of hostile text; read, never written."""
    return make_case(tmp_path_factory.mktemp("investigated"), PERSONS)
