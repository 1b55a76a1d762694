"""Lines of a time, words and pairs read like objects of those keys."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from ashiato.engine.reading.json_keys import KeyMap
from ashiato.engine.reading.parsers.json_lines import Outcome
from ashiato.engine.reading.parsers.key_values import KeyValueLines
from ashiato.engine.reading.times import Clock


@pytest.fixture
def lines() -> KeyValueLines:
    """A parser that nobody told anything."""
    return KeyValueLines("key-values", KeyMap({}), Clock(ZoneInfo("Asia/Tokyo")), Outcome({}, {}))


def test_words_become_the_event(lines: KeyValueLines) -> None:
    line = b"2026-05-12 00:10:49,825 INFO auth signin ok member=C-000249 sid=02f90621fb ip=198.18.88.232"
    assert lines.members_of(line) == {
        "time": "2026-05-12 00:10:49,825",
        "level": "INFO",
        "event": "auth signin ok",
        "member": "C-000249",
        "sid": "02f90621fb",
        "ip": "198.18.88.232",
    }


def test_quoted_values_lose_their_quotes(lines: KeyValueLines) -> None:
    found = lines.members_of(rb'2026-05-12T00:10:49Z WARN said msg="a \"b\" c" n=')
    assert found is not None
    assert (found["msg"], found["n"], found["event"]) == ('a "b" c', "", "said")


def test_staff_agents_are_no_browsers(lines: KeyValueLines) -> None:
    staff = lines.members_of(b"2026-05-12 00:10:49 INFO agent signin ok agent=A-0019")
    browser = lines.members_of(b'2026-05-12 00:10:49 INFO get agent="Mozilla/5.0 (X11)"')
    assert staff is not None
    assert staff["agent_id"] == "A-0019"
    assert browser is not None
    assert browser["agent"] == "Mozilla/5.0 (X11)"


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"plain words",
        b"2026-05-12 00:10:49 INFO no pairs here",
        b"\xff\x00=\x01",
        b"a=b c=d",
        b"2026-13-45",
    ],
)
def test_other_lines_are_left_alone(lines: KeyValueLines, line: bytes) -> None:
    assert lines.members_of(line) is None
