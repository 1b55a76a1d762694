"""``ashiato draft``: kinds are named, files are written, and what is not settled never becomes final."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from ashiato.engine.case import create_case

Run = Callable[..., Result]

_FACTS = """\
zone: Asia/Tokyo
entries:
  - known: 2026-06-25T06:30:00+09:00
    sets: {law.JP: true, licence: insurer, role: own, unauthorised_access: true, leak: leak_possible,
           data.personal: true, data.individual_customers: true, text.reporter: Example Life}
  - known: 2026-07-13
    sets: {leak: leak_confirmed, people: {at_most: 4400000}}
"""


@pytest.fixture
def case(tmp_path: Path) -> Path:
    folder = create_case(tmp_path / "case", "Asia/Tokyo", lambda: 0).folder
    (folder / "facts.yaml").write_text(_FACTS, encoding="utf-8")
    return folder


def test_kinds_are_named_without_a_case(run: Run) -> None:
    assert "漏えい等報告書（速報）" in run("draft", "list").stdout
    assert "Preliminary report of a leak" in run("draft", "list", "--lang", "en").stdout
    kinds = [each["kind"] for each in json.loads(run("draft", "list", "--json").stdout)["kinds"]]
    assert "announcement-final" in kinds


def test_a_draft_is_written_with_what_changed(run: Run, case: Path, tmp_path: Path) -> None:
    told = run(
        "draft", "ppc-preliminary", case, "--to", tmp_path / "out",
        "--as-of", "2026-07-14", "--since", "2026-07-01", "--lang", "en",
    )  # fmt: skip
    assert told.exit_code == 0, told.output
    names = [Path(line).name for line in told.stdout.splitlines()]
    assert names == ["ppc-preliminary.en.docx", "ppc-preliminary.en.pdf", "ppc-preliminary.en.json"]
    plain = json.loads((tmp_path / "out" / names[2]).read_text(encoding="utf-8"))
    assert plain["blanks"] > 0
    assert {"label": "Number of people", "before": None, "after": "at most 4,400,000 people"} in plain[
        "changes"
    ]


def test_a_draft_asks_for_its_case(run: Run) -> None:
    told = run("draft", "board")
    assert told.exit_code != 0
    assert "ashiato draft board DIR" in told.stderr


def test_what_is_not_whole_is_not_made_final(run: Run, case: Path, tmp_path: Path) -> None:
    told = run("draft", "board", case, "--to", tmp_path / "out", "--as-of", "2026-07-14", "--final")
    assert told.exit_code == 9
    assert "still to be filled in" in told.stderr
    assert not (tmp_path / "out").exists()


def test_an_unknown_kind_names_the_known_ones(run: Run, case: Path) -> None:
    told = run("draft", "lettre", case)
    assert told.exit_code == 9
    assert "ppc-final" in told.stderr


def test_without_a_diary_the_way_to_one_is_told(run: Run, case: Path) -> None:
    (case / "facts.yaml").unlink()
    told = run("draft", "board", case)
    assert told.exit_code == 9
    assert "docs/guides/duties.md" in told.stderr


def test_nothing_is_written_among_what_is_sealed(run: Run, case: Path) -> None:
    told = run("draft", "board", case, "--to", case / "evidence")
    assert told.exit_code == 3
    assert "sealed" in told.stderr
    assert not list(case.rglob("board.*"))
