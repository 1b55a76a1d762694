from __future__ import annotations

import os

import pytest

from tests.journeys.command import weigh

_LARGE_BYTES = 600 * 1024**2


@pytest.mark.slow
def test_child_is_weighed_without_its_parent() -> None:
    held = bytearray(os.urandom(1024) * (_LARGE_BYTES // 1024))
    cost = weigh("--help")
    assert len(held) == _LARGE_BYTES
    assert 10 * 1024**2 < cost.memory < _LARGE_BYTES
