"""Every physical line of every file stands in exactly one record or one unread row."""

from __future__ import annotations

import io
import tracemalloc
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ashiato.engine.reading import blocks
from ashiato.engine.reading.blocks import Block, LineReader, LongLine
from ashiato.engine.unpacking import TruncatedContent
from tests.engine.reading.reading_desk import Desk, Tables, check_every_line_stands_once

COMBINED = (
    '192.0.2.7 - - [08/Jun/2026:22:41:03 +0900] "GET /items/7?page=2 HTTP/1.1" 200 512 "-" "curl/8.5.0"'
)
JSON = '{"ts":"2026-06-08T22:41:03.405+09:00","event":"login_ok","user":"aoi","ip":"192.0.2.7"}'
CSVLOG = (
    '2026-06-08 22:41:03.405 JST,"app","shop",77,"192.0.2.9:52660",6a25874a.57c3,{n},"SELECT",'
    '2026-06-08 09:00:00 JST,3/15,0,LOG,00000,"statement: SELECT ""a"",\n1\n-- ,""",,,,,,,,,'
    '"web","client backend",,0'
)
STDERR = "2026-06-08 22:41:03.405 JST [77] app@shop LOG:  statement: SELECT 1\n\t, 2"

piece = st.sampled_from([
    COMBINED, JSON, CSVLOG.format(n=1), CSVLOG.format(n=2), STDERR, "", "  ", "\t", "free words", '"', '""",',
    'torn "quote', "\x00\x00\x00", "\x1b[2J", "\u202egnirts", '2026-06-08 22:41:03.405 JST,"app',
    "\r", COMBINED + "\r", COMBINED[:50], "{", "{}", '{"ts":', "DETAIL:  x",
    "2026-06-08 22:41:03 JST [1] DETAIL:  of nothing",
])  # fmt: skip
file_text = st.lists(piece, max_size=25).map("\n".join)


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(file_text, min_size=1, max_size=3), tail=st.booleans())
def test_mixed_files_lose_no_line(tmp_path: Path, texts: list[str], tail: bool) -> None:
    files: dict[str, str | bytes] = {f"{i}.log": text + "\n" * tail for i, text in enumerate(texts)}
    check_every_line_stands_once(Desk(tmp_path).read(files))


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=400))
def test_any_bytes_lose_no_line(tmp_path: Path, content: bytes) -> None:
    check_every_line_stands_once(Desk(tmp_path).read_one(content))


def _with_small_blocks(monkeypatch: pytest.MonkeyPatch, block: int, line: int) -> None:
    small = {"block_bytes": block, "line_bytes": line}
    monkeypatch.setattr(LineReader.__init__, "__kwdefaults__", small)
    monkeypatch.setattr("ashiato.engine.reading.files._RECORD_BYTES", 4 * block)


#: Three formats in one file; a statement of the third goes on behind the end of a block of 310 bytes.
_RECORD = (
    '2026-06-08 22:41:03.405 JST,"app","shop",77,"192.0.2.9:52660",6a25874a.57c3,1,"SELECT",'
    '2026-06-08 09:00:00 JST,3/15,0,LOG,00000,"statement: SELECT ""a"",\n1\n-- ,""",,,,,,,,,"web",'
    '"client backend",,0\n'
)
_REQUEST = (
    '192.0.2.7 - - [08/Jun/2026:22:41:03 +0900] "GET /items/7?page=2 HTTP/1.1" 200 512 "-" "curl/8.5.0"\n'
)
_TORN = (
    f"{_REQUEST}{_RECORD}{_REQUEST[:54]}\n{_RECORD}"
    f"2026-06-08 22:41:03.405 JST [77] app@shop LOG:  statement: SELECT 1\n\t, 2\n{_REQUEST}"
)


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=file_text, block=st.integers(200, 900))
@example(text=_TORN, block=310)
def test_block_size_changes_no_record(tmp_path: Path, text: str, block: int) -> None:
    whole = Desk(tmp_path / "whole").read_one(text)
    with pytest.MonkeyPatch.context() as patch:
        _with_small_blocks(patch, block, 10_000)
        cut = Desk(tmp_path / "cut").read_one(text)
    check_every_line_stands_once(cut)
    if whole.reading("some.log")["source_format"] == cut.reading("some.log")["source_format"]:
        assert [_told(row) for row in cut.records] == [_told(row) for row in whole.records]


def _told(row: dict[str, object]) -> tuple[object, ...]:
    return tuple(row.values())


def test_long_lines_are_stepped_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _with_small_blocks(monkeypatch, 1000, 600)
    long = '192.0.2.7 - - [08/Jun/2026:22:41:03 +0900] "GET /' + "x" * 5000 + ' HTTP/1.1" 200 1 "-" "-"'
    tables = Desk(tmp_path).read_one(f"{COMBINED}\n{long}\n{COMBINED}\n{long}\n{long}\n{COMBINED}")
    check_every_line_stands_once(tables)
    assert [row["line_first"] for row in tables.records] == [1, 3, 6]
    assert tables.reasons() == [(2, 2, "too-long"), (4, 4, "too-long"), (5, 5, "too-long")]
    assert all(row["sample"] == long[: blocks.SAMPLE_BYTES] for row in tables.unread)


def test_a_line_of_a_hundred_megabytes_is_never_held_whole() -> None:
    reader = LineReader(cast("io.BytesIO", _Endless(b"a" * 65536, 1600, b"\nshort\n")))
    tracemalloc.start()
    pieces = list(reader)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 6 * blocks.BLOCK_BYTES
    assert isinstance(pieces[0], LongLine)
    assert pieces[0].byte_last == 1600 * 65536
    assert len(pieces[0].sample) == blocks.SAMPLE_BYTES
    assert [p.lines() for p in pieces[1:] if isinstance(p, Block)] == [[b"short"]]
    assert reader.lines == 2


class _Endless:
    """Hands out the same bytes many times, then an end; one byte less than asked for is never joined."""

    def __init__(self, part: bytes, times: int, end: bytes) -> None:
        self._parts = [part] * times + [end]

    def read(self, size: int) -> bytes:
        assert size > 0
        return self._parts.pop(0) if self._parts else b""


class _Torn(io.BytesIO):
    """Breaks off after what it holds."""

    def read(self, size: int | None = -1) -> bytes:
        part = super().read(size)
        if not part:
            message = "the stream ends in the middle"
            raise TruncatedContent(message)
        return part


def test_a_torn_file_is_read_to_its_last_whole_line(tmp_path: Path) -> None:
    content = f"{COMBINED}\n{COMBINED}\n{COMBINED[:60]}".encode()
    desk = Desk(tmp_path, streams={"some.log": _Torn(content)})
    tables = desk.read_one(content)
    check_every_line_stands_once(tables)
    assert [row["line_first"] for row in tables.records] == [1, 2]
    assert tables.reasons() == [(3, 3, "cut-off")]
    assert tables.reading("some.log")["cut_off"] is True


def test_a_torn_quote_costs_its_record_only(tmp_path: Path) -> None:
    lines = [CSVLOG.format(n=n) for n in range(1, 6)]
    torn = lines[1][:150]
    tables = Desk(tmp_path).read_one("\n".join([lines[0], torn, *lines[2:]]))
    check_every_line_stands_once(tables)
    assert [row["database_session_line"] for row in tables.records] == [1, 3, 4, 5]


def test_records_point_at_their_own_bytes(tmp_path: Path) -> None:
    tables: Tables = Desk(tmp_path).read_one(f"\n\n{CSVLOG.format(n=1)}\n\n{CSVLOG.format(n=2)}\n")
    assert [tables.content_of(row).decode() for row in tables.records] == [CSVLOG.format(n=n) for n in (1, 2)]
    assert [(r["line_first"], r["line_last"]) for r in tables.records] == [(3, 5), (7, 9)]
    assert tables.reasons() == [(1, 2, "blank"), (6, 6, "blank")]
