"""A log read piece by piece while it is written gives the records of the log read whole."""

from __future__ import annotations

import io
from zoneinfo import ZoneInfo

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from ashiato.datamap.model import DataMap
from ashiato.engine.reading.arriving import ArrivingLog, ArrivingLogs
from ashiato.engine.reading.blocks import Block, LineReader
from ashiato.engine.reading.detection import Detector
from ashiato.engine.reading.files import read_block

UTC = ZoneInfo("UTC")
WEB = (
    b'203.0.113.%d - - [11/Jun/2026:00:00:%02d +0900] "GET /owners/%d HTTP/1.1" 200 10132 "-" "\xff\x00 x"\n'
)
CSV = (
    b"2026-06-11 00:00:%02d.000 JST,app,shop,1,127.0.0.1:5,6a.%d,1,SELECT,2026-06-07 23:59:22 JST,"
    b"3/1,0,LOG,00000,"
    b'"statement: SELECT %d\nFROM owners",,,,,,,,,web,client backend,,0\n'
)


def _opened(file: str) -> ArrivingLog:
    return ArrivingLogs(DataMap(), [], UTC).open(file)


def _whole(file: str, content: bytes) -> list[dict[str, object]]:
    block = next(piece for piece in LineReader(io.BytesIO(content)) if isinstance(piece, Block))
    records, _ = read_block("", Detector(DataMap(), [], UTC).choose(file, block).parsers, block)
    return _rows(records)


def _rows(records: pa.RecordBatch | None) -> list[dict[str, object]]:
    rows = records.to_pylist() if records is not None else []
    # The bytes are counted from the piece's begin here, and from the file's there.
    return [{k: v for k, v in row.items() if not k.startswith("byte_")} for row in rows]


def _in_pieces(log: ArrivingLog, content: bytes, cuts: list[int]) -> list[dict[str, object]]:
    log.learn(content)
    rows, start, number = [], 0, 1
    for stop in [*sorted(cuts), len(content)]:
        whole = content.rfind(b"\n", start, stop) + 1
        if whole <= start:
            continue
        arrived = log.read(content[start:whole], number, ended=stop == len(content))
        rows += _rows(arrived.records)
        start, number = start + arrived.taken_bytes, number + arrived.taken_lines
    assert start == len(content)
    return rows


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.integers(0, 59), min_size=1, max_size=30),
    st.lists(st.integers(0, 9000), max_size=8),
    st.booleans(),
)
def test_pieces_give_the_records_of_the_whole(seconds: list[int], cuts: list[int], is_csv: bool) -> None:
    line = CSV if is_csv else WEB
    numbers = [(second, n, n) if is_csv else (n, second, n) for n, second in enumerate(seconds)]
    content = b"".join(line % each for each in numbers)
    file = "postgresql.csv" if is_csv else "access.log"
    assert _in_pieces(_opened(file), content, cuts) == _whole(file, content)


def test_a_log_that_begins_with_junk_is_known_once_it_is_a_log() -> None:
    log = _opened("access.log")
    junk = log.read(b"\x00\x00\x1b[31m\n\n", 1, ended=False)
    assert (junk.records, junk.taken_lines, junk.unread) == (None, 2, 1)
    read = log.read(WEB % (1, 2, 3), 3, ended=False)
    assert [row["line_first"] for row in _rows(read.records)] == [3]
    assert log.source_format == "combined"
