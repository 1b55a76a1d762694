"""Rules that an analyst puts into the case run with ours: correlations, filters, placeholders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ashiato.datamap.model import DataMap
from ashiato.engine import findings
from ashiato.engine.store import Store
from ashiato.engine.tables import CAUSES, EVENTS
from ashiato.engine.workspace import Workspace

OWN = """
title: Sign-in refused
name: refused
logsource: {category: authentication}
detection:
  failed: {status: failure}
  place:
    device_hostname|expand: '%Servers%'
  condition: failed and place
---
title: Sign-in made
name: made
logsource: {category: authentication}
detection:
  made: {status: success}
  condition: made
---
title: Page seen
name: page
logsource: {category: webserver}
detection:
  page: {c-uri-stem: /admin}
  condition: page
---
title: Many refused, then one made, then the page
level: high
correlation:
  type: temporal_ordered
  rules: [many, made, page]
  group-by: [who]
  aliases: {who: {many: src_endpoint_ip, made: src_endpoint_ip, page: c-ip}}
  timespan: 10m
---
title: Many refused
name: many
correlation:
  type: event_count
  rules: [refused]
  group-by: [src_endpoint_ip]
  timespan: 1m
  condition: {gte: 3}
"""
FILTER = """
title: Our own monitor
logsource: {category: authentication}
filter:
  rules: [refused]
  monitor: {src_endpoint_ip: 192.0.2.9}
  condition: not monitor
"""
UNKNOWN = "title: t\nlogsource: {product: mainframe}\ndetection:\n  s: {f: x}\n  condition: s\n"


def _signs_in(at: int, address: str, status: str) -> dict[str, Any]:
    return {"start_us": at, "src_endpoint_ip": address, "status": status, "device_hostname": "srv-7"}


def _events() -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    for address in ("192.0.2.7", "192.0.2.9", "192.0.2.8"):
        failures = 2 if address.endswith("8") else 3
        events += [_signs_in(second * 10_000_000, address, "failure") for second in range(failures)]
        events.append(_signs_in(60_000_000, address, "success"))
        page = {"http_request_target": "/admin", "http_request_path": "/admin", "http_response_code": 200}
        events.append({"start_us": 70_000_000, "src_endpoint_ip": address, **page})
    return [{"event_id": number, "end_us": event["start_us"], **event} for number, event in enumerate(events)]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("case")
    (folder / "rules" / "theirs").mkdir(parents=True)
    (folder / "rules" / "guess.yml").write_text(OWN, encoding="utf-8")
    (folder / "rules" / "filter.yml").write_text(FILTER, encoding="utf-8")
    (folder / "rules" / "theirs" / "unknown.yml").write_text(UNKNOWN, encoding="utf-8")
    (folder / "placeholders.yaml").write_text("Servers: [srv-*]\n", encoding="utf-8")
    with Store(folder / "run") as opened:
        rows = [tuple(event.get(column) for column in EVENTS.columns) for event in _events()]
        opened.write(EVENTS, rows)
        opened.write(CAUSES, [])
        findings.build(Workspace(folder, ZoneInfo("UTC"), DataMap(), (), opened))
        yield opened


def test_correlation_is_found_with_all_its_events(store: Store) -> None:
    sql = "SELECT event_id, because FROM finding_rule_matches WHERE rule = 'guess-4' ORDER BY event_id"
    assert store.rows(sql) == [(number, "temporal_ordered") for number in range(5)]
    assert store.rows("SELECT DISTINCT rule FROM findings WHERE rule LIKE 'guess%'") == [("guess-4",)]


def test_finding_names_the_fields_that_made_it_true(store: Store) -> None:
    sql = "SELECT why FROM findings WHERE rule = 'guess-4' AND actor = '192.0.2.7'"
    assert all("by=temporal_ordered)" in why for (why,) in store.rows(sql))
    assert store.rows(sql)


def test_every_rule_is_listed_with_what_became_of_it(store: Store) -> None:
    sql = "SELECT rule, rule_use, rule_file, rule_line, refusal, events FROM rules"
    own = f"{sql} WHERE rule_file IN ('guess.yml', 'theirs/unknown.yml') ORDER BY rule_file, rule_line"
    assert store.rows(own) == [
        ("guess", "for correlations", "guess.yml", 2, None, 5),
        ("guess-made", "for correlations", "guess.yml", 11, None, 3),
        ("guess-page", "for correlations", "guess.yml", 18, None, 3),
        ("guess-4", "used", "guess.yml", 25, None, 5),
        ("guess-many", "for correlations", "guess.yml", 34, None, 3),
        (None, "refused", "theirs/unknown.yml", 2, "no table for the log source (product: mainframe)", 0),
    ]
    assert store.rows("SELECT COUNT(*) FROM rules WHERE rule_use = 'used'")[0][0] >= 14
