"""Requests and payloads that others have labelled, held against every shipped rule on web requests.

Each test prints its rates. A finding that is only *informational* is no alarm.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pyarrow as pa
import pytest
import yaml

from ashiato.engine.findings.rules import read_rules
from ashiato.engine.findings.targets import parse_target
from ashiato.engine.sigma.scanning import Scanner

pytestmark = pytest.mark.slow

#: Headers that every browser sends; a payload in any other is not in an access log.
_USUAL = frozenset({
    "host", "user-agent", "accept", "referer", "accept-encoding", "accept-language", "connection",
    "keep-alive", "proxy-connection", "cache-control", "accept-charset",
})  # fmt: skip
_OWN_AGENTS = frozenset({"", "OWASP CRS test agent", "OWASP ModSecurity Core Rule Set"})
_OWN_TARGETS = frozenset({"/", "/get", "/post", "/anything"})
#: Tests of the Core Rule Set that ask one rule to be silent about what is an attack all the same, so that an
#: alarm is right; each with what the request says.
_ATTACKS_ALL_THE_SAME = {
    "932207-3": "the referrer runs `/bin/ca?+/et*/passwd`; its own description calls the payload obvious",
    "932260-1": "the value is a command line that runs `bash -c`",
    "932260-15": "`ti''me curl`: a command whose name is broken up to pass a filter, reported to a bounty",
    "933100-81": "calls `system('id')`; the tag around it is misspelt, so this try fails",
    "941100-5": "the referrer holds a script that loads another; the test looks into the user agent",
    "941140-14": "`url(javascript:alert(1))`: a script, only not behind a name and `=`",
    "942101-11": "`24 union all select 1,2,3 from aa` in the path; one rule for paths shall not see it",
}


class Request(NamedTuple):
    """What an access log tells of a request."""

    target: str
    method: str = "GET"
    agent: str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
    referrer: str | None = None


def alarmed(requests: Sequence[Request]) -> list[set[str]]:
    """Return for each request the rules that fire on it."""
    rules = [rule for rule in read_rules() if rule.source.table == "finding_requests"]
    rules = [rule for rule in rules if rule.level != "informational"]
    readings = [parse_target(request.target) for request in requests]
    table = pa.table(
        {
            "http_request_target": [request.target for request in requests],
            "http_request_path": [request.target.partition("?")[0] for request in requests],
            "http_request_method": [request.method for request in requests],
            "http_request_user_agent": [request.agent for request in requests],
            "http_request_referrer": pa.array([request.referrer for request in requests], pa.string()),
            "http_response_code": pa.array([200] * len(requests), pa.int32()),
            "http_response_body_bytes": pa.array([500] * len(requests), pa.int64()),
            "decoded": [reading.decoded for reading in readings],
            "has_syntax": [reading.has_syntax for reading in readings],
        }
    )
    fired: list[set[str]] = [set() for _ in requests]
    for hit in Scanner(rules, tuple(table.column_names)).hits(table.combine_chunks().to_batches()[0]):
        for row in hit.rows.tolist():
            fired[row].add(hit.rule.name)
    return fired


def _rates(name: str, kinds: Sequence[str], requests: Iterable[Request]) -> dict[str, float]:
    counted, found = Counter(kinds), Counter[str]()
    for kind, rules in zip(kinds, alarmed(list(requests)), strict=True):
        found[kind] += bool(rules)
    rates = {kind: found[kind] / count for kind, count in sorted(counted.items())}
    print(f"{name}: " + ", ".join(f"{kind} {rates[kind]:.4f} of {counted[kind]}" for kind in rates))  # noqa: T201
    return rates


def _stages(folder: Path) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    for path in sorted(folder.glob("REQUEST-9*/*.yaml")):
        for test in yaml.safe_load(path.read_text(encoding="utf-8"))["tests"]:
            for stage in test["stages"]:
                log = (stage["output"] or {}).get("log") or {}
                yield f"{path.stem}-{test['test_id']}", stage["input"], log


def _logged(given: dict[str, Any]) -> Request | None:
    """Return the request, where its payload sits in what an access log holds; by those fields alone."""
    headers = {name.lower(): str(value) for name, value in (given.get("headers") or {}).items()}
    if given.get("data") or given.get("encoded_request") or set(headers) - _USUAL:
        return None
    request = Request(
        str(given.get("uri") or "/"),
        given.get("method") or "GET",
        headers.get("user-agent", ""),
        headers.get("referer"),
    )
    own = request.target in _OWN_TARGETS and request.agent in _OWN_AGENTS and not request.referrer
    return None if own and request.method in {"GET", "POST", "HEAD"} else request


def _asked(name: str, log: dict[str, Any]) -> str:
    if log.get("expect_ids"):
        return "must alarm"
    return "attack all the same" if name in _ATTACKS_ALL_THE_SAME else "must not"


def test_requests_of_the_core_rule_set_are_told(corpus: Path) -> None:
    chosen = [
        (name, request, _asked(name, log))
        for name, given, log in _stages(corpus / "crs-regression")
        if (log.get("expect_ids") or log.get("no_expect_ids")) and (request := _logged(given))
    ]
    fired = alarmed([request for _, request, _ in chosen])
    for (name, request, kind), rules in zip(chosen, fired, strict=True):
        if kind == "must not" and rules:
            print(f"  fires though {name} asks for silence: {request.target[:80]} {rules}")  # noqa: T201
    for name, why in _ATTACKS_ALL_THE_SAME.items():
        print(f"  declared: {name}: {why}")  # noqa: T201
    rates = _rates("crs-regression", [kind for *_, kind in chosen], [request for _, request, _ in chosen])
    assert rates["must alarm"] >= 0.9
    assert rates["must not"] <= 0.02
    assert rates["attack all the same"] == 1


def test_payloads_are_told_from_ordinary_values(corpus: Path) -> None:
    with (corpus / "payloads-httpparams" / "payload_train.csv").open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    requests = [Request(f"/x?p={quote(row['payload'], errors='replace')}") for row in rows]
    rates = _rates("payloads-httpparams", [row["attack_type"] for row in rows], requests)
    assert rates["norm"] <= 0.001
    assert rates["sqli"] >= 0.99
    assert rates["xss"] >= 0.95
    whole = _rates(
        "payloads-httpparams", ["ordinary" if r["label"] == "norm" else "attack" for r in rows], requests
    )
    assert whole["attack"] >= 0.95


def test_queries_of_a_shop_are_told_from_injections(corpus: Path) -> None:
    folder = corpus / "payloads-modsec-learn"
    ordinary: list[str] = json.loads((folder / "legitimate.json").read_text(encoding="utf-8"))
    attacks: list[str] = json.loads((folder / "malicious_sqli_kaggle.json").read_text(encoding="utf-8"))
    kinds = ["ordinary"] * len(ordinary) + ["attack"] * len(attacks)
    rates = _rates("payloads-modsec-learn", kinds, [Request(f"/x?{text}") for text in (*ordinary, *attacks)])
    assert rates["ordinary"] <= 0.01
    assert rates["attack"] >= 0.95
