"""Bank accounts for the banks: everybody's whose account was reached, with grade, and nobody else's."""

from __future__ import annotations

import pytest

from ashiato.engine.people.accounts import BankAccount, bank_column
from ashiato.terms.grades import Grade
from tests.engine.people.told_people import Told, tell_people

_MAP = """
systems:
  s:
    tables:
      members:
        person: true
        key: id
        columns:
          {id: {type: text}, name: identity, birth_date: birth, ginko: bank account, koza: bank account}
      payouts:
        key: no
        belongs: {table: members, by: holder}
        columns:
          {no: {type: text}, holder: , 銀行コード: bank account, 口座番号: bank account, memo: bank account}
      bonuses:
        key: id
        belongs: {table: payouts, by: payout}
        columns: {id: {type: text}, payout: , iban: bank account}
"""
_TABLES: dict[str, list[tuple[str, ...]]] = {
    "members": [
        ("id", "name", "birth_date", "ginko", "koza"),
        ("1", "安藤 桜", "1980-05-05", "北銀行", "1234567"),
        ("2", "木村 遥", "1981-05-05", "南銀行", "7654321"),
        ("3", "林 太郎", "1982-05-05", "", ""),
        ("4", "森 花", "1983-05-05", "北銀行", "1111111"),
    ],
    "payouts": [
        ("no", "holder", "銀行コード", "口座番号", "memo"),
        ("A", "1", " 0009 ", "2222222", ""),
        ("B", "1", "0001", "3333333", ""),
        ("C", "4", "0001", "4444444", ""),
    ],
    "bonuses": [("id", "payout", "iban"), ("X", "B", "JP00 1")],
}
_REACHED = {
    ("members", "1"): {"members.koza": 4, "members.ginko": 2, "payouts.口座番号": 3, "bonuses.iban": 2},
    ("members", "2"): {"members.name": 4},
    ("members", "3"): {"members.koza": 2},
    ("members", "4"): {"members.koza": 2},
    ("members", "9"): {"members.koza": 4},
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return tell_people(tmp_path_factory.mktemp("accounts"), _MAP, _TABLES, _REACHED)


def _of(told: Told, table: str) -> dict[str, BankAccount]:
    return {each.at[1]: each for each in told.accounts.accounts if each.at[0] == table}


def test_only_accounts_that_were_reached_are_listed(told: Told) -> None:
    own = _of(told, "members")
    assert sorted(own) == ["1", "4"], "2: only the name was reached; 3: there is no account"
    assert (own["1"].bank, own["1"].values) == ("北銀行", {"ginko": "北銀行", "koza": "1234567"})
    assert (own["1"].grade, own["4"].grade) == (Grade(4), Grade(2))
    assert [(field.name, field.grade, field.rung) for field in own["1"].fields] == [
        ("members.ginko", Grade(2), "L2"),
        ("members.koza", Grade(4), "L2"),
    ]


def test_all_accounts_of_a_person_are_listed_where_one_was_reached(told: Told) -> None:
    """Exposures name the person's record: which of the person's rows it was is not told."""
    paid = _of(told, "payouts")
    assert {key: (each.bank, each.record[2], each.person_id) for key, each in paid.items()} == {
        "A": ("0009", "1", "s/members/1"),
        "B": ("0001", "1", "s/members/1"),
    }
    (bonus,) = _of(told, "bonuses").values()
    assert (bonus.bank, bonus.record) == ("", ("s", "members", "1")), "through the table between"


def test_records_without_an_account_are_counted(told: Told) -> None:
    assert told.accounts.unlisted == 2, "3 has none, 9 is in no snapshot"


@pytest.mark.parametrize(
    ("columns", "bank"),
    [
        (("bank_branch", "bank_name", "bank_code"), "bank_code"),
        (("bankName", "account_no"), "bankName"),
        (("口座番号", "金融機関名"), "金融機関名"),
        (("bank_branch", "bank_account_no"), None),
    ],
)
def test_the_bank_is_told_by_the_surest_column(columns: tuple[str, ...], bank: str | None) -> None:
    assert bank_column(columns) == bank
