"""One visit as other servers and balancers write it: the same columns as from an nginx log."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.reading.blocks import Block, LineReader
from ashiato.engine.reading.parser import Parser, parse_whatever
from ashiato.engine.reading.parsers.caddy import CaddyLog
from ashiato.engine.reading.parsers.haproxy import HaproxyLog
from ashiato.engine.reading.parsers.load_balancers import LoadBalancerLog
from ashiato.engine.reading.parsers.server_errors import ServerErrors
from ashiato.engine.reading.parsers.w3c import W3cLog
from ashiato.engine.reading.times import Clock
from tests.engine.reading.reading_desk import Desk, Tables, check_every_line_stands_once

AGENT = "Mozilla/5.0 (X11; Linux)"
NGINX = (
    '203.0.113.9 - ann [12/May/2026:00:10:49 +0000] "GET /m/7?q=a%20b HTTP/1.1" 200 512 '
    f'"https://shop.example/" "{AGENT}"'
)
IIS = """#Software: Microsoft Internet Information Services 10.0
#Version: 1.0
#Date: 2026-05-12 00:00:00
#Fields: date time cs-method cs-uri-stem cs-uri-query s-port c-ip cs(User-Agent) sc-status time-taken
2026-05-12 00:10:49 GET /m/7 q=a%20b 443 203.0.113.9 Mozilla/5.0+(X11;+Linux) 200 15
"""
CLOUDFRONT = (
    "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem "
    "sc-status cs(Referer) cs(User-Agent) cs-uri-query x-host-header time-taken\n"
    "2026-05-12\t00:10:49\tNRT57\t512\t203.0.113.9\tGET\td1.cloudfront.net\t/m/7\t200\thttps://shop.example/\t"
    "Mozilla/5.0%20(X11;%20Linux)\tq=a%20b\tshop.example\t0.015\n"
)
CADDY = (
    '{"level":"info","ts":1778544649.25,"logger":"http.log.access","msg":"handled request","request":'
    '{"remote_ip":"10.0.0.2","remote_port":"4","client_ip":"203.0.113.9","proto":"HTTP/1.1","method":"GET",'
    '"host":"shop.example","uri":"/m/7?q=a%20b","headers":{"User-Agent":["' + AGENT + '"],'
    '"Referer":["https://shop.example/"]}},"user_id":"ann","duration":0.015,"size":512,"status":200}\n'
)
HAPROXY = (
    "203.0.113.9:4001 [12/May/2026:00:10:49.250] www~ app/one 0/0/1/13/15 200 512 - - ---- 1/1/0/0/0 0/0 "
    '{shop.example|#22x#22} {} "GET /m/7?q=a%20b HTTP/1.1"\n'
)
ALB = (
    "https 2026-05-12T00:10:49.250000Z app/lb/1 203.0.113.9:4001 10.0.0.1:80 0.001 0.013 0.001 200 200 34 "
    f'512 "GET https://shop.example:443/m/7?q=a%20b HTTP/1.1" "{AGENT}" ECDHE TLSv1.2 arn:x "Root=1" "-" "-" '
    '0 2026-05-12T00:10:49.235000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-" TID_1\n'
)
ELB = ALB.removeprefix("https ").partition(" arn:")[0] + "\n"
SAME = (
    "src_endpoint_ip",
    "http_request_method",
    "http_request_target",
    "http_request_path",
    "http_response_code",
)


def _read(tmp_path: Path, text: str) -> Tables:
    tables = Desk(tmp_path, zone="UTC").read_one(text)
    check_every_line_stands_once(tables)
    return tables


def _row(tmp_path: Path, text: str) -> dict[str, Any]:
    (row,) = _read(tmp_path, text).records
    return row


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("w3c", IIS), ("w3c", CLOUDFRONT), ("caddy", CADDY), ("haproxy", HAPROXY), ("aws-alb", ALB),
        ("aws-elb", ELB),
    ],
)  # fmt: skip
def test_a_visit_reads_as_from_nginx(tmp_path: Path, name: str, text: str) -> None:
    row, nginx = _row(tmp_path / "a", text), _row(tmp_path / "b", NGINX)
    assert row["source_format"] == name
    assert row["record_kind"] == "web-request"
    assert {key: row[key] for key in SAME} == {key: nginx[key] for key in SAME}
    assert row["time_us"] // 1_000_000 == nginx["time_us"] // 1_000_000
    assert row["duration_us"] == 15_000
    assert 512 in (row["traffic_out_bytes"], row["http_response_body_bytes"]) or text is IIS
    if name != "haproxy":
        assert row["http_request_user_agent"] == AGENT


def test_columns_follow_the_directive_above_them(tmp_path: Path) -> None:
    later = (
        "#Fields: time c-ip cs-method cs-uri-stem sc-status\n00:10:50 203.0.113.8 GET /x%20y 404\nbroken\n"
    )
    tables = _read(tmp_path, IIS + "#Date: 2026-05-13 00:00:00\n" + later)
    first, last = tables.records
    assert (last["src_endpoint_ip"], last["http_response_code"]) == ("203.0.113.8", 404)
    assert last["time_us"] - first["time_us"] == (86400 + 1) * 1_000_000
    assert last["http_request_path"] == "/x%20y"
    assert [reason for _, _, reason in tables.reasons()] == ["heading"] * 6 + ["unparsed"]


def test_directives_far_above_still_count() -> None:
    parser = W3cLog(Clock(ZoneInfo("UTC")))
    lines = IIS.encode().splitlines()
    (block,) = LineReader(io.BytesIO(lines[-1]))
    assert isinstance(block, Block)
    block = replace(block, mark=parser.mark(lines))
    assert parser.parse(block).columns["http_response_code"].to_pylist() == [200]


def test_connections_without_a_request_are_kept(tmp_path: Path) -> None:
    text = (
        "203.0.113.9:50033 [28/Feb/2025:02:43:10.123] www/1: SSL handshake failure\n"
        "203.0.113.9:40962 [20/Sep/2018:15:44:23.285] main app/<NOSRV> -1/-1/1 212 SC 1/1/0/0/0 0/0\n"
        "203.0.113.9:1 [20/Sep/2018:15:44:24.000] www www/<NOSRV> -1/-1/-1/-1/+5 400 +187 - - PR-- 1/1/0/0/0 "
        '0/0 "<BADREQ>"\n'
    )
    one, other, bad = _read(tmp_path, text).records
    assert (one["record_kind"], one["message"]) == ("host-message", "www/1: SSL handshake failure")
    assert (other["record_kind"], other["traffic_out_bytes"]) == ("host-message", 212)
    assert (bad["record_kind"], bad["http_request_method"], bad["duration_us"]) == ("web-request", None, 5000)


def test_errors_name_client_and_request(tmp_path: Path) -> None:
    nginx = (
        '2026/05/12 00:10:49 [error] 25#26: *45 open() "/srv/x" failed (2: No such file or directory), '
        'client: 203.0.113.9, server: _, request: "GET /x HTTP/1.1", host: "shop.example"\n'
    )
    apache = (
        "[Tue May 12 00:10:49.123456 2026] [authz_core:error] [pid 77:tid 88] [client 203.0.113.9:5040] "
        "AH01630: client denied by server configuration: /srv/x, referer: https://shop.example/\n"
    )
    row = _row(tmp_path / "a", nginx)
    assert (row["source_format"], row["src_endpoint_ip"], row["process_pid"]) == (
        "nginx-error",
        "203.0.113.9",
        25,
    )
    assert (row["http_request_method"], row["http_request_target"]) == ("GET", "/x")
    other = _row(tmp_path / "b", apache)
    assert (other["source_format"], other["src_endpoint_port"]) == ("apache-error", 5040)
    assert (other["error_code"], other["process_pid"], other["time_step_us"]) == ("AH01630", 77, 1)
    assert other["time_us"] // 1_000_000 == row["time_us"] // 1_000_000


_CLOCK = Clock(ZoneInfo("UTC"))
_PARSERS = [
    W3cLog(_CLOCK), CaddyLog(_CLOCK), HaproxyLog(_CLOCK), LoadBalancerLog("aws-alb", _CLOCK),
    LoadBalancerLog("aws-elb", _CLOCK), ServerErrors("nginx-error", _CLOCK),
    ServerErrors("apache-error", _CLOCK),
]  # fmt: skip
_TEXTS = [IIS, CLOUDFRONT, CADDY, HAPROXY, ALB, ELB]


@given(st.sampled_from(_TEXTS), st.lists(st.tuples(st.integers(0, 900), st.binary(max_size=6)), max_size=6))
def test_spoilt_lines_are_read_or_left(text: str, spoils: list[tuple[int, bytes]]) -> None:
    spoilt = text.encode()
    for at, put in spoils:
        spoilt = spoilt[: at % len(spoilt)] + put + spoilt[at % len(spoilt) + len(put) :]
    for parser in _PARSERS:
        _check_sound(parser, spoilt)


def _check_sound(parser: Parser, content: bytes) -> None:
    for block in LineReader(io.BytesIO(content)):
        assert isinstance(block, Block)
        parsed = parser.parse(block)
        assert len(parse_whatever(parser, block)) == len(parsed)
        assert len(set(parsed.first.tolist())) == len(parsed)
        assert all(len(array) == len(parsed) for array in parsed.columns.values())


def test_headings_of_one_column_read_each_line_once() -> None:
    block = next(iter(LineReader(io.BytesIO(b"#Fields: time\n#Date: 2026-06-08\n10:00:00\n10:00:01\n"))))
    assert isinstance(block, Block)
    assert W3cLog(Clock(ZoneInfo("UTC"))).parse(block).first.tolist() == [2, 3]
