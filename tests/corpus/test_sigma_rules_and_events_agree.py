"""Sigma's own rules load or are refused with a reason, and hit its regression events as often as it says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import evtx
import pyarrow as pa
import pytest
import yaml

from ashiato.engine.findings.rules import source_of
from ashiato.engine.reading.evtx_fields import fields_of_event
from ashiato.engine.sigma.rule_files import read_rule_set
from ashiato.engine.sigma.scanning import Scanner
from ashiato.engine.sigma.sources import LogSource, Source
from ashiato.engine.sigma.windows import windows_source
from tests.engine.sigma import oracle

#: Tests whose told number the rule's own words contradict, with what they do say.
CONTRADICTED = {
    # All three records set a value below ZoneMap\Domains to 2, which no filter of the rule names.
    "registry_set_change_security_zones": 3,
}


def _anywhere(log_source: LogSource) -> Source | None:
    """Where any log source's events are: our tables, Windows records, or flat records of its own kind."""
    if log_source.product == "windows":
        return windows_source(log_source)
    return source_of(log_source) or Source(str(log_source))


@pytest.mark.slow
def test_every_rule_loads_or_says_why_not(corpus: Path) -> None:
    folder = corpus / "sigma"
    rules = sum(1 for _ in folder.rglob("*.yml"))
    read = read_rule_set([folder], _anywhere)
    here = read_rule_set([folder], source_of)
    print(f"sigma: {len(read.rules)} of {rules} rules load; {len(here.rules)} look at tables of a case today")  # noqa: T201
    for why, count in Counter(str(error.what) for error in read.refused).most_common():
        print(f"  {count} refused: {why}")  # noqa: T201
    assert len(read.rules) + len(read.refused) == rules
    assert len(here.rules) + len(here.refused) == rules
    assert all(error.where and error.where.line for error in (*read.refused, *here.refused))
    assert len(read.rules) >= 0.97 * rules


def _tests(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for info in sorted(folder.rglob("info.yml")):
        for test in yaml.safe_load(info.read_text(encoding="utf-8"))["regression_tests_info"]:
            yield info.parent, test


def _records(path: Path) -> list[dict[str, Any]]:
    records = evtx.PyEvtxParser(str(path)).records_json()
    return [fields_of_event(json.loads(record["data"])) for record in records]  # type: ignore[index]


def _hits(rule: Path, records: list[dict[str, Any]], *, database: bool) -> set[int]:
    read = read_rule_set([rule], windows_source)
    assert not read.refused
    columns = sorted({name for record in records for name in record})
    texts = [{name: oracle.spelled(value) for name, value in record.items()} for record in records]
    batch = pa.RecordBatch.from_pylist(texts, schema=pa.schema([(name, pa.string()) for name in columns]))
    scanner = Scanner(read.rules, columns, database=database)
    return {row for hits in scanner.hits(batch) for row in hits.rows.tolist()}


@pytest.mark.slow
def test_regression_events_match_as_their_info_says(corpus: Path) -> None:
    differing, tests = [], list(_tests(corpus / "sigma-regression"))
    for folder, test in tests:
        rule = folder.with_name(f"{folder.name}.yml")
        records = _records(folder / Path(test["path"]).name)
        hits = _hits(rule, records, database=False)
        assert hits == _hits(rule, records, database=True)
        told = CONTRADICTED.get(folder.name, test.get("match_count"))
        if not hits or (told is not None and len(hits) != told):
            differing.append(f"{folder.name}: {len(hits)} hits, {told} told")
        # The second reading, of the detection alone, holds for every record that is hit.
        detection = yaml.safe_load(rule.read_text(encoding="utf-8"))["detection"]
        assert all(oracle.holds(detection, records[row], {}) for row in hits)
    as_told = len(tests) - len(differing) - len(CONTRADICTED)
    rate = f"{as_told} of {len(tests)} as told, {len(CONTRADICTED)} otherwise, as the rule's words say"
    print(f"sigma-regression: {rate}")  # noqa: T201
    assert not differing
