from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from ashiato.engine.api import Case
from tests.cli.sample_case import PERSONS, make_case


@pytest.fixture(scope="module")
def investigated(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """A small case with a finished run, full of hostile text."""
    return make_case(tmp_path_factory.mktemp("investigated"), PERSONS)


@pytest.fixture(autouse=True)
def _no_counts() -> Iterator[None]:
    """Nobody has asked for anything within this minute."""
    yield
    cache.clear()
