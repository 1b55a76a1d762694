"""Generated rules hold for exactly the generated events that a slow second reading of Sigma names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.sigma.rule_files import RuleSet, read_rule_set
from ashiato.engine.sigma.scanning import Scanner
from ashiato.engine.sigma.sources import Source
from tests.engine.sigma import oracle
from tests.engine.sigma.generated import FIELDS, PLACEHOLDERS, events, rules

SCHEMA = pa.schema([(name, pa.int64() if name in ("n", "us") else pa.string()) for name in FIELDS])


def rule_set(folder: Path, detections: list[dict[str, Any]]) -> RuleSet:
    """Write detections as rules 0, 1, ... of one file and read them."""
    head = {"title": "t", "logsource": {"category": "any"}}
    documents = [{**head, "name": f"r{number}", "detection": said} for number, said in enumerate(detections)]
    path = folder / "rules.yml"
    path.write_text(yaml.safe_dump_all(documents, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return read_rule_set([path], lambda _: Source("events"), PLACEHOLDERS)


def hits_of(rules: RuleSet, rows: list[dict[str, Any]], *, database: bool | None) -> set[tuple[str, int]]:
    """Return the pairs of rule and row that hit, over batches of three rows."""
    scanner = Scanner(rules.rules, FIELDS, database=database)
    found = set()
    for start in range(0, len(rows), 3):
        batch = pa.RecordBatch.from_pylist(rows[start : start + 3], schema=SCHEMA)
        for hits in scanner.hits(batch):
            found |= {(next(iter(hits.rule.ids)), start + row) for row in hits.rows.tolist()}
    return found


@pytest.mark.slow
@given(detections=st.lists(rules(), min_size=1, max_size=3), rows=st.lists(events, min_size=1, max_size=5))
def test_hits_are_those_of_the_oracle(
    tmp_path_factory: pytest.TempPathFactory, detections: list[dict[str, Any]], rows: list[dict[str, Any]]
) -> None:
    read = rule_set(tmp_path_factory.getbasetemp(), detections)
    assert not read.refused, [str(error) for error in read.refused]
    expected = {
        (f"r{number}", row)
        for number, said in enumerate(detections)
        for row, event in enumerate(rows)
        if oracle.holds(said, event, PLACEHOLDERS)
    }
    assert hits_of(read, rows, database=False) == expected
    assert hits_of(read, rows, database=True) == expected
