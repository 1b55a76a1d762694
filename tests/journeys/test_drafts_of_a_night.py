"""Drafts of the shipped break-in's first night: what the run proves, nobody's data, nothing too early."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ashiato.engine.api import Case, investigate_case, open_outcome
from ashiato.exports.words import Language
from ashiato.exports.writing import facts_of
from ashiato.law.api import assess, load_diary, load_rulebook, moment_asked
from ashiato.letters.drafting import draft
from ashiato.letters.matter import Matter
from ashiato.letters.outline import load_outlines
from tests.journeys.command import must
from tests.journeys.demo import make_case, take_night

pytestmark = pytest.mark.slow

_FACTS = """\
zone: Asia/Tokyo
entries:
  - known: 2026-06-11T09:00:00+09:00
    by: system operations
    says: Many customers were looked at by one account.
    sets: {law.JP: true, licence: insurer, role: own, unauthorised_access: true, leak: leak_possible,
           data.personal: true, data.individual_customers: true}
"""
_PERSONAL = ("name_kanji", "name_kana", "email", "phone", "address", "member_no", "bank_account_no")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """One night, investigated; the clock of the case stands at 2026-05-28."""
    folder = tmp_path_factory.mktemp("night")
    case = make_case(folder / "case", take_night(folder / "evidence"))
    (case.folder / "facts.yaml").write_text(_FACTS, encoding="utf-8")
    investigate_case(case)
    return case


def _final_report(case: Case, folder: Path, as_of: str) -> dict[str, Any]:
    must("draft", "ppc-final", case.folder, "--to", folder, "--lang", "en", "--as-of", as_of)
    return dict(json.loads((folder / "ppc-final.en.json").read_text(encoding="utf-8")))


def _values(case: Case) -> Iterator[str]:
    for path in case.folder.glob("snapshots/*/tables/owners.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield from (row[name] for name in _PERSONAL if len(row.get(name) or "") > 3)


def test_no_draft_holds_anybodys_data(case: Case) -> None:
    with open_outcome(case) as outcome:
        facts = facts_of(outcome)
    diary = load_diary(case.folder / "facts.yaml")
    assessment = assess(diary, load_rulebook(), moment_asked("2026-06-12", diary.zone))
    texts = "\n".join(
        json.dumps(
            draft(outline, Matter(assessment, facts, "runs/0001", language)).as_json(), ensure_ascii=False
        )
        for outline in load_outlines().values()
        for language in Language
    )
    values = set(_values(case))
    assert len(values) > 50_000
    assert [value for value in values if value in texts] == []


def test_numbers_are_those_of_the_summary(case: Case, tmp_path: Path) -> None:
    must("export", case.folder, "--to", tmp_path / "answer")
    summary = json.loads((tmp_path / "answer" / "summary.json").read_text(encoding="utf-8"))
    reached = summary["records"]["reached"]
    least, most = reached["at_least"]["value"], reached["at_most"]["value"]
    said = _final_report(case, tmp_path, "2026-06-12")
    lines = {line["key"]: line for section in said["sections"] for line in section["lines"]}
    assert f"{least:,} records" in lines["run-records"]["text"]
    assert f"{most:,} records" in lines["run-records"]["text"]
    assert lines["run-records"]["grounds"][0]["what"] == "run runs/0001"
    assert said["doubts"], "the run is surer than the diary"


def test_a_run_is_not_known_before_it_was_made(case: Case, tmp_path: Path) -> None:
    before = _final_report(case, tmp_path, "2026-05-01")
    keys = {line["key"] for section in before["sections"] for line in section["lines"]}
    assert "run-records" not in keys
    assert before["doubts"] == []
