"""What exporters send becomes lines, byte for byte where it is JSON already."""

from __future__ import annotations

import gzip
import json
from contextlib import suppress
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.guard.receiving.bodies import BadBodyError, lines_of, lines_of_records, unpacked

# The cases name their bytes: workers that collect them in two seconds are to name them alike.
_gzip = partial(gzip.compress, mtime=0)

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(values, max_size=5), st.booleans(), st.sampled_from([None, 2]))
def test_an_array_and_json_lines_say_the_same(said: list[object], is_ascii: bool, indent: int | None) -> None:
    """However an array is laid out, each element is one line that means the same."""
    array = json.dumps(said, ensure_ascii=is_ascii, indent=indent).encode("utf-8", "surrogatepass")
    lines = "\n".join(json.dumps(each) for each in said).encode()
    assert [json.loads(line) for line in lines_of(array, None)] == said
    if not lines.lstrip().startswith(b"["):
        assert [json.loads(line) for line in lines_of(lines, None)] == said


def test_the_line_is_taken_out_of_what_a_shipper_put_around_it() -> None:
    """Vector's and Fluent Bit's objects; a line end in the text forges no line."""
    vector = json.dumps(
        [{"message": "203.0.113.7 - -\n198.51.100.9", "file": "/a"}, {"other": 1}, 7]
    ).encode()
    assert lines_of(vector, "message") == [b"203.0.113.7 - -#012198.51.100.9", b'{"other": 1}', b"7"]
    assert lines_of(b'{"date":1.5,"log":"a"}\n{"date":2.5,"log":"b"}\n', "log") == [b"a", b"b"]
    assert lines_of(b'{"n":12345678901234567890123}\r\n', "log") == [b'{"n":12345678901234567890123}']


def test_records_of_opentelemetry_are_their_bodies() -> None:
    said = {"kvlistValue": {"values": [{"key": "ip", "value": {"stringValue": "::1"}}]}}
    records = [{"body": {"stringValue": "GET /\nforged"}, "timeUnixNano": "1"}, {"body": said}, {}]
    sent = {"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]}
    assert lines_of_records(json.dumps(sent).encode()) == [b"GET /#012forged", b'{"ip":"::1"}']


@pytest.mark.parametrize(
    "body", [b"[1,", b"[1 2]", b"[1]x", b"[" * 100_000, b'["\xff', b'{"resourceLogs":7}', b"7", b"", b"null"]
)
def test_broken_bodies_are_refused_or_kept(body: bytes) -> None:
    with suppress(BadBodyError):
        assert all(b"\n" not in line for line in lines_of(body, "log"))
    with pytest.raises(BadBodyError):
        lines_of_records(body)


@pytest.mark.parametrize(
    ("body", "coding", "status"),
    [
        (b"no gzip", b"gzip", 400),
        (_gzip(b"x" * 90)[:-4], b"gzip", 400),
        (_gzip(b"\0" * 1000), b"gzip", 413),
        (_gzip(b"a") + b"more", b"gzip", 413),
        (b"", b"br", 415),
    ],
)
def test_what_cannot_be_unpacked_is_refused(body: bytes, coding: bytes, status: int) -> None:
    with pytest.raises(BadBodyError) as refused:
        unpacked(body, coding, most=100)
    assert refused.value.status == status
    assert unpacked(_gzip(b"fine"), b"gzip", most=100) == b"fine"
