"""Filebeat's modules (2019): each record of theirs, by its place in the file, against ours.

Within our formats: every file of the set that has an expectation beside it. Out of reach, by the record's own
fields: none but what is declared below.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ashiato.datamap.model import DataMap, Source
from ashiato.terms.times import moment_of, us_of
from tests.corpus.rates import Rate
from tests.engine.reading.reading_desk import Desk, check_every_line_stands_once

Row = dict[str, Any]

#: Files whose format a server's configuration says, as the set's own pipeline for them does.
_CONFIGURED = {
    "apache/access/test/ssl-request.log": '%t %h %{SSL_PROTOCOL}x %{SSL_CIPHER}x "%r" %b',
}
_COLUMNS = {
    "source.port": "src_endpoint_port", "http.request.method": "http_request_method",
    "url.original": "http_request_target", "http.response.status_code": "http_response_code",
    "http.response.body.bytes": "http_response_body_bytes", "user_agent.original": "http_request_user_agent",
    "process.pid": "process_pid", "postgresql.log.database": "database_name",
    "haproxy.bytes_read": "traffic_out_bytes",
}  # fmt: skip
#: When the set was made (its ORIGIN.txt), for times without a year.
_MADE = us_of(datetime(2019, 3, 20, tzinfo=UTC))
#: Lines that belong to the message above them; Filebeat keeps them apart.
_ADDED = ("STATEMENT", "DETAIL", "HINT", "CONTEXT")


def _wanted(each: Row, row: Row) -> tuple[Row, Row]:
    """What the record expects, and what ours says, under the same names."""
    wanted = {ours: each[theirs] for theirs, ours in _COLUMNS.items() if theirs in each}
    said = {name: row[name] for name in wanted}
    if "process_pid" in wanted and row["record_kind"].startswith("sql"):
        wanted["process_pid"], said["process_pid"] = str(wanted["process_pid"]), row["database_session_uid"]
    if "@timestamp" in each:
        # Its pipeline for PostgreSQL drops the zone's letters (CEST): within the hour the clocks agree.
        begin = len("2017-07-31T13:") if each["event.module"] == "postgresql" else 0
        wanted["time"], said["time"] = each["@timestamp"][begin:], _stamp(row["time_us"])[begin:]
    if address := each.get("source.address", each.get("source.ip")):
        wanted["address"], said["address"] = address, row["src_endpoint_ip"]
    if user := each.get("user.name"):
        wanted["user"], said["user"] = user, row["actor_user_name"] or row["database_user_name"]
    if referrer := each.get("http.request.referrer"):
        wanted["referrer"], said["referrer"] = referrer, row["http_request_referrer"] or "-"
    if "http.version" in each:
        wanted["version"], said["version"] = f"HTTP/{each['http.version']}", row["http_request_version"]
    if "event.duration" in each:
        wanted["duration"], said["duration"] = round(each["event.duration"] / 1000), row["duration_us"]
    if line := each.get("haproxy.http.request.raw_request_line"):
        parts = ("http_request_method", "http_request_target", "http_request_version")
        wanted["request"], said["request"] = line, " ".join(row[name] for name in parts)
    return {k: None if v in ("-", "unknown") else v for k, v in wanted.items()}, {
        k: None if v == "-" else v for k, v in said.items()
    }


def _row_at(rows: list[Row], offset: int) -> Row | None:
    """The record that holds the byte; auditd's holds all lines of its event."""
    return next((row for row in rows if row["byte_first"] <= offset < row["byte_last"]), None)


def _stamp(time_us: int) -> str:
    return moment_of(time_us).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


@pytest.mark.slow
def test_filebeat_records_hold_in_our_columns(corpus: Path, tmp_path: Path) -> None:
    rate = Rate("expected-filebeat")
    folder = corpus / "expected-filebeat"
    for path in sorted(folder.rglob("*-expected.json")):
        name = path.relative_to(folder).as_posix().removesuffix("-expected.json")
        expected = json.loads(path.read_text("utf-8"))
        sources = (Source("*", log_format=_CONFIGURED[name]),) if name in _CONFIGURED else ()
        desk = Desk(tmp_path / name, zone="UTC", datamap=DataMap(sources=sources), modified_us=_MADE)
        tables = desk.read({name: (folder / name).read_bytes()})
        check_every_line_stands_once(tables)
        for each in expected:
            if each.get("log.level") in _ADDED:
                continue
            if len(each.get("nginx.access.remote_ip_list", ())) > 1:
                rate.gaps["of a header's addresses Filebeat believes the first, which anyone can write"] += 1
                continue
            row = _row_at(tables.records, each["log.offset"])
            label = f"{name}@{each['log.offset']}"
            if row is None:
                rate.count(label, {"record": True}, None)
            else:
                rate.count(label, *_wanted(each, row))
    rate.close()
