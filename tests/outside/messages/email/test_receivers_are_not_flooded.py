"""No receiver gets more than its rate allows, whatever the clock does; one that says "later" rests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.outside.messages.email.throttle import Rate, Throttle, paced
from ashiato.outside.messages.outcomes import Accepted, MessageError, NotAccepted, Outcome


@given(steps=st.lists(st.tuples(st.floats(0, 5), st.sampled_from(["a.jp", "b.jp", "c.jp"])), max_size=200))
def test_no_stretch_holds_more_than_rate_and_burst(steps: list[tuple[float, str]]) -> None:
    throttle = Throttle(Rate(2.0, 3), {"ab": Rate(1.0, 2)}, {"a.jp": "ab", "b.jp": "ab"})
    now = 0.0
    sent: dict[str, list[float]] = {"ab": [], "c.jp": []}
    for pause, domain in steps:
        now += pause
        if throttle.take(domain, now) == 0:
            sent["c.jp" if domain == "c.jp" else "ab"].append(now)
    for name, rate, burst in (("ab", 1.0, 2), ("c.jp", 2.0, 3)):
        times = sent[name]
        for first in range(len(times)):
            for last in range(first, len(times)):
                assert last - first + 1 <= burst + rate * (times[last] - times[first]) + 1e-6


@given(jumps=st.lists(st.floats(-1e9, 1e9), max_size=50))
def test_a_jumping_clock_gives_no_more_than_a_burst_a_jump(jumps: list[float]) -> None:
    throttle = Throttle(Rate(1.0, 2))
    for now in jumps:
        assert sum(throttle.take("a.jp", now) == 0 for _ in range(10)) <= 2


def test_a_clock_set_back_gives_nothing() -> None:
    throttle = Throttle(Rate(1.0))
    assert throttle.take("a.jp", 1000.0) == 0
    assert throttle.take("a.jp", 0.0) == pytest.approx(1.0)


def test_the_wait_is_told_and_enough() -> None:
    throttle = Throttle(Rate(0.5))
    assert throttle.take("a.jp", 0.0) == 0
    wait = throttle.take("a.jp", 0.0)
    assert wait == pytest.approx(2.0)
    assert throttle.take("a.jp", wait) == 0


def test_one_who_says_later_is_left_alone_for_longer_each_time() -> None:
    throttle = Throttle(Rate(100.0, 100))
    now, rests = 0.0, []
    for _ in range(9):
        throttle.rest("a.jp", now)
        rests.append(throttle.take("a.jp", now))
        now += rests[-1]
    assert rests == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    throttle.ease("a.jp")
    throttle.rest("a.jp", now)
    assert throttle.take("a.jp", now) == 30
    assert throttle.take("b.jp", now) == 0
    assert throttle.take("a.jp", now - 1_000_000) <= 30


def test_only_a_receivers_own_delay_slows_it_down() -> None:
    throttle = Throttle(Rate(1.0, 5))
    outcomes: list[Outcome] = [
        NotAccepted("no connection", permanent=False),
        NotAccepted("no such user", permanent=True, about="recipient"),
        Accepted("ok"),
        NotAccepted("greylisted", permanent=False, about="recipient"),
    ]
    left = list(outcomes)
    assert [paced(throttle, "a.jp", 0.0, lambda: left.pop(0))[0] for _ in outcomes] == outcomes
    assert paced(throttle, "a.jp", 0.0, lambda: left.pop(0)) == (None, 30.0)


def test_buckets_of_many_domains_are_forgotten_when_full() -> None:
    throttle = Throttle(Rate(1.0))
    for number in range(10_050):
        assert throttle.take(f"d{number}.jp", float(number)) == 0
    assert len(throttle._buckets) <= 10_000


@pytest.mark.parametrize(("per_second", "burst"), [(0, 1), (-1, 1), (float("nan"), 1), (1, 0)])
def test_a_rate_by_which_nothing_goes_is_refused(per_second: float, burst: int) -> None:
    with pytest.raises(MessageError):
        Rate(per_second, burst)
