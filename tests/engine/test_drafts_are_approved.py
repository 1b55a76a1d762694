"""Approvals in the case: bytes by number, different persons, and what a changed byte does."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashiato.engine.approved import DraftText, Edition, approve_draft, list_editions, read_edition
from ashiato.engine.case import Case, create_case
from ashiato.engine.verifying import verify_case
from ashiato.terms.errors import CaseError, IntegrityError


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return create_case(tmp_path / "case", "Asia/Tokyo", lambda: 0)


def _approve(case: Case, by: str, text: str = "people: at most 1,001\n", because: str = "read") -> Edition:
    draft = DraftText("board", "en", "2026-06-26T23:59:59+09:00", text, {"board.en.pdf": "00"})
    return approve_draft(case, draft, by=by, because=because)


def test_two_different_persons_make_an_edition_approved(case: Case) -> None:
    assert not _approve(case, "Aoi").is_approved
    edition = _approve(case, "Ben")
    assert edition.is_approved
    assert [(edition.number, each.by) for each in edition.approvals] == [(1, "Aoi"), (1, "Ben")]
    assert read_edition(case, edition) == "people: at most 1,001\n"


@pytest.mark.parametrize("again", ["Aoi", " aoi ", "A oi", "\uff21\uff4f\uff49"])
def test_nobody_is_two_persons(case: Case, again: str) -> None:
    _approve(case, "Aoi")
    with pytest.raises(CaseError, match="approved edition 1 already"):
        _approve(case, again)


@pytest.mark.parametrize(("by", "because"), [("", "read"), ("Aoi", " ")])
def test_an_approval_has_a_name_and_a_reason(case: Case, by: str, because: str) -> None:
    with pytest.raises(CaseError, match="names who gives it"):
        _approve(case, by, because=because)
    assert list_editions(case) == []


def test_one_changed_byte_is_an_edition_nobody_approved(case: Case) -> None:
    first = [_approve(case, by) for by in ("Aoi", "Ben")][-1]
    second = _approve(case, "Aoi", "people: at most 1,002\n")
    assert (second.number, len(second.approvals)) == (2, 1)
    back = _approve(case, "Aoi", "people: at most 1,001\n")
    assert (back.number, back.is_approved) == (3, False), "an approval does not come back with the words"
    assert list_editions(case, "board", "en") == [first, second, back]
    assert list_editions(case, "board", "ja") == []


def test_an_approval_that_was_broken_off_hinders_none_after_it(case: Case) -> None:
    name = _approve(case, "Aoi").name
    (case.folder / name).with_name("0002.json").write_text("people: never approved\n", encoding="utf-8")
    second = _approve(case, "Ben", "people: at most 1,002\n")
    assert read_edition(case, second) == "people: at most 1,002\n"


def test_an_approved_edition_that_was_changed_is_found(case: Case) -> None:
    edition = _approve(case, "Aoi")
    path = case.folder / edition.name
    path.write_text("people: at most 9\n", encoding="utf-8")
    assert [problem.file for problem in verify_case(case)] == [edition.name]
    with pytest.raises(IntegrityError, match="not as it was approved"):
        read_edition(case, edition)
