"""Windows event logs: against the JSON beside Sigma's events, and a whole-file reading of attack samples."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import evtx
import pytest

from ashiato.terms.times import us_of
from tests.corpus.rates import Rate
from tests.engine.reading.reading_desk import Desk, Tables

Row = dict[str, Any]


def _system_of(event: Row) -> Row:
    return dict((event.get("Event") or event)["System"])


def _expected_of(event: Row) -> Row:
    system = _system_of(event)
    number = system["EventID"]
    written = system["TimeCreated"]["#attributes"]["SystemTime"]
    return {
        "time_us": us_of(datetime.fromisoformat(written)), "device_hostname": system["Computer"],
        "activity_name": str(number["#text"] if isinstance(number, dict) else number),
    }  # fmt: skip


def _read(tmp_path: Path, path: Path) -> Tables:
    tables = Desk(tmp_path / path.stem, zone="UTC").read({path.name: path.read_bytes()})
    (reading,) = tables.readings
    assert reading["records"] + reading["unread_lines"] == reading["lines"]
    for row in tables.records[:50]:
        assert tables.content_of(row).startswith(b"**\x00\x00")
    return tables


@pytest.mark.slow
def test_regression_events_have_their_columns(corpus: Path, tmp_path: Path) -> None:
    rate = Rate("sigma-regression (events)")
    for path in sorted((corpus / "sigma-regression").rglob("*.evtx")):
        beside = path.with_suffix(".json")
        if not beside.exists():
            rate.gaps["files without their event as JSON"] += 1
            continue
        rows = {row["line_first"]: row for row in _read(tmp_path, path).records}
        for event in _events_in(beside.read_text("utf-8-sig")):
            row = rows.get(int(_system_of(event)["EventRecordID"]))
            rate.count(path.stem, _expected_of(event), row)
    rate.close()


def _events_in(text: str) -> list[Row]:
    """The objects of a file that holds one after another, or a list of them."""
    decoder, events, at = json.JSONDecoder(), [], 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        held, at = decoder.raw_decode(text, at)
        events += held if isinstance(held, list) else [held]
    return events


@pytest.mark.slow
def test_attack_samples_are_read_whole(corpus: Path, tmp_path: Path) -> None:
    rate = Rate("evtx-attack-samples")
    for path in sorted((corpus / "evtx-attack-samples").rglob("*.evtx")):
        rows = {row["byte_first"]: row for row in _read(tmp_path, path).records}
        told = [rows[byte] for byte in sorted(rows)]
        whole = [json.loads(record["data"]) for record in evtx.PyEvtxParser(str(path)).records_json()]  # type: ignore[index]
        assert len(told) == len(whole), path.name
        for event, row in zip(whole, told, strict=True):
            rate.count(f"{path.name}#{row['line_first']}", _expected_of(event), row)
    rate.close()
