"""The incident comes out as STIX 2.1 that another program reads: counts, and nothing that names a person."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import stix2
from stix2patterns.validator import run_validator

from ashiato.datamap.model import DataMap, Route
from ashiato.exports.facts import gather_facts
from ashiato.exports.feeds.stix import INCIDENT_CORE, bundle_of
from ashiato.exports.feeds.stix_marks import gather_marks
from ashiato.exports.whole import write_json
from tests.exports.sample_run import START, TOKYO, write_run

_AGENTS = ("sqlmap/1.7'\\", "<b>\u202e\x00=1+1", "Everyone/5.0")
_PATHS = ("/.env", "/wp-login.php", "/members/1001", "/members/佐藤", "/old_site/a'b", "/taro@shop.example/x")
_HOSTILE = [
    {"event_id": n, "event_kind": "http", "start_us": START + n, "http_response_code": 404,
     "src_endpoint_ip": ("203.0.113.7", "2001:db8::7", "[local]")[n % 3], "http_request_path": path,
     "http_request_query": "q=Sato+Taro", "actor_user_name": "taro",
     "http_request_user_agent": _AGENTS[n % 3]}
    for n, path in enumerate(_PATHS, 1)
]  # fmt: skip
_HONEST = {
    **_HOSTILE[0],
    "event_id": 9,
    "http_request_path": "/wp-login.php",
    "http_request_user_agent": _AGENTS[2],
}
_OFFICE = [{**_HONEST, "event_id": 20 + n, "src_endpoint_ip": "2001:db8::7"} for n in range(9)]
_ROWS: dict[str, list[dict[str, Any]]] = {
    "events": [*_HOSTILE, _HONEST],
    "finding_events": [{"finding_id": "f1", "event_id": n} for n in range(1, 9)],
}


def _bundle(folder: Path, rows: dict[str, list[dict[str, Any]]] | None = None) -> dict[str, Any]:
    datamap = DataMap(name="Bookshop", routes=(Route("/members/{id}"),))
    with write_run(folder / "run", _ROWS if rows is None else rows) as store:
        facts = gather_facts(store, TOKYO, datamap)
        path = write_json(folder / "incident.json", bundle_of(facts, gather_marks(store, datamap)))
    assert "\u202e" not in path.read_text(encoding="utf-8")
    read: dict[str, Any] = json.loads(path.read_bytes())
    return read


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The bundle of a run with hostile words in it."""
    return _bundle(tmp_path_factory.mktemp("stix"))


def _of(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [thing for thing in bundle["objects"] if thing["type"] == kind]


def test_another_program_reads_every_object(bundle: dict[str, Any]) -> None:
    for thing in bundle["objects"]:
        read = stix2.parse(thing, version="2.1")
        assert read["id"] == thing["id"]
    assert len({thing["id"] for thing in bundle["objects"]}) == len(bundle["objects"])


def test_every_reference_leads_somewhere(bundle: dict[str, Any]) -> None:
    known = {thing["id"] for thing in bundle["objects"]}
    named = [value for thing in bundle["objects"] for key, value in thing.items() if key.endswith("_ref")]
    lists = [value for thing in bundle["objects"] for key, value in thing.items() if key.endswith("_refs")]
    lists.append(_of(bundle, "incident")[0]["extensions"][INCIDENT_CORE]["impact_refs"])
    assert {*named, *(each for held in lists for each in held)} <= known


def test_patterns_are_patterns_and_say_what_was_seen(bundle: dict[str, Any]) -> None:
    patterns = {thing["name"]: thing["pattern"] for thing in _of(bundle, "indicator")}
    assert [
        fault for pattern in patterns.values() for fault in run_validator(pattern, stix_version="2.1")
    ] == []
    assert patterns["user-agent: <b>\u202e\x00=1+1"].endswith(" = '<b>\u202e\x00=1+1']")
    assert patterns["address: 2001:db8::7"] == "[ipv6-addr:value = '2001:db8::7']"
    assert patterns["path: /.env"].endswith("request_value LIKE '/.env%']")
    assert patterns["path: /old_site/*"].endswith(r"request_value LIKE '/old\\_site/%%']")


def test_ids_of_what_is_observed_are_the_standards_own(bundle: dict[str, Any]) -> None:
    (seen,) = _of(bundle, "ipv4-addr")
    assert seen["id"] == stix2.IPv4Address(value="203.0.113.7")["id"]


def test_nothing_names_a_person(bundle: dict[str, Any]) -> None:
    said = json.dumps(bundle, ensure_ascii=False)
    names = {thing["name"] for thing in _of(bundle, "indicator")}
    assert not [word for word in ("taro", "Sato", "佐藤", "1001", "members") if word in said]
    assert {"path: /.env", "path: /*/x"} <= names
    assert "path: /wp-login.php" not in names
    assert "user-agent: Everyone/5.0" not in names


def test_counts_are_of_records_at_both_bounds(bundle: dict[str, Any]) -> None:
    core = _of(bundle, "incident")[0]["extensions"][INCIDENT_CORE]
    assert core["impacted_entity_counts"] == {"record-at-least": 2, "record-at-most": 3}
    losses = {
        thing["extensions"]["confidentiality-impact"]["loss_type"]: thing["extensions"][
            "confidentiality-impact"
        ]
        for thing in _of(bundle, "impact")
    }
    assert {name: loss["record_count"] for name, loss in losses.items()} == {
        "confirmed-loss": 2,
        "suspected-loss": 3,
    }


def test_the_same_run_gives_the_same_bytes(bundle: dict[str, Any], tmp_path: Path) -> None:
    assert _bundle(tmp_path) == bundle


def test_without_a_break_in_there_is_no_incident(tmp_path: Path) -> None:
    bundle = _bundle(tmp_path, {"intrusion": [], "paths": []})
    assert [thing["type"] for thing in bundle["objects"]] == ["identity"]


def test_an_address_of_others_is_seen_and_not_blamed(tmp_path: Path) -> None:
    bundle = _bundle(tmp_path, {**_ROWS, "events": [*_HOSTILE, *_OFFICE]})
    names = {thing["name"] for thing in _of(bundle, "indicator")}
    assert {thing["value"] for thing in _of(bundle, "ipv6-addr")} == {"2001:db8::7"}
    assert "address: 203.0.113.7" in names
    assert "address: 2001:db8::7" not in names
