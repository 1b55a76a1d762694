"""``ashiato duties``: the answer in two languages, what moved, decisions in the ledger, and their replay."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from ashiato.engine.case import create_case
from ashiato.engine.ledger import list_entries

Run = Callable[..., Result]

_FACTS = """\
case: Incident 07
zone: Asia/Tokyo
entries:
  - known: 2026-06-25T06:30:00+09:00
    by: system operations
    sets: {law.JP: true, licence: insurer, role: own, unauthorised_access: true, leak: leak_possible,
           data.personal: true, data.individual_customers: true}
  - known: 2026-07-13
    sets: {leak: leak_confirmed, sign.data_stolen: true, people: {about: 4400000}}
"""


@pytest.fixture
def case(tmp_path: Path) -> Path:
    folder = create_case(tmp_path / "case", "Asia/Tokyo", lambda: 0).folder
    (folder / "facts.yaml").write_text(_FACTS, encoding="utf-8")
    return folder


def test_duties_are_told_with_day_recipient_and_article(run: Run, case: Path) -> None:
    told = run("duties", case, "--as-of", "2026-07-01", "--lang", "ja")
    assert told.exit_code == 0
    for words in ("確報 [報告]: 2026-08-24 まで", "宛先: 金融庁長官", "規則8条", "3-5-3-4", "(経過済み)"):
        assert words in told.stdout
    english = run("duties", case, "--as-of", "2026-07-01", "--lang", "en").stdout
    assert "Final report [report]: by 2026-08-24" in english
    assert "system operations" not in english


def test_what_moved_is_told_since_a_day(run: Run, case: Path) -> None:
    told = run("duties", case, "--as-of", "2026-07-14", "--since", "2026-07-01", "--lang", "en").stdout
    moved = told[told.index("What moved since") :]
    assert "leak possible → leak confirmed" in moved
    assert "Situation 4: more than 1,000 people: now applies" in moved


def test_the_answer_for_machines_is_the_same_twice(run: Run, case: Path) -> None:
    told = [run("duties", case, "--as-of", "2026-07-14", "--json").stdout for _ in range(2)]
    assert told[0] == told[1]
    duties = {duty["rule"]: duty for duty in json.loads(told[0])["duties"]}
    assert duties["jp-appi-final"]["readings"][0]["due"] == "2026-08-24"


def test_a_decision_is_pinned_and_replayed(run: Run, case: Path) -> None:
    args = ("duties", case, "--as-of", "2026-07-01", "--lang", "en")
    kept = run(*args, "--record", "--by", "Dan, privacy officer", "--why", "situation 3 holds")
    assert "Recorded as decision 1: decisions/0001.json" in kept.stdout
    (entry,) = list_entries(case, "duties decided")
    assert "Dan" not in json.dumps(entry)
    (case / "facts.yaml").write_text(_FACTS.replace("insurer", "none"), encoding="utf-8")
    again = run("duties", case, "--replay", "1", "--lang", "en").stdout
    assert "confirmed by Dan, privacy officer: run again it gives the same bytes." in again
    assert "Today's rules answer the same." in again
    assert run("verify", case).exit_code == 0


def test_a_changed_decision_is_found(run: Run, case: Path) -> None:
    run("duties", case, "--as-of", "2026-07-01", "--record", "--by", "Dan", "--why", "so")
    record = case / "decisions" / "0001.json"
    record.write_text(record.read_text(encoding="utf-8").replace('"Dan"', '"Eve"'), encoding="utf-8")
    assert run("verify", case).exit_code == 6
    refused = run("duties", case, "--replay", "1")
    assert refused.exit_code == 6
    assert "not as it was recorded" in refused.stderr


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("--replay", "4"), 3, "there is no decision 4; the case has 0"),
        (("--as-of", "soon"), 9, "is no day and no time"),
        (("--facts", "nowhere.yaml"), 9, "cannot be read"),
        (("--record",), 9, "names who confirms it"),
    ],
)
def test_wrong_questions_are_refused_with_a_remedy(
    run: Run, case: Path, args: tuple[str, ...], code: int, said: str
) -> None:
    refused = run("duties", case, *args)
    assert refused.exit_code == code
    assert said in refused.stderr
    assert "fix: " in refused.stderr
    assert not list_entries(case, "duties decided")


def test_hostile_words_of_a_diary_are_shown_as_text(run: Run, case: Path) -> None:
    hostile = _FACTS.replace("case: Incident 07", 'case: "\\e[2J[bold]x[/]\\u202e"')
    (case / "facts.yaml").write_text(hostile, encoding="utf-8")
    told = run("duties", case, "--as-of", "2026-07-01", "--lang", "en").stdout
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert "[bold]x[/]" in told
