"""Alarms that other teams expect: CrowdSec's scenarios and Panther's cases. Each test prints its rate."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from ashiato.engine.findings.rules import SHIPPED_RULES
from tests.corpus.test_attacks_are_found_in_shared_sets import _investigated

pytestmark = pytest.mark.slow
#: CrowdSec's readers of the formats that we read; its others are of one product's own log each.
_OURS = re.compile(
    r"(?:.*/)?(?:(?:nginx|apache2|caddy|haproxy|bunkerweb|iis|sshd|auditd|pgsql|mysql|mariadb|segfault|sysmon)"
    r"-logs|modsecurity|aws-(?:alb|cloudtrail|cloudfront))(?:\.yaml)?"
)
_SOURCE = re.compile(r'"([^"]*)" in results\[\d+\]\.Overflow\.GetSources\(\)')
_ADDRESS = re.compile(r"[0-9a-f:.]*[:.][0-9a-f:.]*")
_LEAST = 0.95
_RAISED = """
    SELECT DISTINCT evidence.file, events.src_endpoint_ip,
           concat_ws(' ', events.message, events.unmapped, events.actor_user_name) AS words
    FROM finding_events AS held
    JOIN findings ON findings.finding_id = held.finding_id AND findings.level <> 'informational'
    JOIN events ON events.event_id = held.event_id
    JOIN witnesses ON witnesses.event_id = held.event_id
    JOIN evidence ON evidence.evidence_id = witnesses.evidence_id
"""
_FIRED = """
    SELECT DISTINCT witnesses.line_first FROM finding_events AS held
    JOIN findings ON findings.finding_id = held.finding_id
    JOIN witnesses ON witnesses.event_id = held.event_id WHERE findings.rule_kind = 'rule'
"""


def _is_told(wanted: tuple[str, str], file: str, address: str | None, words: str) -> bool:
    """Tell whether a raised event has the source: its client, else a name among its words."""
    source = wanted[1].removeprefix("::ffff:").replace("\\\\", "\\")
    told = json.dumps(source).strip('"')
    return wanted[0] == file and (address == source or (not _ADDRESS.fullmatch(source) and told in words))


def test_crowdsecs_sources_are_alarmed(corpus: Path, tmp_path: Path) -> None:
    """Each scenario's log is a file of one case; a source counts when a finding rests on its lines there."""
    logs, wanted, gaps = tmp_path / "logs", set[tuple[str, str]](), Counter[str]()
    logs.mkdir()
    for said in sorted((corpus / "expected-crowdsec").glob("*/scenario.assert")):
        config = yaml.safe_load((said.parent / "config.yaml").read_text("utf-8"))
        sources = set(_SOURCE.findall(said.read_text("utf-8", "replace")))
        log = said.parent / str(config["log_file"])
        if not any(_OURS.fullmatch(str(parser)) for parser in config["parsers"]) or not log.is_file():
            gaps["logs of a product's own"] += bool(sources)
            continue
        (logs / f"{said.parent.name}.log").write_bytes(log.read_bytes())
        wanted |= {(f"{said.parent.name}.log", source) for source in sources}
    with _investigated(tmp_path, [logs]) as store:
        raised = store.rows(_RAISED)
    missed = sorted(each for each in wanted if not any(_is_told(each, *said) for said in raised))
    rate = 1 - len(missed) / len(wanted)
    print(f"crowdsec: {rate:.3f} of {len(wanted)} sources alarmed; gaps: {dict(gaps)}; missed: {missed}")  # noqa: T201
    assert rate >= _LEAST


def _named_calls() -> set[str]:
    """Return every call that a rule of ours names."""
    told = [yaml.safe_load(path.read_text("utf-8")) for path in SHIPPED_RULES.glob("cloud-*.yml")]
    return {name for rule in told for part in rule["detection"].values() for name in _names(part)}


def _names(part: Any) -> list[str]:
    names = part.get("eventName", []) if isinstance(part, dict) else []
    return [names] if isinstance(names, str) else list(names)


def test_panthers_calls_are_alarmed(corpus: Path, tmp_path: Path) -> None:
    """A rule of ours applies where it names the call; whom Panther's lists allow, one event cannot say."""
    named = _named_calls()
    cases, gaps = list[dict[str, Any]](), Counter[str]()
    for path in sorted((corpus / "expected-panther").glob("*/*.yml")):
        for case in yaml.safe_load(path.read_text("utf-8")).get("Tests", []):
            call = (case.get("Log") or {}).get("eventName")
            if "eventSource" not in (case.get("Log") or {}) or call not in named:
                gaps["no call that a rule of ours names"] += 1
            else:
                cases.append(case)
    log = tmp_path / "trail.jsonl"
    kept = [{key: value for key, value in c["Log"].items() if not key.startswith("p_")} for c in cases]
    log.write_text("".join(json.dumps(each) + "\n" for each in kept))
    with _investigated(tmp_path, [log]) as store:
        fired = {line for (line,) in store.rows(_FIRED)}
    unusual = [line for line, case in enumerate(cases, 1) if case["ExpectedResult"]]
    usual = [line for line, case in enumerate(cases, 1) if not case["ExpectedResult"]]
    missed = [cases[line - 1]["Name"] for line in unusual if line not in fired]
    gaps["usual by who, where or how, which one call does not tell"] = len(fired & set(usual))
    rate = 1 - len(missed) / len(unusual)
    print(f"panther: {rate:.3f} of {len(unusual)} unusual calls; gaps: {dict(gaps)}; missed: {missed}")  # noqa: T201
    assert rate >= _LEAST
