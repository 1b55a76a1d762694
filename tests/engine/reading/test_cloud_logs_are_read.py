"""Logs of object stores: S3 access lines, CloudTrail records singly and in arrays, hostile words in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ashiato.datamap.model import DataMap, Source
from ashiato.engine.reading.cloud_calls import activity_of, actor_of, key_of
from ashiato.engine.reading.elements import ElementReader, begins_array
from tests.engine.reading.reading_desk import Desk, check_every_line_stands_once

LINE = (
    "79a5 share [22/Jun/2026:05:41:03 +0000] 203.0.113.9 arn:aws:iam::123456789012:user/partner 3F9 "
    'REST.GET.OBJECT lists/a%2520b.csv "GET /share/lists/a%20b.csv HTTP/1.1" 206 - 100 9000 12 11 "-" '
    '"{agent}" v1 hostid= SigV4 TLS AuthHeader share.s3.amazonaws.com TLSv1.3 - -'
)


class _Bytes:
    def __init__(self, content: bytes, step: int) -> None:
        self._content, self._step = content, step

    def read(self, size: int, /) -> bytes:
        given, self._content = self._content[: min(size, self._step)], self._content[min(size, self._step) :]
        return given


def _record(**more: Any) -> dict[str, Any]:
    return {
        "eventVersion": "1.09", "eventTime": "2026-06-22T05:41:03Z", "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject", "sourceIPAddress": "203.0.113.9", "userAgent": "[aws-cli/2]",
        "userIdentity": {"arn": "arn:aws:sts::1:assumed-role/web/i-0123456789", "accessKeyId": "ASIA1"},
        "requestParameters": {"bucketName": "share", "key": "lists/a b.csv", "range": "bytes=0-99"},
        "additionalEventData": {"bytesTransferredOut": 100.0}, "requestID": "3F9",
    } | more  # fmt: skip


def test_an_access_line_tells_object_and_bytes(tmp_path: Path) -> None:
    (row,) = Desk(tmp_path).read_one(LINE.format(agent="aws-cli/2.1")).records
    assert (row["record_kind"], row["activity_name"]) == ("api-call", "read")
    assert (row["databucket_name"], row["databucket_file_path"]) == ("share", "lists/a b.csv")
    assert (row["http_response_code"], row["http_response_body_bytes"]) == (206, 100)
    assert (row["databucket_file_size"], row["databucket_file_version"]) == (9000, "v1")
    assert (row["actor_user_name"], row["api_request_uid"]) == ("partner", "3F9")


def test_quotes_in_a_user_agent_shift_no_field(tmp_path: Path) -> None:
    (row,) = Desk(tmp_path).read_one(LINE.format(agent='x" 200 - 1 1 "y')).records
    assert row["http_request_user_agent"] == 'x" 200 - 1 1 "y'
    assert (row["http_response_code"], row["databucket_file_version"]) == (206, "v1")


def test_records_of_an_array_are_numbered(tmp_path: Path) -> None:
    records = [_record(requestID=str(n), note='tricky ]}{ "\\" text') for n in range(5)]
    read = Desk(tmp_path).read_one(json.dumps({"Records": records}))
    assert [row["line_first"] for row in read.records] == [1, 2, 3, 4, 5]
    assert {row["source_format"] for row in read.records} == {"cloudtrail-array"}
    (first, *_) = read.records
    assert (first["http_request_range"], first["http_response_body_bytes"]) == ("bytes=0-99", 100)
    assert (first["actor_user_name"], first["actor_user_credential_uid"]) == ("web/i-0123456789", "ASIA1")


def test_single_records_read_like_those_of_arrays(tmp_path: Path) -> None:
    text = "\n".join(json.dumps(_record(requestID=str(n))) for n in range(3)) + "\nnonsense\n"
    read = Desk(tmp_path).read_one(text)
    assert [row["api_request_uid"] for row in read.records] == ["0", "1", "2"]
    check_every_line_stands_once(read)


def test_an_array_that_breaks_off_keeps_what_came(tmp_path: Path) -> None:
    text = json.dumps({"Records": [_record(requestID=str(n)) for n in range(4)]})
    read = Desk(tmp_path).read_one(text[:-200])
    assert len(read.records) == 3
    assert [row["reason"] for row in read.unread] == ["too-long"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.dictionaries(st.text(max_size=8), st.text(max_size=9), max_size=3), min_size=1, max_size=5),
    st.integers(7, 90),
    st.booleans(),
)
def test_elements_are_those_of_the_document(
    members: list[dict[str, Any]], step: int, is_spread: bool
) -> None:
    text = json.dumps({"Records": members}, indent=2 if is_spread else None).encode()
    assert begins_array(text)
    found = [line for block in ElementReader(_Bytes(text, step)) for line in block.lines()]  # type: ignore[union-attr]
    assert [json.loads(line) for line in found] == members


def test_names_of_calls_and_actors_are_known() -> None:
    assert activity_of("REST.HEAD.OBJECT") == "describe"
    assert activity_of("ListObjectsV2") == "list"
    assert activity_of("DescribeInstances") is None
    assert actor_of("arn:aws:iam::1:user/path/ann") == "path/ann"
    assert key_of("a%252Bb%2520c") == "a+b c"
    assert key_of("100%25") == "100%"


def test_logs_of_other_stores_are_read_by_the_map(tmp_path: Path) -> None:
    fields = {
        "time": "ts", "databucket_name": "req.bucket", "databucket_file_path": "req.object",
        "api_operation": "op", "http_response_code": "http.status", "http_response_body_bytes": "http.bytes",
        "actor_user_name": "who", "src_endpoint_ip": "ip", "http_request_range": "http.range",
    }  # fmt: skip
    line = {
        "ts": "2026-06-22T05:41:03Z", "req": {"bucket": "share", "object": "a/b.csv"}, "op": "GetBlob",
        "http": {"status": 206, "bytes": 10, "range": "bytes=0-9"}, "who": "partner", "ip": "203.0.113.9",
    }  # fmt: skip
    datamap = DataMap(sources=(Source("*", format="json-lines", fields=fields),))
    (row,) = Desk(tmp_path, datamap=datamap).read_one(json.dumps(line)).records
    assert (row["record_kind"], row["activity_name"]) == ("api-call", "read")
    assert (row["databucket_name"], row["databucket_file_path"]) == ("share", "a/b.csv")
    assert (row["http_response_code"], row["http_response_body_bytes"]) == (206, 10)
    assert row["http_request_range"] == "bytes=0-9"
