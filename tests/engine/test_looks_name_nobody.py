"""Looks stand in the ledger under codes of one key, which a cut of the power does not leave half made."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashiato.engine.case import Case, create_case
from ashiato.engine.looks import KEY_FILE, code_of


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return create_case(tmp_path / "case", "Asia/Tokyo", lambda: 0)


def test_one_key_names_a_record_by_one_code(case: Case) -> None:
    assert code_of(case, "owners|5213") == code_of(case, "owners|5213") != code_of(case, "owners|5214")


@pytest.mark.parametrize("left", [b"", b"k" * 7])
def test_a_key_that_was_cut_off_is_made_anew_and_stays(case: Case, left: bytes) -> None:
    key = case.folder / KEY_FILE
    key.write_bytes(left)
    told = code_of(case, "owners|5213")
    assert len(key.read_bytes()) == 32
    assert code_of(case, "owners|5213") == told
