"""What fuzzing found stays mended; the seeds hold every law, whole, cut short and with a byte changed."""

from __future__ import annotations

import pytest

from tests.fuzz.seeds import SEEDS
from tests.fuzz.targets import TARGETS

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_hold_the_laws(name: str) -> None:
    assert SEEDS[name]
    for seed in SEEDS[name]:
        middle = len(seed) // 2
        for content in (seed, seed[:middle], seed[:middle] + b"\xff" + seed[middle + 1 :], seed * 2):
            TARGETS[name](content)
