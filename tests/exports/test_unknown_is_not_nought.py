"""Without the operator's records, no edge of the answer says that nobody was reached."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from ashiato.cli.answer import say_answer
from ashiato.datamap.model import DataMap, DataTable, System
from ashiato.engine.api import Store
from ashiato.exports.facts import Facts, gather_facts
from ashiato.exports.report.contents import contents_of, range_text
from ashiato.exports.sheet import write_sheet
from ashiato.exports.sheets.paths import PATHS_SHEET
from ashiato.exports.summary import summary_of
from ashiato.exports.words import Language, words_in
from tests.exports.sample_run import ROWS, TOKYO, write_run

MAP = DataMap(systems={"shop": System("shop", tables={"members": DataTable("members", person=True)})})
FOUND_ONLY = [row for row in ROWS["people"] if row["persona"] is None]


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Store]:
    """The sample run without a table on people: one person is found in a file."""
    with write_run(tmp_path / "run", {"people": FOUND_ONLY, "exposures": []}) as opened:
        yield opened


@pytest.fixture
def facts(bare: Store) -> Facts:
    return gather_facts(bare, TOKYO, MAP)


def test_summary_leaves_the_maximum_open(facts: Facts) -> None:
    records = summary_of(facts)["records"]
    assert records["reached"]["at_most"] is None
    assert records["by_path"]["p1"]["at_most"] is None
    assert records["not_in_master"]["at_most"]["value"] == 1


def test_sheet_of_paths_leaves_the_cell_empty(bare: Store, tmp_path: Path) -> None:
    with write_sheet(PATHS_SHEET, bare, TOKYO, tmp_path).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["records_at_least"], row["records_at_most"]) for row in rows] == [("0", ""), ("0", "")]


@pytest.mark.parametrize(("language", "word"), [(Language.EN, "not known"), (Language.JA, "不明")])
def test_words_say_that_it_is_not_known(facts: Facts, language: Language, word: str) -> None:
    words = words_in(language)
    assert range_text(facts.paths[0].bounds, words) == word
    part = contents_of(facts, language)
    assert "snapshot add" in part["answer"]["untold"]
    assert part["answer"]["outside"]


def test_terminal_names_the_missing_snapshot(facts: Facts, capsys: pytest.CaptureFixture[str]) -> None:
    say_answer(facts, words_in(Language.EN))
    told = capsys.readouterr().out
    assert "snapshot add" in told
    assert "found only in files or logs" in told
    assert "No record of people" not in told
