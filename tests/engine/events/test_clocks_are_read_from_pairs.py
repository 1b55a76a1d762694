"""The estimate of one clock against another, apart from any log."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.events.clocks import Anchors, read_clock

SECOND = 1_000_000


def _pairs(
    skew_us: int, *, true: int = 200, chance: int = 200, step_us: int = 1000, seed: int = 3
) -> Anchors:
    dice = np.random.default_rng(seed)
    duration = dice.integers(3_000, 60_000, true)
    into = (duration * dice.uniform(0.05, 0.6, true)).astype(np.int64)
    stamped = dice.integers(0, 10**12, true)
    ends = stamped - stamped % step_us
    start = stamped - duration + into - ends + skew_us
    noise = dice.integers(-9_000 * SECOND, 9_000 * SECOND, chance)
    starts = np.concatenate([start, noise]).astype(np.int64)
    lasting = np.concatenate([duration, dice.integers(3_000, 60_000, chance)]).astype(np.int64)
    count = true + chance
    return Anchors(
        np.arange(count), starts, starts + 1_000, lasting, np.full(count, step_us), np.full(count, 1_000)
    )


@given(st.integers(-40_000, 40_000).map(lambda seconds: seconds * SECOND + 123_000), st.integers(0, 99))
def test_a_constant_skew_is_found_amid_chance_pairs(skew_us: int, seed: int) -> None:
    clock = read_clock(_pairs(skew_us, seed=seed))
    assert clock.clear
    assert abs(clock.skew_us - skew_us) <= 30_000
    assert not clock.stamps_start


@pytest.mark.parametrize("step_us", [1_000, SECOND])
def test_equal_clocks_have_no_skew(step_us: int) -> None:
    assert read_clock(_pairs(0, step_us=step_us)).skew_us == 0


def test_chance_alone_tells_no_skew() -> None:
    clock = read_clock(_pairs(5 * SECOND, true=0, chance=400))
    assert (clock.skew_us, clock.clear) == (0, False)


def test_too_few_pairs_tell_nothing() -> None:
    assert not read_clock(_pairs(5 * SECOND, true=3, chance=2)).clear


def test_a_log_stamped_at_the_start_is_recognised() -> None:
    ended = _pairs(0, chance=0)
    started = Anchors(
        ended.statement, ended.start + ended.duration, ended.end + ended.duration, ended.duration,
        ended.step, ended.database_step,
    )  # fmt: skip
    assert read_clock(started).stamps_start
