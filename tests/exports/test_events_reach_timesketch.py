"""Every event comes out as Timesketch takes it in, as JSON lines and as CSV, whatever the log says."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ashiato.exports import pieces
from ashiato.exports.cell import unshield
from ashiato.exports.feeds.timesketch import write_timesketch
from ashiato.terms.times import us_of
from tests.exports.sample_run import START, TOKYO, write_run

_SAID = (
    "<script>x</script>",
    "=1+1",
    "a\x00b\x1b[2J",
    "\u202egnp.exe",
    "a\u2028b\r\nc",
    "\ufffd",
    "'quoted",
    "",
)
_ASKED = {"event_kind": "http", "http_request_method": "GET", "http_response_code": 200}
_EVENTS = [
    {
        "event_id": n,
        "start_us": START + n,
        "http_request_target": said,
        "http_request_user_agent": said,
        **_ASKED,
    }
    for n, said in enumerate(_SAID, 1)
]


def _write(
    folder: Path, events: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[dict[str, str]], bytes]:
    with write_run(folder / "run", {"events": events}) as store:
        outcome: Any = SimpleNamespace(store=store, zone=TOKYO)
        lines, sheet = (path.read_bytes() for path in write_timesketch(outcome, folder))
    rows = csv.DictReader(io.StringIO(sheet.decode(), newline=""), strict=True)
    return [json.loads(line) for line in lines.splitlines()], list(rows), lines + sheet


def test_both_say_every_event_and_the_same(tmp_path: Path) -> None:
    lines, rows, _ = _write(tmp_path, _EVENTS)
    assert [line["http_request_target"] for line in lines] == list(_SAID)
    assert [unshield(row["http_request_user_agent"]) for row in rows] == list(_SAID)
    for line, row in zip(lines, rows, strict=True):
        assert {"message", "datetime", "timestamp_desc"} <= line.keys()
        assert {name: str(value) for name, value in line.items() if name != "timestamp"} == {
            name: unshield(cell) for name, cell in row.items() if cell or name in line
        }


def test_times_are_what_timesketch_reads(tmp_path: Path) -> None:
    lines, rows, _ = _write(tmp_path, _EVENTS[:1])
    assert us_of(datetime.fromisoformat(lines[0]["datetime"])) == lines[0]["timestamp"] == START + 1
    assert rows[0]["datetime"] == lines[0]["datetime"]
    assert lines[0]["timestamp_desc"] == "Request"


def test_no_byte_acts_and_the_first_name_is_bare(tmp_path: Path) -> None:
    _, rows, raw = _write(tmp_path, _EVENTS)
    assert next(iter(rows[0])) == "message"
    assert not [cell for row in rows for cell in row.values() if cell.lstrip()[:1] in tuple("=+-@")]
    assert not {"\x00", "\x1b", "\u202e"} & set(raw.decode())


def test_pieces_change_no_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _write(tmp_path / "whole", _EVENTS)[2]
    monkeypatch.setattr(pieces, "_EVENTS_EACH", 3)
    assert _write(tmp_path / "pieces", _EVENTS)[2] == whole


def test_a_run_without_events_gives_a_header(tmp_path: Path) -> None:
    lines, rows, raw = _write(tmp_path, [])
    assert (lines, rows) == ([], [])
    assert raw.startswith(b"message,datetime,timestamp_desc,event_id")
