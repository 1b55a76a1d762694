"""Frames are cut apart however they arrive, and nothing that a sender writes forges a line."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.guard.receiving.framing import Frames, line_of, with_whole_time

texts = st.binary(max_size=40).map(lambda rest: b"<13>" + rest)


@given(st.lists(st.tuples(texts, st.booleans()), max_size=8), st.lists(st.integers(1, 9), min_size=1))
def test_frames_are_the_same_however_they_arrive(frames: list[tuple[bytes, bool]], sizes: list[int]) -> None:
    """Counted ones may hold line ends; the others end with one."""
    sent, wanted = b"", []
    for drawn, is_counted in frames:
        text = drawn if is_counted else drawn.replace(b"\n", b"")
        sent += b"%d %b" % (len(text), text) if is_counted else text + b"\n"
        wanted.append(text)
    cutter, got, at, turn = Frames(), [], 0, 0
    while at < len(sent):
        got += cutter.feed(sent[at : at + sizes[turn % len(sizes)]])
        at, turn = at + sizes[turn % len(sizes)], turn + 1
    assert got == wanted
    assert cutter.end() == b""


def test_a_line_without_a_header_is_a_line() -> None:
    frames = Frames()
    assert frames.feed(b"203.0.113.7 - - [x]\n2026 is no count\n12 neither\n") == [
        b"203.0.113.7 - - [x]", b"2026 is no count", b"12 neither",
    ]  # fmt: skip
    assert frames.feed(b"torn off") == []
    assert frames.end() == b"torn off"


@pytest.mark.parametrize(
    "sent", [b"<13>" + b"x" * 996 + b"\n<13>after\n", b"1000 <13>" + b"x" * 996 + b"10 <13>after\n"]
)
def test_what_is_too_long_is_cut_and_counted(sent: bytes) -> None:
    frames, got = Frames(most=100), []
    for at in range(0, len(sent), 7):
        got += frames.feed(sent[at : at + 7])
        assert len(frames._held) < 200
    got = [line_of(each) for each in got]
    assert got == [b"<13>" + b"x" * 96, b"<13>after"]
    assert frames.cut == 1


def test_a_line_end_in_a_message_forges_no_line() -> None:
    assert line_of(b"<13>a\n198.51.100.9 - - GET\n\0\r\n") == b"<13>a#012198.51.100.9 - - GET"


@pytest.mark.parametrize(
    ("said", "now", "written"),
    [
        ("Nov 23 15:00:00", "2026-11-23T15:00:01", "2026-11-23T15:00:00+09:00"),
        ("Dec 31 23:59:59", "2027-01-01T00:00:02", "2026-12-31T23:59:59+09:00"),
        ("Jan  1 00:00:00", "2026-12-31T23:59:58", "2027-01-01T00:00:00+09:00"),
        ("Feb 29 12:00:00", "2028-02-29T12:00:00", "2028-02-29T12:00:00+09:00"),
        ("Foo 31 12:00:00", "2028-02-29T12:00:00", "Foo 31 12:00:00"),
    ],
)
def test_an_old_time_has_its_year_and_zone(said: str, now: str, written: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=ZoneInfo("Asia/Tokyo"))
    message = f"<13>{said} web1 nginx: hello".encode()
    assert with_whole_time(message, moment) == f"<13>{written} web1 nginx: hello".encode()


@given(st.binary(max_size=60))
def test_any_bytes_are_borne(content: bytes) -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    for message in [*Frames(most=20).feed(content), content]:
        assert b"\n" not in line_of(with_whole_time(b"<13>" + message, now))
