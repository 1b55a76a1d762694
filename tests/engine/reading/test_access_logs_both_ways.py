"""Access logs: the way over many lines at once agrees with the exact way, and both with what was written."""

from __future__ import annotations

import io
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.reading.blocks import Block, LineReader
from ashiato.engine.reading.log_formats import (
    COMBINED,
    COMMON,
    HOPS,
    VHOST_COMBINED,
    apache_format,
    nginx_format,
)
from ashiato.engine.reading.parser import Parsed
from ashiato.engine.reading.parsers.web_log import WebLog, unescape
from ashiato.engine.reading.times import Clock

CLOCK = Clock(ZoneInfo("Asia/Tokyo"))
MAIN = nginx_format(
    "nginx:main",
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" '
    '"$http_user_agent" "$http_x_forwarded_for" rt=$request_time uct="$upstream_connect_time" $msec',
)
TIMED = apache_format("apache:timed", '%h %l %u %t "%r" %>s %O %D "%{Host}i" %{UNIQUE_ID}e')

address = st.sampled_from(["192.0.2.7", "2001:db8::7", "host.example", "-", "", "a b", "x\ty"])
user = st.sampled_from(["-", "aoi", "John Smith", "", "a [b", "\\x22"])
time = st.sampled_from([
    "08/Jun/2026:22:41:03 +0900", "31/Dec/1999:23:59:60 -0330", "29/Feb/2024:00:00:00 +0000",
    "30/Feb/2024:00:00:00 +0000", "08/jun/2026:22:41:03 +0900", "08/Xyz/2026:22:41:03 +0900", "-", "now",
    "08/Jun/2026:22:41:0x +0900", "08/Jun/2026:22:41:03", "08/Jun/0000:22:41:03 +0900",
    "08/Jun/2026:22:41:0\\x33 +0900",
])  # fmt: skip
request = st.sampled_from([
    "GET / HTTP/1.1", "POST /a?b=c&d=%20 HTTP/2.0", "GET /a b HTTP/1.0", "GET /a", "-", "", "\\x16\\x03\\x01",
    "GET http://shop.example/x?y HTTP/1.1", "GET /%E3%81%82%zz?q HTTP/1.1", "get /x HTTP/1.1x",
    "GET  / HTTP/1.1", "CONNECT h:443 HTTP/1.1", 'GET /\\"x HTTP/1.1', 'GET /"x HTTP/1.1',
    "GET /日本?検 HTTP/1.1", "A HTTP/1.1",
])  # fmt: skip
number = st.sampled_from(
    ["200", "0", "-", "", "12345678901234567890123", "4o4", "99999999999", " 7", "\\x32"]
)
quoted = st.sampled_from(
    [
        "-",
        "",
        "curl/8.5.0",
        "x\\\\",
        "\\x5c",
        "\\xE3\\x81",
        "\\q\\",
        "Mozilla (X; Y) z",
        'say \\"hi\\"',
        'torn " one',
        "\\x1b[2J",
        "あ",
    ]
)
ending = st.sampled_from(["", "", "", " ", "  ", "\t", "   ", "\r", " \r", "\r ", "x"])


def _line(*values: str) -> str:
    at, who, when, asked, status, size, referrer, agent, end = values
    return f'{at} - {who} [{when}] "{asked}" {status} {size} "{referrer}" "{agent}"{end}'


line = st.builds(_line, address, user, time, request, number, number, quoted, quoted, ending)
noise = st.sampled_from(["", "-", '"', "\\", "free words", '" "', '[] "" - - 1', "\x00", "\udcff"])


@given(lines=st.lists(line | noise, max_size=30))
def test_both_ways_agree_on_combined_lines(lines: list[str]) -> None:
    _check_agreement(WebLog(COMBINED, CLOCK), "\n".join(lines).encode("utf-8", "surrogateescape"))


usual = st.tuples(
    st.sampled_from(["192.0.2.7", "2001:db8::7", "", "a - - [b", "a,b", "x\ty", "-"]),
    st.sampled_from(
        ["08/Jun/2026:22:41:03 +0900", "30/Feb/2026:22:41:03 +0900", "08 Jun 2026 22 41 03 +0900"]
    ),
    st.sampled_from(["200", "404", "-", "2 0", "20"]),
    st.sampled_from(["0", "512", "-", "", "5 1"]),
)


@given(lines=st.lists(usual, min_size=1, max_size=4))
def test_both_ways_agree_on_usual_lines(lines: list[tuple[str, ...]]) -> None:
    text = "\n".join(f'{a} - - [{t}] "GET / HTTP/1.1" {s} {n} "-" "x"' for a, t, s, n in lines)
    _check_agreement(WebLog(COMBINED, CLOCK), text.encode())
    _check_agreement(WebLog(HOPS, CLOCK), text.encode())


@given(lines=st.lists(st.tuples(line, quoted, number, quoted, number), max_size=12))
def test_both_ways_agree_on_a_configured_format(lines: list[tuple[str, ...]]) -> None:
    text = "\n".join(f'{a} "{b}" rt=0.{c} uct="{d}" 1780926063.{e}' for a, b, c, d, e in lines)
    _check_agreement(WebLog(MAIN, CLOCK), text.encode())


@given(lines=st.lists(st.tuples(address, user, time, request, number, number, quoted), max_size=12))
def test_both_ways_agree_on_an_apache_format(lines: list[tuple[str, ...]]) -> None:
    text = "\n".join(f'{a} - {u} [{t}] "{r}" {s} 10 {n} "{h}" id-{n}' for a, u, t, r, s, n, h in lines)
    _check_agreement(WebLog(TIMED, CLOCK), text.encode())


def _block(content: bytes) -> Block:
    pieces = list(LineReader(io.BytesIO(content.removesuffix(b"\n") + b"\n")))
    assert isinstance(pieces[0], Block)
    return pieces[0]


def _check_agreement(parser: WebLog, content: bytes) -> None:
    block = _block(content)
    together, exactly = parser.parse_together(block), parser.parse_exactly(block)
    exact = dict(zip(exactly.first.tolist(), _rows(exactly), strict=True))
    for index, row in zip(together.first.tolist(), _rows(together), strict=True):
        assert row == exact[index], block.line(index)
    both = parser.parse(block)
    assert both.first.tolist() == exactly.first.tolist()
    assert _rows(both) == _rows(exactly)


def _rows(parsed: Parsed) -> list[dict[str, Any]]:
    table = pa.table(parsed.columns) if parsed.columns else pa.table({"n": pa.nulls(len(parsed))})
    return [{name: value for name, value in row.items() if value is not None} for row in table.to_pylist()]


def _one(parser: WebLog, text: str | bytes) -> dict[str, Any]:
    block = _block(text if isinstance(text, bytes) else text.encode())
    (row,) = _rows(parser.parse(block))
    return row


def test_plain_lines_keep_to_the_template() -> None:
    text = _line(
        "192.0.2.7", "-", "08/Jun/2026:22:41:03 +0900", "GET /a?b HTTP/1.1", "200", "7", "-", "x y", ""
    )
    block = _block("\n".join([text] * 50).encode())
    assert len(WebLog(COMBINED, CLOCK).parse_together(block)) == 50


def test_combined_lines_say_who_asked_for_what() -> None:
    text = _line(
        "192.0.2.7", "aoi", "08/Jun/2026:22:41:03 +0900", "GET /%E6%A4%9C?q=%41 HTTP/1.1", "200", "512",
        "https://shop.example/", "curl/8.5.0", "",
    )  # fmt: skip
    assert _one(WebLog(COMBINED, CLOCK), text) == {
        "record_kind": "web-request", "time_us": 1780926063000000, "time_step_us": 1000000,
        "src_endpoint_ip": "192.0.2.7", "actor_user_name": "aoi", "http_request_method": "GET",
        "http_request_target": "/%E6%A4%9C?q=%41", "http_request_path": "/検", "http_request_query": "q=%41",
        "http_request_version": "HTTP/1.1", "http_response_code": 200, "http_response_body_bytes": 512,
        "http_request_referrer": "https://shop.example/", "http_request_user_agent": "curl/8.5.0",
    }  # fmt: skip


def test_escapes_of_the_server_are_undone() -> None:
    text = _line(
        "192.0.2.7", "-", "08/Jun/2026:22:41:03 +0900", r"GET /a\x22b?q=\xE3\x81\x82 HTTP/1.1", "200", "1",
        r"say \"hi\"", r"\x1b[2J\xff", "",
    )  # fmt: skip
    row = _one(WebLog(COMBINED, CLOCK), text)
    assert (row["http_request_path"], row["http_request_query"]) == ('/a"b', "q=あ")
    assert row["http_request_referrer"] == 'say "hi"'
    assert row["http_request_user_agent"] == "\x1b[2J\ufffd"


def test_common_and_vhost_lines_are_read() -> None:
    common = '192.0.2.7 - - [08/Jun/2026:22:41:03 +0900] "GET / HTTP/1.0" 404 -'
    assert _one(WebLog(COMMON, CLOCK), common)["http_response_code"] == 404
    vhost = f'shop.example:443 {common} "-" "curl/8.5.0"'
    row = _one(WebLog(VHOST_COMBINED, CLOCK), vhost)
    assert (row["http_request_host"], row["src_endpoint_ip"]) == ("shop.example", "192.0.2.7")


def test_configured_values_find_their_columns() -> None:
    text = (
        '10.0.0.5 - - [08/Jun/2026:22:41:03 +0900] "GET / HTTP/1.1" 200 5 "-" "x" "198.51.100.4" '
        'rt=0.125 uct="0.003" 1780926063.250'
    )
    row = _one(WebLog(MAIN, CLOCK), text)
    assert (row["duration_us"], row["time_us"], row["time_step_us"]) == (125000, 1780926063250000, 1000)
    assert row["unmapped"] == '{"http_x_forwarded_for":"198.51.100.4","upstream_connect_time":"0.003"}'
    timed = '192.0.2.7 - - [08/Jun/2026:22:41:03 +0900] "GET / HTTP/1.1" 200 10 1500 "shop.example" Zx9'
    row = _one(WebLog(TIMED, CLOCK), timed)
    assert (row["duration_us"], row["traffic_out_bytes"], row["trace_uid"]) == (1500, 10, "Zx9")


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/a?b?c", "/a", "b?c"),
        ("/a?", "/a", None),
        ("*", "*", None),
        ("http://proxy.example:80/x/%41?q", "/x/A", "q"),
        ("/%2e%2e/%zz", "/../%zz", None),
        ("/%ff", "/\ufffd", None),
    ],
)
def test_targets_fall_into_path_and_query(target: str, path: str, query: str | None) -> None:
    text = _line(
        "192.0.2.7", "-", "08/Jun/2026:22:41:03 +0900", f"GET {target} HTTP/1.1", "200", "1", "-", "-", ""
    )
    row = _one(WebLog(COMBINED, CLOCK), text)
    assert row["http_request_path"] == path
    assert row.get("http_request_query") == (query or ("" if target.endswith("?") else None))


@given(st.binary(max_size=30))
def test_unescaping_undoes_what_servers_write(value: bytes) -> None:
    written = b"".join(
        b"\\x%02X" % code if code < 32 or code > 126 or code in b'"\\' else bytes([code]) for code in value
    )
    assert unescape(written) == value
