from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ashiato.datamap.model import DataMap
from ashiato.engine.api import Store, show_missing_as_empty
from ashiato.engine.tables import EVENTS, EXPOSURES, INTRUSION, PATHS, PEOPLE, PROOFS, Table
from ashiato.exports.facts import gather_facts
from ashiato.exports.growth_facts import GrowthFact, gather_growth
from ashiato.exports.report.contents import size_text, span_text
from ashiato.exports.report.growth import HEIGHT, render_growth
from ashiato.exports.report.picture import render_picture
from ashiato.exports.timeline import timeline_of, write_timeline
from ashiato.exports.words import Language, words_in
from tests.exports.sample_run import TOKYO

HOUR_US = 3_600_000_000
#: Hours at which hostile events were: 0 and 10 of path P1, 4 of P2.
EVENTS_AT = {1: (0, "P1"), 2: (10, "P1"), 3: (4, "P2")}


def _rows(table: Table, *rows: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [tuple(row.get(column) for column in table.columns) for row in rows]


def _key(key: str) -> dict[str, Any]:
    return {"system": "shop", "table_name": "members", "record_key": key}


@pytest.fixture
def grown(tmp_path: Path) -> Store:
    """A is shown twice, surely the second time; B once and late, C by no single event, D not, E in a log."""
    store = Store(tmp_path / "grown")
    at = {number: hour * HOUR_US for number, (hour, _) in EVENTS_AT.items()}
    store.write(
        EVENTS,
        _rows(
            EVENTS,
            *({"event_id": n, "start_us": at[n], "http_response_body_bytes": 100 * n} for n in EVENTS_AT),
        ),
    )
    store.write(INTRUSION, _rows(INTRUSION, *({"event_id": n, "path": p} for n, (_, p) in EVENTS_AT.items())))
    shown = [("A", "P1", 2), ("A", "P2", 3), ("B", "P1", 2)]
    store.write(PROOFS, _rows(PROOFS, *(_key(k) | {"path": p, "event_id": n} for k, p, n in shown)))
    reached = [("A", "P1", 4), ("A", "P2", 2), ("B", "P1", 2), ("C", "P2", 3), ("D", "P1", 1), ("E", "P1", 4)]
    exposed = [_key(k) | {"path": p, "field": "x", "grade": grade} for k, p, grade in reached]
    store.write(EXPOSURES, _rows(EXPOSURES, *exposed))
    grades = {"A": 4, "B": 2, "C": 3, "D": 1, "E": 4}
    outside = {"E": "not-in-master"}
    people = [_key(k) | {"grade": grade, "reasons": outside.get(k)} for k, grade in grades.items()]
    store.write(PEOPLE, _rows(PEOPLE, *people))
    return store


def test_a_record_counts_from_the_first_event_that_shows_it(grown: Store) -> None:
    with grown:
        # C counts from the beginning of its path, at four hours; A may have been read then, and was at ten.
        assert gather_growth(grown, 240) == (
            GrowthFact(4 * HOUR_US, at_least=0, at_most=2),
            GrowthFact(10 * HOUR_US, at_least=1, at_most=3),
        )


def test_steps_are_never_more_than_asked_and_end_at_the_answer(store: Store) -> None:
    facts = gather_facts(store, TOKYO, DataMap())
    fewer = gather_growth(store, 2)
    assert len(fewer) <= 3
    for growth in (facts.growth, fewer):
        assert (growth[-1].at_least, growth[-1].at_most) == (facts.reached.at_least, facts.reached.at_most)
        assert [fact.at_most for fact in growth] == sorted(fact.at_most for fact in growth)
        assert all(fact.at_least <= fact.at_most for fact in growth)


def test_timeline_says_phases_and_steps(store: Store, tmp_path: Path) -> None:
    facts = gather_facts(store, TOKYO, DataMap())
    said = json.loads(write_timeline(facts, tmp_path).read_text(encoding="utf-8"))
    assert said == timeline_of(facts)
    assert [phase["path"] for phase in said["phases"]] == [path.path for path in facts.paths]
    assert said["records_over_time"][-1]["at_most"] == facts.reached.at_most


def test_lane_rises_from_the_floor_to_its_top() -> None:
    growth = [GrowthFact(0, 0, 1), GrowthFact(50, 2, 4)]
    light, dark, *_ = render_growth(growth, float, 100, 100, ("<records>", "2"))
    corners = [float(down) for down in re.findall(r"V([0-9.]+)", light)]
    assert corners == [pytest.approx(100 + HEIGHT - (HEIGHT - 14) / 4), pytest.approx(114), 100 + HEIGHT]
    assert float(re.findall(r"V([0-9.]+)", dark)[0]) == 100 + HEIGHT
    assert "&lt;records&gt;" in "".join(render_growth(growth, float, 100, 100, ("<records>", "2")))


def test_picture_without_anybody_reached_has_no_lane(store: Store) -> None:
    facts = gather_facts(store, TOKYO, DataMap())
    words = words_in(Language.EN)
    assert "<path" in render_picture(facts, words)
    assert "<path" not in render_picture(replace(facts, growth=()), words)


@pytest.mark.parametrize(
    ("seconds", "english", "japanese"),
    [(0, "0 s", "0秒"), (59, "59 s", "59秒"), (3_600, "1 h", "1時間"), (183_301, "2 d 2 h", "2日2時間")],
)
def test_spans_are_told_in_two_units_at_most(seconds: int, english: str, japanese: str) -> None:
    assert span_text(seconds * 1_000_000, words_in(Language.EN)) == english
    assert span_text(seconds * 1_000_000, words_in(Language.JA)) == japanese


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (2_500_000, "2.5 MB")]
)
def test_sizes_are_told_in_units_of_a_thousand(size: int, text: str) -> None:
    assert size_text(size) == text


def test_phases_say_how_long_and_how_much(grown: Store) -> None:
    spans = [("P1", "I1", "T1213", "Walk", 0, 10 * HOUR_US, 2, ""), ("P2", "I1", "T1190", "In", 5, 5, 1, "")]
    with grown:
        grown.write(PATHS, spans)
        show_missing_as_empty(grown)
        phases = timeline_of(gather_facts(grown, TOKYO, DataMap()))["phases"]
    told = {phase["path"]: (phase["dwell_s"], phase["sent_bytes"], phase["records"]) for phase in phases}
    assert told == {
        "P1": (36_000, 300, {"at_least": 2, "at_most": 3}),
        "P2": (0, 300, {"at_least": 0, "at_most": 2}),
    }
