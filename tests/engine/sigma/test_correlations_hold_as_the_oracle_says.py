"""Generated correlations, and correlations of them, hold exactly where a slow second reading says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.sigma.correlating import Occurrences, correlate, fields_needed
from ashiato.engine.sigma.rule_files import read_rule_set
from ashiato.engine.sigma.scanning import Scanner
from ashiato.engine.sigma.sources import Source
from tests.engine.sigma.windows_oracle import places_of

COLUMNS = ("k", "g", "h", "v")
BASE = {
    f"r{number}": {"name": f"r{number}", "detection": {"s": {"k|contains": letter}, "condition": "s"}}
    for number, letter in enumerate("abc")
}
Rules = Mapping[str, Mapping[str, Any]]
Found = dict[str, list[tuple[int, int, list[int]]]]


def found_by_product(folder: Path, rules: Rules, events: Sequence[Mapping[str, Any]]) -> Found:
    """Return the places of each correlation: time, completing event, events it is made from."""
    path = folder / "correlations.yml"
    heads = {"title": "t", "logsource": {"category": "any"}}
    written = [
        {**(heads if "detection" in rule else {"title": "t"}), **rule, "name": name}
        for name, rule in rules.items()
    ]
    path.write_text(yaml.safe_dump_all(written, sort_keys=False), encoding="utf-8")
    read = read_rule_set([path], lambda _: Source("events"))
    assert not read.refused, [str(error) for error in read.refused]
    names = {rule.name: next(iter(rule.ids)) for rule in read.rules}
    names |= {each.name: each.name.rpartition("-")[2] for each in read.correlations}
    needed = fields_needed(read.correlations)
    schema = pa.schema([(name, pa.string()) for name in COLUMNS])
    batch = pa.RecordBatch.from_pylist([{n: event[n] for n in COLUMNS} for event in events], schema=schema)
    times = np.array([event["at"] for event in events], np.int64)
    hits = {
        each.rule.name: Occurrences(
            times[each.rows],
            each.rows,
            {
                field: batch.column(field).take(pa.array(each.rows))
                for field in needed.get(each.rule.name, ())
            },
        )
        for each in Scanner(read.rules, COLUMNS).hits(batch)
    }
    found: Found = {}
    for correlation, places in correlate(read.correlations, hits):
        found[names[correlation.name]] = sorted(
            (int(places.times[n]), int(places.events[n]), places.members(np.array([n])).tolist())
            for n in range(len(places.times))
        )
    return found


def found_by_oracle(rules: Rules, events: Sequence[Mapping[str, Any]]) -> Found:
    """Return the same by the slow reading."""
    return {
        name: sorted((time, event, sorted(made)) for time, event, _, made in places_of(name, rules, events))
        for name, rule in rules.items()
        if "correlation" in rule
    }


_events = st.lists(
    st.fixed_dictionaries(
        {
            "at": st.integers(0, 6).map(lambda second: second * 1_000_000),
            "k": st.sampled_from(["a", "b", "c", "ab", "abc", "bc", "-"]),
            "g": st.sampled_from(["x", "y", None]),
            "h": st.sampled_from(["x", "y"]),
            "v": st.sampled_from(["1", "2", "2.5", "-3", "n", None]),
        }
    ),
    min_size=1,
    max_size=9,
)
_bounds = st.tuples(st.sampled_from(["gte", "gt", "lt", "lte", "eq", "neq"]), st.integers(-1, 4)).map(
    lambda pair: {pair[0]: pair[1]}
)
_conditions = _bounds | st.just({"gt": 1, "lte": 3}) | st.just({"gte": 1.5})


def _expressions(refs: Sequence[str]) -> st.SearchStrategy[str]:
    one, two, three = (*refs, *refs, *refs)[:3]
    return st.sampled_from(
        [
            f"{one} and {two}",
            f"{one} or not {two}",
            f"{three} and not ({one} and {two})",
            f"{one} AND {two} AND {three}",
        ]
    )


@st.composite
def _correlations(draw: st.DrawFn, refs: Sequence[str]) -> dict[str, Any]:
    kind = draw(
        st.sampled_from(
            [
                "event_count",
                "value_count",
                "value_sum",
                "value_avg",
                "value_percentile",
                "temporal",
                "temporal_ordered",
            ]
        )
    )
    chosen = draw(st.permutations(refs))[: draw(st.integers(1, 3))]
    said: dict[str, Any] = {
        "type": kind,
        "rules": chosen,
        "timespan": draw(st.sampled_from(["1s", "2s", "4s", "1m"])),
    }
    said["group-by"] = draw(st.sampled_from([[], ["g"], ["g", "h"], ["who"]]))
    if said["group-by"] == ["who"]:
        said["aliases"] = {"who": {ref: draw(st.sampled_from(["g", "h"])) for ref in chosen}}
    if not kind.startswith("temporal"):
        said["condition"] = dict(draw(_conditions))
        if kind.startswith("value_"):
            said["condition"]["field"] = "v"
        if kind == "value_percentile":
            said["condition"]["percentile"] = draw(st.sampled_from([0, 1, 50, 95, 100]))
    else:
        condition = draw(st.none() | _conditions | _expressions(chosen))
        if isinstance(condition, str):
            said["rules"] = [ref for ref in chosen if ref in condition]
        if condition is not None:
            said["condition"] = condition
    return {"correlation": said}


@st.composite
def _rule_sets(draw: st.DrawFn) -> dict[str, Any]:
    inner = draw(_correlations(["r0", "r1", "r2"]))
    outer = draw(_correlations(["c0", "r1", "r2"]))
    # The outer one stands first: the order of files says nothing.
    return {**BASE, "c1": outer, "c0": inner}


@given(rules=_rule_sets(), events=_events)
def test_places_are_those_of_the_oracle(
    tmp_path_factory: pytest.TempPathFactory, rules: Rules, events: list[dict[str, Any]]
) -> None:
    found = found_by_product(tmp_path_factory.getbasetemp(), rules, events)
    assert found == found_by_oracle(rules, events)
