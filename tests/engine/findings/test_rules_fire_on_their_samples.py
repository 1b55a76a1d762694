"""Every shipped rule fires on each sample that must fire and on none that must stay silent."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from ashiato.datamap.model import DataMap
from ashiato.engine import findings
from ashiato.engine.findings.rules import SHIPPED_RULES, read_rule, read_rules
from ashiato.engine.store import Store
from ashiato.engine.tables import CAUSES, EVENTS
from ashiato.engine.workspace import Workspace

RULES = sorted(SHIPPED_RULES.glob("*.yml"))


@cache
def _told(path: Path) -> dict[str, Any]:
    return dict(yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader))


def _samples(path: Path, kind: str) -> list[dict[str, Any]]:
    return list(_told(path)["samples"][kind])


def _rows(samples: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    rows = []
    for number, sample in enumerate(samples):
        at = number * 10_000_000
        said = {"event_id": number, "start_us": at, "end_us": at, "http_response_code": 200, **sample}
        if "query_text" in sample:
            said["database_session_uid"] = f"d{number}"
        if "http_request_target" in sample:
            said["http_request_path"] = sample["http_request_target"].partition("?")[0]
        said.setdefault("src_endpoint_ip", f"192.0.2.{number + 1}")
        rows.append(tuple(said.get(column) for column in EVENTS.columns))
    return rows


@pytest.fixture(scope="module")
def fired(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[int]]:
    """Run all rules over all samples at once: rule -> numbers of the samples it fired on."""
    samples = [sample for path in RULES for kind in ("fires", "silent") for sample in _samples(path, kind)]
    folder = tmp_path_factory.mktemp("samples")
    with Store(folder) as store:
        store.write(EVENTS, _rows(samples))
        store.write(CAUSES, [])
        findings.build(Workspace(folder, ZoneInfo("UTC"), DataMap(), (), store))
        hits: dict[str, set[int]] = {}
        for rule, event in store.rows("SELECT rule, event_id FROM finding_rule_hits"):
            hits.setdefault(rule, set()).add(event)
        return hits


@pytest.mark.parametrize("path", RULES, ids=[path.stem for path in RULES])
def test_rule_fires_on_its_samples_only(path: Path, fired: dict[str, set[int]]) -> None:
    place = 0
    for other in RULES:
        for kind in ("fires", "silent"):
            numbers = set(range(place, place + len(_samples(other, kind))))
            place += len(numbers)
            if other == path:
                assert numbers, f"{path.name} needs a sample that {kind}"
                hits = fired.get(path.stem, set()) & numbers
                assert hits == (numbers if kind == "fires" else set()), kind


def test_every_rule_is_named_dated_and_told_apart() -> None:
    written = [_told(path) for path in RULES]
    assert len({rule["id"] for rule in written}) == len({rule["title"] for rule in written}) == len(RULES)
    assert all(rule["description"] and rule["date"] and rule["falsepositives"] for rule in written)
    assert all(any(tag.startswith("attack.t1") for tag in rule["tags"]) for rule in written)
    assert [rule.name for rule in read_rules()] == [path.stem for path in RULES]


def test_levels_become_certainties_that_rise() -> None:
    by_level = {rule.level: rule.certainty for rule in map(read_rule, RULES)}
    order = ["informational", "low", "medium", "high", "critical"]
    assert [by_level[level] for level in order] == sorted(by_level.values())
