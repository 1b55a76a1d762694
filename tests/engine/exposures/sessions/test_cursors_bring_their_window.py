"""What a FETCH brings, held against a cursor walked row by row."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.exposures.sessions.cursors import Cursor, Window, fetch, fetched_from, window_text

COUNTS = st.integers(-3, 4).map(str)
WAYS = st.one_of(
    st.sampled_from(["", "NEXT", "PRIOR", "ALL", "FORWARD", "FORWARD ALL", "BACKWARD", "BACKWARD ALL"]),
    st.sampled_from(["FIRST", "LAST"]),
    COUNTS,
    COUNTS.map("FORWARD {}".format),
    COUNTS.map("BACKWARD {}".format),
    COUNTS.map("ABSOLUTE {}".format),
    COUNTS.map("RELATIVE {}".format),
)


@dataclass
class Walked:
    """A cursor over rows 1 to ``total``, as PostgreSQL's manual of FETCH describes it."""

    total: int
    at: int = 0

    def fetch(self, way: str) -> list[int]:
        """Return the rows of one FETCH."""
        word, _, count = way.partition(" ")
        jumps = {"FIRST": 1, "LAST": self.total}
        if word in jumps or word in ("ABSOLUTE", "RELATIVE"):
            number = jumps.get(word, 0) if word in jumps else int(count)
            if word == "ABSOLUTE" and number < 0:
                number += self.total + 1
            return self._stand_on(number + (self.at if word == "RELATIVE" else 0))
        count = count or (word if word not in ("NEXT", "PRIOR", "FORWARD", "BACKWARD") else "") or "1"
        step = -1 if word in ("PRIOR", "BACKWARD") else 1
        steps = self.total + 1 if count == "ALL" else int(count)
        if steps == 0:
            return self._stand_on(self.at)
        step, steps = (-step, -steps) if steps < 0 else (step, steps)
        found = [row for _ in range(steps) for row in self._stand_on(self.at + step)]
        if count == "ALL":
            self.at = self.total + 1 if step > 0 else 0
        return found

    def _stand_on(self, row: int) -> list[int]:
        self.at = min(max(row, 0), self.total + 1)
        return [self.at] if 0 < self.at <= self.total else []


def _rows(window: Window, total: int) -> set[int]:
    return set(range(max(1, window.first), min(total, total if window.last is None else window.last) + 1))


@given(st.integers(0, 9), st.lists(st.tuples(WAYS, st.booleans()), max_size=6))
def test_windows_hold_what_was_fetched(total: int, steps: list[tuple[str, bool]]) -> None:
    walked, cursor = Walked(total), Cursor("SELECT 1", 0, held=False)
    for way, counted in steps:
        truth = walked.fetch(way)
        asked = fetched_from(f" {way} FROM c")
        assert asked is not None
        window, cursor = fetch(cursor, asked[1], len(truth) if counted else None)
        held = _rows(window, total)
        assert set(truth) <= held
        assert not window.exact or held == set(truth)


def test_window_is_put_inside_the_own_limit() -> None:
    text, exact = window_text("SELECT a FROM t ORDER BY a LIMIT 4 OFFSET 2", Window(3, 9), "postgres")
    assert (text, exact) == ("SELECT a FROM t ORDER BY a LIMIT 2 OFFSET 4", True)
    text, exact = window_text("SELECT a FROM t FOR UPDATE", Window(1, 2), "postgres")
    assert (text, exact) == ("SELECT a FROM t LIMIT 2 OFFSET 0", True)


def test_window_of_an_unread_limit_is_open() -> None:
    assert not window_text("SELECT a FROM t LIMIT (SELECT 4)", Window(3, 9), "postgres")[1]
