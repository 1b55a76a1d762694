"""Sigma's own rules load or are refused with a reason, and hit its regression events as often as it says."""

from __future__ import annotations

import json
import shutil
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
from tests.corpus.test_attacks_are_found_in_shared_sets import _investigated
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


_OF_FILES = """
    SELECT DISTINCT evidence.file, matches.rule, matches.event_id FROM finding_rule_matches AS matches
    JOIN witnesses ON witnesses.event_id = matches.event_id
    JOIN evidence ON evidence.evidence_id = witnesses.evidence_id
"""


@pytest.mark.slow
def test_regression_events_are_hit_in_a_case(corpus: Path, tmp_path: Path) -> None:
    """The whole way: EVTX files are sealed and read, the rules stand in the case, findings are made."""
    logs, told = tmp_path / "logs", dict[tuple[str, str], int | None]()
    logs.mkdir()
    for folder, test in _tests(corpus / "sigma-regression"):
        name = f"{folder.name}.{len(told)}.evtx"
        shutil.copy(folder / Path(test["path"]).name, logs / name)
        told[name, folder.name] = CONTRADICTED.get(folder.name, test.get("match_count"))
    with _investigated(tmp_path, [logs], rules_of=corpus / "sigma-regression") as store:
        found = Counter((file, rule) for file, rule, _ in store.rows(_OF_FILES))
        refused = store.rows("SELECT rule_file, refusal FROM rules WHERE rule_use = 'refused'")
    differing = [
        f"{place}: {found[place]}, {count} told"
        for place, count in told.items()
        if not found[place] or (count is not None and found[place] != count)
    ]
    print(f"sigma-regression in a case: {len(told) - len(differing)} of {len(told)} as told")  # noqa: T201
    assert not refused
    assert not differing
