"""What each window holds is what a plain twin holds, which keeps every window by itself."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.guard.counters import WINDOWS, Seen, dump_counter, fresh_counter, load_counter
from ashiato.guard.settings import SPAN_S
from ashiato.guard.sights import Sight
from ashiato.guard.state import Batch, State

SECOND_US = 1_000_000
Looks = list[tuple[int, int, int, int, bool]]


class Twin:
    """One window: what was seen, in the order of last seeing it."""

    def __init__(self, span_s: int, most: int) -> None:
        self.held: OrderedDict[int, tuple[int, int]] = OrderedDict()
        self.span_us, self.most = span_s * SECOND_US, most

    def add(self, what: int, time_us: int, cost: int) -> None:
        """Note a sight."""
        before = self.held.pop(what, (0, 0))
        # Of two at one moment the one that came last stands.
        self.held[what] = newest = before if before[0] > time_us else (time_us, cost)
        while next(iter(self.held.values()))[0] <= newest[0] - self.span_us or len(self.held) > self.most:
            self.held.popitem(last=False)


looks = st.lists(
    st.tuples(
        st.integers(0, 12),
        st.sampled_from([0, 1, 20, 59, 60, 600, 3599, 86_399]),
        st.integers(0, 30),
        st.integers(1, 3),
        st.booleans(),
    ),
    max_size=60,
)


@pytest.mark.slow
@given(looks, st.tuples(*[st.integers(1, 9)] * 3))
def test_windows_hold_what_each_by_itself_would(looks: Looks, most: tuple[int, ...]) -> None:
    """Lines may come half a minute late, and the guard may be stopped and started between any two."""
    most = (most[0], max(most[:2]), max(most))
    counter, twins = fresh_counter(most), [Twin(SPAN_S[w], m) for w, m in zip(WINDOWS, most, strict=True)]
    now = 2_000_000 * SECOND_US
    for what, later_s, late_s, cost, is_restarted in looks:
        now += later_s * SECOND_US
        sight = Sight(what, 1, 1, None, None)
        counter.add(sight, now - late_s * SECOND_US, cost, "")
        for twin in twins:
            twin.add(what, now - late_s * SECOND_US, cost)
        if is_restarted and not late_s:
            counter = load_counter(dump_counter(counter), most)
        assert counter.seen.spent == [sum(cost for _, cost in twin.held.values()) for twin in twins]
        for number, twin in enumerate(twins):
            entries = counter.seen.entries(number, 0)
            assert [(w, (e.time_us, e.cost)) for w, e in entries] == list(twin.held.items())


def test_two_that_are_seen_in_turn_for_long_take_no_more_room() -> None:
    seen = Seen((9, 9, 9))
    for number in range(10_000):
        seen.add(number % 2, number, 1, 1, "")
        seen.add(7, 0, 1, 1, "")
    assert seen.spent == [3, 3, 3]
    assert len(seen._order) < 100


def test_counters_are_found_wherever_they_lie(tmp_path: Path) -> None:
    """Kept twice, with and without a start in between, what was kept last is what is found."""
    with State(tmp_path) as state:
        for content in (b"first", b"second"):
            batch = Batch()
            batch.counters = {"a": (1, content), f"of {content!r}": (2, b"-")}
            state.commit(batch)
        before = dict(state.newest_counters(10))
    with State(tmp_path) as state:
        state.settle()
        assert state.counters(["a", "z"]) == {"a": b"second"}
        assert (
            dict(state.newest_counters(10))
            == before
            == {"a": b"second"} | dict.fromkeys(("of b'first'", "of b'second'"), b"-")
        )
