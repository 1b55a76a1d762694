"""Lists for banks: each its own accounts, no key of ours, nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.api import Accounts, BankAccount
from ashiato.engine.people.accounts import ReachedField
from ashiato.exports.banks.lists import INDEX, mask, write_lists
from ashiato.terms.grades import Grade

_ZONE = ZoneInfo("Asia/Tokyo")


def _account(key: str, bank: str, number: str, grade: int = 4) -> BankAccount:
    fields = (ReachedField("members.koza", Grade(grade), "L3"),)
    values = {"bank_code": bank, "koza": number, "meigi": "=cmd"}
    record = ("s", "members", key)
    return BankAccount(
        record, f"s/members/{key}", ("members", key), 0, bank, values, fields, ("drift(t=1)", "mask")
    )


_FOUND = Accounts(
    (_account("k1", "0009", "1234567", 2), _account("k2", "0009", "7654321"), _account("k3", "../x", "1")), 1
)


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def test_each_bank_gets_its_own_accounts_and_no_key_of_ours(tmp_path: Path) -> None:
    lists, paths = write_lists(_FOUND, tmp_path / "out", _ZONE, masked=False)
    assert [(each.bank, each.confirmed, each.accounts) for each in lists] == [("../x", 1, 1), ("0009", 1, 2)]
    assert {path.parent for path in paths} == {tmp_path / "out"}, "a bank's name steers no path"
    mine = tmp_path / "out" / lists[1].file
    assert [(row["no"], row["members.koza"], row["grade"]) for row in _rows(mine)] == [
        ("1", "7654321", "confirmed"),
        ("2", "1234567", "possible"),
    ]
    assert {row["members.meigi"] for row in _rows(mine)} == {"'=cmd"}
    assert {row["reasons"] for row in _rows(mine)} == {"drift;mask"}
    text = mine.read_text(encoding="utf-8-sig")
    assert "k1" not in text
    assert "../x" not in text
    numbers = {(row["file"], row["no"]): row["key"] for row in _rows(tmp_path / "out" / INDEX)}
    assert numbers[lists[1].file, "1"] == "k2"


def test_counts_have_unit_and_bound(tmp_path: Path) -> None:
    write_lists(_FOUND, tmp_path, _ZONE, masked=True)
    told = json.loads((tmp_path / "banks.json").read_text(encoding="utf-8"))
    assert told["masked"] is True
    assert {told["people"][bound]["unit"] for bound in told["people"]} == {"people"}
    assert told["banks"][1]["at_most"] | {"as_of": ""} == {
        "value": 2, "unit": "accounts", "bound": "at most", "as_of": ""
    }  # fmt: skip
    assert told["records_without_an_account"]["value"] == 1


def test_masked_lists_show_the_bank_and_the_last_characters(tmp_path: Path) -> None:
    lists, _ = write_lists(_FOUND, tmp_path, _ZONE, masked=True)
    row = _rows(tmp_path / lists[1].file)[0]
    assert (row["members.bank_code"], row["members.koza"], row["members.meigi"]) == (
        "0009",
        "****321",
        "****",
    )


@given(st.text(max_size=30))
def test_a_masked_value_shows_three_characters_and_at_most_half(value: str) -> None:
    masked = mask(value)
    hidden = len(masked) - len(masked.lstrip("*"))
    assert len(masked) == len(value)
    assert hidden >= len(value) - 3
    assert 2 * hidden >= len(value)
