"""OCSF's and Elastic's cloud examples, and the files of lnav's own tests, against our columns."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ashiato.terms.times import us_of
from tests.corpus.rates import Rate
from tests.engine.reading.reading_desk import Desk, check_every_line_stands_once

Row = dict[str, Any]
_NEWEST = us_of(datetime(2026, 7, 21, tzinfo=UTC))
#: Where OCSF's example has what our columns are called after.
_PATHS = {
    "api.operation": "api_operation", "api.service.name": "api_service_name",
    "src_endpoint.ip": "src_endpoint_ip",
    "http_request.user_agent": "http_request_user_agent", "actor.user.type": "actor_user_type",
    "actor.user.credential_uid": "actor_user_credential_uid",
}  # fmt: skip


def _at(members: Row, path: str) -> object:
    here: object = members
    for step in path.split("."):
        here = here.get(step) if isinstance(here, dict) else None
    return here


@pytest.mark.slow
def test_ocsf_examples_have_our_columns(corpus: Path, tmp_path: Path) -> None:
    """Within our formats: CloudTrail, by the example's folder; findings, flows and name look-ups are not."""
    rate = Rate("expected-ocsf")
    for raw in sorted((corpus / "expected-ocsf").rglob("*.raw")):
        if "CloudTrail" not in raw.parts:
            rate.gaps["examples of other AWS services"] += 1
            continue
        normal = json.loads(raw.with_suffix(".ocsf").read_text("utf-8"))
        event = json.dumps(json.loads(raw.read_text("utf-8")))
        (row,) = Desk(tmp_path / raw.stem, zone="UTC").read_one(event).records
        expected = {ours: value for path, ours in _PATHS.items() if (value := _at(normal, path)) is not None}
        rate.count(raw.stem, expected | {"time_us": normal["time"] * 1000}, row)
    rate.close()


def _elastic(line: str) -> Row:
    """What a line of the two packages says, by the fields' order in their documents."""
    found = re.search(r"\[(?P<time>[^\]]+)\] .*? (?P<code>\d{3}) ", line)
    assert found
    moment = datetime.strptime(found["time"], "%d/%b/%Y:%H:%M:%S %z")
    return {"time_us": us_of(moment), "http_response_code": int(found["code"])}


@pytest.mark.slow
def test_elastic_integrations_lines_say_the_same(corpus: Path, tmp_path: Path) -> None:
    """The set has lines alone; time and code are read by a pattern of the test's own."""
    rate = Rate("expected-elastic-integrations")
    for path in sorted((corpus / "expected-elastic-integrations").glob("*.log")):
        text = path.read_text("utf-8")
        tables = Desk(tmp_path / path.stem, zone="UTC").read_one(text)
        rows = {row["line_first"]: row for row in tables.records}
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                rate.count(f"{path.name}:{number}", _elastic(line), rows.get(number))
    rate.close()


#: lnav names files after formats. Out of reach: those of single applications, and one that lnav is told.
_UNKNOWN_TO_US = {
    "laravel": "a framework's own lines",
    "regexp_access_log": "a format that lnav is configured with",
}
_CODE = re.compile(r'" (\d{3}) (?:\d+|-)')
_ADDRESS = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")


@pytest.mark.slow
def test_lnav_files_are_read_line_by_line(corpus: Path, tmp_path: Path) -> None:
    """The set has no expectations: each line that says something is in a record, with the code it shows."""
    rate = Rate("lnav-formats")
    for path in sorted((corpus / "lnav-formats").glob("logfile_*")):
        kind = path.name.removeprefix("logfile_").rpartition(".")[0]
        text = path.read_text("utf-8", "replace")
        lines = [line for line in text.split("\n") if line.strip() and not line.startswith("#")]
        if kind in _UNKNOWN_TO_US:
            rate.gaps[f"lines of {_UNKNOWN_TO_US[kind]}"] += len(lines)
            continue
        tables = Desk(tmp_path / path.name, zone="UTC", modified_us=_NEWEST).read(
            {path.name: path.read_bytes()}
        )
        check_every_line_stands_once(tables)
        rows = {
            number: row for row in tables.records for number in range(row["line_first"], row["line_last"] + 1)
        }
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip() and not line.startswith("#"):
                _count_line(rate, f"{path.name}:{number} {line[:120]}", line, rows.get(number))
    rate.close()


def _count_line(rate: Rate, label: str, line: str, row: Row | None) -> None:
    expected: Row = {"record": True}
    told: Row | None = None if row is None else {"record": True}
    if told is not None and row is not None and row["record_kind"] == "web-request":
        if found := _CODE.search(line):
            expected["code"], told["code"] = int(found[1]), row["http_response_code"]
        if addresses := _ADDRESS.findall(line):
            expected["address"], told["address"] = True, row["src_endpoint_ip"] in addresses
    rate.count(label, expected, told)
