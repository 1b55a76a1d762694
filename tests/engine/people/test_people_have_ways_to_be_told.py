"""Whom a notice goes to and by which ways: broken ones are told, the protected left alone, nobody dropped."""

from __future__ import annotations

import pytest

from tests.engine.people.told_people import Told, tell_people

_MAP = """
systems:
  s:
    tables:
      members:
        person: true
        key: id
        persona: {by: kind, is: {P: policyholder, Q: quote requester}}
        states: {past: left_on, deceased: {by: kind, is: [D]}, protected: {by: care, is: [DV, "yes"]}}
        guardian: {table: members, by: parent}
        language: {by: lang, is: {E: en, J: ja}}
        undeliverable: {letter: returned}
        columns:
          id: {type: text}
          name: identity
          birth_date: birth
          zip: contact
          address: contact
          shelter: {category: contact, means: address, contact: safe}
          email: contact
          phone: contact
          kind:
          left_on:
          care:
          parent:
          lang:
          returned:
      contracts:
        key: no
        belongs: {table: members, by: holder}
        columns:
          no: {type: text}
          holder:
          post: {category: contact, means: address, contact: at contract}
          hospital_phone: {category: contact, means: phone}
      riders:
        key: [contract, "seq;no"]
        belongs: {table: contracts, by: contract}
        columns: {contract: , "seq;no": , "mail;to": {category: contact, means: mail, contact: at contract}}
"""
_HEAD = ("id", "name", "birth_date", "zip", "address", "shelter", "email", "phone", "kind", "left_on", "care",
         "parent", "lang", "returned")  # fmt: skip
_HOME = ("150-0001", "東京都渋谷区神宮前1-2-3", "")
_MEMBERS = [
    ("1", "安藤 桜", "1980-05-05", *_HOME, "sakura@example.jp", "090-1234-5678", "P", "", "", "", "J", ""),
    # A minor until the next day, of 1; her own mail is sound.
    ("2", "安藤 葵", "2008-04-02", *_HOME, "aoi@example.jp", "", "P", "", "", "1", "", ""),
    ("3", "安藤 翼", "2008-04-01", *_HOME, "", "", "P", "", "", "1", "", ""),
    # Protected: her address may not be used, the shelter's may.
    ("4", "木村 遥", "S55.1.2", *_HOME[:2], "大阪府大阪市北区梅田9-9", "haruka@example.jp", "", "P", "", "DV",
     "", "E", ""),
    ("5", "林 太郎", "1900-01-01", "1500001", "東京都渋谷区神宮前9-9", "", "taro@", "03-12", "D",
     "2020-01-01", "0", "", "", ""),
    ("6", "株式会社 森", "", "", "東京都港区芝1-1", "", "a b@example.jp", "03-3333-1111", "X", "いいえ", "",
     "", "Z", "1"),
    ("7", "西 陸", "2015-01-01", *_HOME, "", "", "P", "", "yes", "1", "", ""),
    # Of a guardian who is dead: he is told himself. What his mark of care means, the map does not say.
    ("9", "林 次郎", "2012-12-12", *_HOME, "", "", "P", "", "watch", "5", "", ""),
    ("8", "北 海", "1999-09-09", *_HOME, "kai@example.jp", "", "Q", "", "", "", "", ""),
]  # fmt: skip
_CONTRACTS = [
    ("no", "holder", "post", "hospital_phone"),
    ("c1", "6", "北海道札幌市中央区大通1-1", "011-111-2222"),
]
_FIELDS = {"members.name": 4}


_RIDERS = [("contract", "seq;no", "mail;to"), ("c1", "2", "rider@example.jp"), ("gone", "1", "x@example.jp")]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("told")
    tables: dict[str, list[tuple[str, ...]]] = {
        "members": [_HEAD, *_MEMBERS], "contracts": [*_CONTRACTS], "riders": [*_RIDERS],
    }  # fmt: skip
    reached = {("members", number): _FIELDS for number in "2345679"} | {("outside.csv", "9"): _FIELDS}
    return tell_people(folder, _MAP, tables, reached)


def _id(number: str) -> str:
    return f"s/members/{number}"


def test_only_people_perhaps_reached_are_told(told: Told) -> None:
    assert set(told.persons) == {*map(_id, "2345679"), "s/outside.csv/9"}
    assert {row["person_id"] for row in told.contacts} == {*told.persons, _id("1")}, "guardians too"


def test_a_minors_notice_goes_to_the_guardian(told: Told) -> None:
    minor, grown = told.persons[_id("2")], told.persons[_id("3")]
    assert (minor["states"], minor["guardian_id"], minor["addressee_id"]) == ("minor", _id("1"), _id("1"))
    assert minor["channels"] == "letter;mail;mobile"
    assert (grown["states"], grown["addressee_id"]) == ("", _id("3")), "of age on the birthday"


def test_a_guardian_who_cannot_be_told_is_passed_over(told: Told) -> None:
    child = told.persons[_id("9")]
    assert (child["states"], child["guardian_id"], child["addressee_id"]) == ("minor", _id("5"), _id("9"))
    assert child["is_reachable"]


def test_everybody_is_told_or_published_for(told: Told) -> None:
    for person, row in told.persons.items():
        used = [way for way in told.ways(str(row["addressee_id"])) if way[2] and way[0] != "publication"]
        published = [way for way in told.ways(person) if way[0] == "publication"]
        assert bool(used) == row["is_reachable"]
        assert len(published) == (0 if used else 1)
        assert used == [] or any(way[1] == 1 for way in used)


def test_a_protected_person_is_told_where_it_is_safe(told: Told) -> None:
    assert told.persons[_id("4")]["states"] == "protected"
    assert told.ways(_id("4")) == [
        ("letter", 1, True, "no-postal-code"),
        ("letter", None, False, "protected"),
        ("mail", None, False, "protected"),
    ]
    safe = next(row for row in told.contacts if row["person_id"] == _id("4") and row["usable"])
    assert (safe["address_use"], safe["at_columns"]) == ("safe", "shelter")


def test_nothing_goes_to_a_protected_minors_guardian(told: Told) -> None:
    child = told.persons[_id("7")]
    assert (child["guardian_id"], child["addressee_id"]) == (_id("1"), _id("7"))
    assert not child["is_reachable"]
    assert ("publication", 1, True, "protected") in told.ways(_id("7"))


def test_broken_and_barred_ways_say_why(told: Told) -> None:
    assert told.ways(_id("5")) == [
        ("letter", None, False, "deceased"),
        ("mail", None, False, "mail-malformed;deceased"),
        ("phone", None, False, "phone-length;deceased"),
        ("publication", 1, True, "deceased;mail-malformed;phone-length"),
    ]
    assert told.persons[_id("5")]["states"] == "age-unknown;deceased;past"


def test_an_address_of_the_contract_comes_after_todays(told: Told) -> None:
    letters = [row for row in told.contacts if row["person_id"] == _id("6") and row["channel"] == "letter"]
    assert [(row["at_table"], row["at_key"], row["address_use"]) for row in letters] == [
        ("contracts", "c1", "at contract"),
        ("members", "6", "now"),
    ]
    assert letters[1]["contact_reasons"] == "no-postal-code;undeliverable"
    assert told.persons[_id("6")]["states"] == "company", "いいえ is a word for no"
    assert [row["channel"] for row in told.contacts if row["person_id"] == _id("6")].count("phone") == 1, (
        "a phone in a table that hangs on people is somebody else's"
    )


def test_a_table_two_steps_away_tells_its_person(told: Told) -> None:
    mails = [row for row in told.contacts if row["person_id"] == _id("6") and row["channel"] == "mail"]
    assert [(row["at_table"], row["at_key"], row["at_columns"], row["usable"]) for row in mails] == [
        ("riders", "c1|2", "mail%3Bto", True),
        ("members", "6", "email", False),
    ]
    assert [one.said for one in told.said if one.channel == "mail" and one.person_id == _id("6")] == [
        "rider@example.jp"
    ]


def test_who_stands_in_no_table_is_a_row_for_publication(told: Told) -> None:
    assert told.ways("s/outside.csv/9") == [("publication", 1, True, "no-contact")]


def test_values_without_a_meaning_are_listed(told: Told) -> None:
    assert told.unknown == [
        ("s", "members", "care", "protected", "watch", 1),
        ("s", "members", "kind", "persona", "D", 1),
        ("s", "members", "kind", "persona", "X", 1),
        ("s", "members", "lang", "language", "", 6),
        ("s", "members", "lang", "language", "Z", 1),
    ]


def test_no_value_of_a_person_is_kept(told: Told) -> None:
    kept = repr((told.contacts, told.persons, told.sensitivities, told.states))
    values = {value for row in _MEMBERS for value in row[1:8] if len(value) > 3}
    assert [value for value in sorted(values) if value in kept] == []


def test_values_come_from_where_they_stand(told: Told) -> None:
    said = {(one.person_id, one.channel, one.preference): one for one in told.said}
    letter = said[_id("4"), "letter", 1]
    assert (letter.name, letter.postal_code, letter.said) == ("木村 遥", "", "大阪府大阪市北区梅田9-9")
    hung = said[_id("6"), "letter", 1]
    assert (hung.name, hung.said) == ("株式会社 森", "北海道札幌市中央区大通1-1")
    assert said[_id("1"), "mobile", 1].said == "090-1234-5678"
    usable = [row for row in told.contacts if row["usable"] and row["channel"] != "publication"]
    assert len(told.said) == len(usable), "each usable way, and no other"
