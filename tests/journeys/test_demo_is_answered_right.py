"""The shipped break-in from end to end: nothing is lost at any station, and the answer holds the truth.

What holds of any run is asked of one of its nights too, which is quick.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from ashiato.engine.api import Outcome, investigate_case, open_outcome
from tests.journeys.demo import DEMO, EVIDENCE, TRUTH, export, make_case, take_night
from tests.journeys.scoring import (
    Answer,
    Truth,
    line_figures,
    owner_figures,
    pair_figures,
    read_answer,
    read_truth,
    walks_of,
)


@dataclass(frozen=True)
class Answered:
    """The demo's finished run, and what was exported of it."""

    evidence: Path
    outcome: Outcome
    files: dict[str, bytes]
    answer: Answer
    truth: Truth

    def one(self, sql: str) -> int:
        """Return a number that the tables tell."""
        return int(self.outcome.store.rows(sql)[0][0])

    def sheet(self, name: str) -> list[dict[str, str]]:
        """Return the rows of an exported CSV file."""
        return list(csv.DictReader(io.StringIO(self.files[name].decode("utf-8-sig"), newline="")))


@contextmanager
def _answered(folder: Path, evidence: Path) -> Iterator[Answered]:
    case = make_case(folder / "case", evidence)
    investigate_case(case)
    files = export(case, folder / "answer")
    with open_outcome(case) as outcome:
        answer = read_answer(folder / "answer", "owners")
        yield Answered(evidence, outcome, files, answer, read_truth(TRUTH))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answered]:
    """The whole demo, investigated once."""
    with _answered(tmp_path_factory.mktemp("demo"), EVIDENCE) as answered:
        yield answered


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answered]:
    """One night of the demo, investigated once."""
    folder = tmp_path_factory.mktemp("night")
    with _answered(folder, take_night(folder / "evidence")) as answered:
        yield answered


@pytest.fixture(params=["night", pytest.param("whole", marks=pytest.mark.slow)])
def demo(request: pytest.FixtureRequest) -> Answered:
    """The night, and where there is time the whole."""
    answered: Answered = request.getfixturevalue(request.param)
    return answered


def _content(path: Path) -> bytes:
    raw = path.read_bytes()
    return gzip.decompress(raw) if path.suffix == ".gz" else raw


@pytest.mark.slow
def test_nobody_reached_is_below_possible(whole: Answered) -> None:
    reached, spared = owner_figures(whole.answer, whole.truth)
    assert reached.whole == 5495
    assert reached.whole - reached.good == 0
    assert spared.holds, spared


@pytest.mark.slow
def test_fields_and_lines_agree_with_the_truth(whole: Answered) -> None:
    figures = [*pair_figures(whole.answer, whole.truth), *line_figures(whole.answer, whole.truth)]
    assert len(figures) >= 20
    assert [str(figure) for figure in figures if not figure.holds] == []
    assert walks_of(whole.answer, whole.truth).told_apart(whole.truth.pairs)


def test_every_sealed_line_is_a_record_or_unread(demo: Answered) -> None:
    files = [path for path in demo.evidence.rglob("*") if path.is_file()]
    contents = [_content(path) for path in files]
    counted = sum(content.count(b"\n") + (content[-1:] not in (b"", b"\n")) for content in contents)
    assert demo.one("SELECT count(*) FROM evidence") == len(files)
    assert demo.one("SELECT sum(content_lines) FROM evidence") == counted
    assert demo.one("SELECT sum(record_lines + blank_lines + unread_lines) FROM readings") == counted
    assert demo.one("SELECT sum(line_last - line_first + 1) FROM records") == demo.one(
        "SELECT sum(record_lines) FROM readings"
    )
    assert demo.one("SELECT sum(line_last - line_first + 1) FROM unread") == demo.one(
        "SELECT sum(unread_lines) FROM readings"
    )


def test_every_record_bears_witness_to_one_event(demo: Answered) -> None:
    records = demo.one("SELECT count(*) FROM records")
    assert demo.one("SELECT count(DISTINCT evidence_id || ':' || line_first) FROM witnesses") == records
    assert demo.one("SELECT count(*) FROM witnesses") == records
    assert demo.one("SELECT count(DISTINCT event_id) FROM witnesses") == demo.one(
        "SELECT count(*) FROM events"
    )


@pytest.mark.parametrize("table", ["finding_events", "intrusion", "proofs", "witnesses", "visits"])
def test_no_table_speaks_of_an_unknown_event(demo: Answered, table: str) -> None:
    assert demo.one(f"SELECT count(*) FROM {table}") > 0
    assert demo.one(f"SELECT count(*) FROM {table} WHERE event_id NOT IN (SELECT event_id FROM events)") == 0


def test_hostile_events_are_counted_alike_everywhere(demo: Answered) -> None:
    hostile = demo.one("SELECT count(*) FROM intrusion")
    assert demo.one("SELECT count(DISTINCT event_id) FROM intrusion") == hostile
    assert demo.one("SELECT sum(events) FROM paths") == hostile
    assert sum(int(row["events"]) for row in demo.sheet("paths.csv")) == hostile
    assert len(demo.sheet("intrusion.csv")) == demo.one(
        "SELECT count(*) FROM witnesses WHERE event_id IN (SELECT event_id FROM intrusion)"
    )


def test_each_record_of_people_is_one_row(demo: Answered) -> None:
    with gzip.open(DEMO / "snapshot" / "owners.csv.gz", "rt", encoding="utf-8", newline="") as file:
        keys = [row["id"] for row in csv.DictReader(file)]
    told = [row["key"] for row in demo.sheet("persons.csv") if row["table"] == "owners"]
    assert sorted(told) == sorted(keys)
    assert demo.one("SELECT count(*) FROM people") == len(demo.sheet("persons.csv"))


def test_summary_counts_what_the_rows_say(demo: Answered) -> None:
    by_grade = Counter(row["grade"] for row in demo.sheet("persons.csv"))
    told = json.loads(demo.files["summary.json"])["records"]["by_grade"]
    assert {grade: count["value"] for grade, count in told.items() if count["value"]} == dict(by_grade)
    assert {(count["unit"], count["bound"]) for count in told.values()} == {("records", "exact")}


def test_each_exposure_is_one_row_with_its_path(demo: Answered) -> None:
    rows = demo.sheet("exposures.csv")
    assert len({(row["table"], row["key"], row["path"]) for row in rows}) == len(rows)
    assert len(rows) == demo.one(
        "SELECT count(*) FROM (SELECT DISTINCT system, table_name, record_key, path FROM exposures)"
    )
    assert {row["path"] for row in rows} <= {row["path"] for row in demo.sheet("paths.csv")}


def test_each_exposure_leads_to_hostile_raw_lines(demo: Answered) -> None:
    path_of = {(row["file"], int(row["line"])): row["path"] for row in demo.sheet("intrusion.csv")}
    for row in demo.sheet("exposures.csv"):
        cited = [_place(entry) for entry in row["evidence"].split(";")]
        on_path = [path_of.get((file, first)) == row["path"] for file, first, _ in cited]
        assert any(on_path), row


def test_cited_lines_are_there_and_say_so(demo: Answered) -> None:
    cited = {file for file, _ in demo.answer.lines}
    logs = {file: _content(demo.evidence / file).decode().split("\n") for file in cited}
    walked = re.compile(r"/api/(?:owners/|claims\?owner_id=)(\d+)")
    named = 0
    for row in demo.sheet("exposures.csv"):
        for file, first, last in map(_place, row["evidence"].split(";")):
            lines = logs[file][first - 1 : last]
            assert all(lines), (row["key"], file, first, last)
            keys = {key for line in lines for key in walked.findall(line)}
            assert keys <= {row["key"]}, (row["key"], keys)
            named += bool(keys)
    assert named >= 495


def _place(entry: str) -> tuple[str, int, int]:
    file, _, span = entry.rpartition(":")
    first, _, last = span.partition("-")
    return file, int(first), int(last or first)
