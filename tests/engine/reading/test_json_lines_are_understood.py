"""JSON lines: keys by their usual names or as the data map says, sign-ins with their outcome."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ashiato.datamap.model import DataMap, Source
from tests.engine.reading.reading_desk import Desk, check_every_line_stands_once

AT = "2026-06-08T22:41:03.405+09:00"


def _row(tmp_path: Path, members: dict[str, Any], datamap: DataMap | None = None) -> dict[str, Any]:
    text = json.dumps(members, ensure_ascii=False)
    (row,) = Desk(tmp_path, datamap=datamap or DataMap()).read_one(text).records
    return {name: value for name, value in row.items() if value is not None}


def test_requests_are_understood_by_usual_keys(tmp_path: Path) -> None:
    row = _row(tmp_path, {
        "@timestamp": AT, "client_ip": "192.0.2.7", "method": "GET", "url": "/a?b", "status": 200,
        "body_bytes_sent": 12, "request_time": 0.25, "sid": "f00d", "user_agent": "curl", "shard": {"n": [1]},
    })  # fmt: skip
    assert row["record_kind"] == "web-request"
    assert (row["http_request_path"], row["http_request_query"], row["http_response_code"]) == (
        "/a",
        "b",
        200,
    )
    assert (row["src_endpoint_ip"], row["actor_session_uid"]) == ("192.0.2.7", "f00d")
    assert (row["duration_us"], row["http_response_body_bytes"]) == (250000, 12)
    assert json.loads(row["unmapped"]) == {"shard": {"n": [1]}}


@pytest.mark.parametrize("below", [False, True])
def test_requests_that_loggers_of_node_keep_inside_are_understood(tmp_path: Path, *, below: bool) -> None:
    """As pino and bunyan write them, and express-winston below ``meta``; their times count milliseconds."""
    kept = {
        "req": {"method": "GET", "url": "/members/12?a=b", "headers": {"user-agent": "curl"}},
        "res": {"statusCode": 404}, "responseTime": 6,
    }  # fmt: skip
    row = _row(tmp_path, {"time": AT, "reqId": "3dee6c91", **({"meta": kept} if below else kept)})
    assert row["record_kind"] == "web-request"
    assert (row["http_request_path"], row["http_request_query"]) == ("/members/12", "a=b")
    assert (row["http_request_method"], row["http_response_code"]) == ("GET", 404)
    assert (row["http_request_user_agent"], row["duration_us"]) == ("curl", 6000)


def test_a_line_about_a_request_without_its_reply_is_no_request(tmp_path: Path) -> None:
    row = _row(tmp_path, {"time": AT, "req": {"method": "GET", "url": "/a"}, "sql": "SELECT 1"})
    assert row["record_kind"] != "web-request"
    assert "http_request_path" not in row


def test_a_request_said_outright_outweighs_one_inside(tmp_path: Path) -> None:
    row = _row(tmp_path, {"time": AT, "method": "PUT", "url": "/a", "req": {"method": "GET", "url": [1]}})
    assert (row["http_request_method"], row["http_request_path"]) == ("PUT", "/a")


@pytest.mark.parametrize(
    ("event", "status"),
    [
        ("login_ok", "success"), ("login_failed", "failure"), ("signin.success", "success"),
        ("LoginFailure", "failure"), ("user logged in", None), ("auth.failed", "failure"),
    ],
)  # fmt: skip
def test_sign_ins_tell_their_outcome(tmp_path: Path, event: str, status: str | None) -> None:
    row = _row(tmp_path, {"ts": AT, "event": event, "customer_id": 7, "request_id": "r1", "ip": "192.0.2.7"})
    assert (row["record_kind"], row.get("status")) == ("sign-in", status)
    assert (row["actor_user_name"], row["trace_uid"]) == ("7", "r1")


def test_the_data_map_says_what_keys_and_values_mean(tmp_path: Path) -> None:
    source = Source(
        files="*.log",
        fields={
            "actor_user_name": "who.name",
            "time": "t",
            "activity_name": "what",
            "src_endpoint_ip": "peer",
        },
        success={"code": "A1"},
        failure={"code": "A9"},
    )
    members = {"t": 1780926063, "what": "login", "who": {"name": "aoi"}, "code": "A9", "peer": "192.0.2.7"}
    row = _row(tmp_path, members, DataMap(sources=(source,)))
    assert (row["actor_user_name"], row["status"], row["src_endpoint_ip"]) == ("aoi", "failure", "192.0.2.7")
    assert (row["time_us"], row["time_step_us"]) == (1780926063000000, 1000000)


def test_values_that_are_not_what_keys_promise_stay_visible(tmp_path: Path) -> None:
    members = {"ts": AT, "method": "GET", "path": "/", "ip": "not an address", "status": "fine", "bytes": "x"}
    row = _row(tmp_path, members)
    assert row["status"] == "fine"
    assert json.loads(row["unmapped"]) == {"address": "not an address"}
    assert "traffic_out_bytes" not in row


def test_broken_and_hostile_objects_cost_only_themselves(tmp_path: Path) -> None:
    good = json.dumps({"ts": AT, "msg": "ok"}).encode()
    lines = [
        good, b'{"ts": "' + AT.encode() + b'", "msg": "\xff\xfe \x00\x1b[2J"}', b"{", b"[1,2]",
        b'{"msg": "no time"}', b'{"ts":"' + AT.encode() + b'","a":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b"\xef\xbb\xbf" + good, good,
    ]  # fmt: skip
    tables = Desk(tmp_path).read_one(b"\n".join(lines))
    check_every_line_stands_once(tables)
    numbers = [row["line_first"] for row in tables.records]
    assert set(numbers) >= {1, 2, 7, 8}
    assert set(numbers) <= {1, 2, 6, 7, 8}
    assert tables.records[1]["activity_name"] == "\ufffd\ufffd \x00\x1b[2J"


@pytest.mark.parametrize("depth", [300, 500, 900, 200_000])
@pytest.mark.parametrize("place", [0, 2])
def test_value_too_deep_to_write_again_costs_its_line(tmp_path: Path, depth: int, place: int) -> None:
    """Its parser reads deeper than it writes; the line is unread, be it the first of the file or another."""
    good = json.dumps({"ts": AT, "msg": "ok"}).encode()
    lines = [good] * 4
    for key in (b"msg", b"beside"):
        deep = b'{"ts":"' + AT.encode() + b'","' + key + b'":' + b"[" * depth + b"]" * depth + b"}"
        lines.insert(place, deep)
    tables = Desk(tmp_path).read_one(b"\n".join(lines))
    check_every_line_stands_once(tables)
    assert len(tables.records) == 4
    assert [row["line_first"] for row in tables.unread] == [place + 1, place + 2]


def test_numbers_keep_the_step_they_are_written_in(tmp_path: Path) -> None:
    tables = Desk(tmp_path).read_one('{"ts":1780926063.200,"msg":"a"}\n{"ts":1780926063.2345,"msg":"b"}\n')
    assert [(row["time_us"] % 10**6, row["time_step_us"]) for row in tables.records] == [
        (200000, 1000),
        (234500, 1),
    ]
