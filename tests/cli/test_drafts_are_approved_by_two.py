"""Approvals: two different persons, of the very words, and of nothing that is not settled."""

from __future__ import annotations

import hashlib
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
           data.personal: true, people: {at_most: 1001}, second_damage: false, event.began: 2026-06-10,
           text.fields: names, text.containment: cut off, text.people_response: letters,
           text.self_protection: take care, text.desk: 03-0000-0000}
"""
_LATER = """\
  - known: 2026-06-30
    sets: {leak: leak_confirmed}
"""


@pytest.fixture
def case(tmp_path: Path) -> Path:
    folder = create_case(tmp_path / "case", "Asia/Tokyo", lambda: 0).folder
    (folder / "facts.yaml").write_text(_FACTS, encoding="utf-8")
    return folder


@pytest.fixture
def approve(run: Run, case: Path, tmp_path: Path) -> Callable[..., Result]:
    def approved(by: str, *more: object, because: str = "read against the diary") -> Result:
        words = ("draft", "announcement-1", case, "--to", tmp_path / "out", "--lang", "en", "--json")
        return run(*words, "--approve", "--by", by, "--because", because, *more)

    return approved


def _edition(told: Result) -> dict[str, object]:
    assert told.exit_code == 0, told.output
    edition: dict[str, object] = json.loads(told.stdout)["edition"]
    return edition


def test_two_persons_approve_the_same_words(approve: Callable[..., Result], tmp_path: Path) -> None:
    first = _edition(approve("Aoi", "--as-of", "2026-06-26"))
    assert (first["edition"], first["approved"], first["same"]) == (1, False, True)
    second = _edition(approve("Ben"))
    assert (second["edition"], second["approved"], second["as_of"]) == (1, True, first["as_of"])
    paper = tmp_path / "out" / "announcement-1.en.pdf"
    approvals = second["approvals"]
    assert isinstance(approvals, list)
    assert [each["by"] for each in approvals] == ["Aoi", "Ben"]
    held = {each["files"][paper.name] for each in approvals}
    assert held == {hashlib.sha256(paper.read_bytes()).hexdigest()}, "both approved these very bytes"


@pytest.mark.slow
def test_what_says_something_else_is_not_approved(
    approve: Callable[..., Result], run: Run, case: Path, tmp_path: Path
) -> None:
    for by in ("Aoi", "Ben"):
        approve(by, "--as-of", "2026-06-26")
    (case / "facts.yaml").write_text(_FACTS + _LATER, encoding="utf-8")
    words = ("draft", "announcement-1", case, "--to", tmp_path / "out", "--lang", "en")
    later = json.loads(run(*words, "--as-of", "2026-07-01", "--json").stdout)
    assert (later["edition"]["edition"], later["edition"]["same"]) == (1, False)
    assert any("was leaked" in (each["after"] or "") for each in later["changes"]), "since the approved one"
    assert "nobody has approved" in run(*words, "--as-of", "2026-07-01").stderr
    assert _edition(approve("Aoi", "--as-of", "2026-07-01"))["edition"] == 2
    assert "Aoi: read against the diary" in run("draft", "approvals", case).stdout


def test_what_is_not_settled_is_not_approved(run: Run, case: Path, tmp_path: Path) -> None:
    words = ("draft", "board", case, "--to", tmp_path / "out", "--as-of", "2026-06-26", "--approve")
    told = run(*words, "--by", "Aoi", "--because", "read")
    assert told.exit_code == 9
    assert "still to be filled in" in told.stderr
    assert json.loads(run("draft", "approvals", case, "--json").stdout) == {"editions": []}
