"""What fields make possible together: by declared rules, each as sure as its least sure field."""

from __future__ import annotations

import pytest

from ashiato.datamap.load import parse_datamap
from ashiato.engine.people.harms import Sensitivity, judge_facts, load_harms
from ashiato.engine.people.sensitivity import read_reached

_MAP = parse_datamap("""
systems:
  s:
    tables:
      owners:
        person: true
        key: id
        columns: {id: {type: text}, member_no: identity, name: identity, birth_date: birth, email: contact,
                  address: contact, zip: contact, bank_no: bank account, password_hash: credential,
                  my_number: government number, note: free text}
      pets: {key: id, belongs: {table: owners, by: owner}, columns: {id: {type: text}, owner: , name: family}}
      claims:
        key: id
        belongs: {table: owners, by: owner}
        columns: {id: {type: text}, owner: , diagnosis: medical,
                  illness: {category: medical, tags: [special care-required]}}
      contracts: {key: id, belongs: {table: owners, by: owner}, columns: {id: , owner: , premium: premium}}
      patients:
        {person: true, key: id, membership_sensitive: true, columns: {id: {type: text}, name: identity}}
""")


def _judged(**fields: str) -> Sensitivity:
    said = ";".join(f"{name.replace('__', '.')}={grade}/L3" for name, grade in fields.items())
    return judge_facts(read_reached(_MAP, f"s{chr(31)}{said}"))


def _harms(told: Sensitivity) -> set[str]:
    return {each.partition("=")[0] for each in told.harms.split(";") if each}


@pytest.mark.parametrize(
    ("fields", "level", "harms"),
    [
        (("owners__member_no",), 0, set()),
        (("owners__name",), 0, set()),
        (("owners__email",), 1, {"targeted-contact"}),
        (("owners__name", "owners__birth_date", "owners__email"), 2, {"impersonation", "targeted-contact"}),
        (("owners__bank_no",), 3, {"bank-fraud"}),
        (("owners__password_hash",), 2, {"account-takeover"}),
        (("owners__password_hash", "owners__email"), 3, {"account-takeover", "targeted-contact"}),
        (("claims__diagnosis",), 0, set()),
        (("claims__diagnosis", "owners__email"), 2, {"targeted-contact", "targeted-fraud"}),
        (("contracts__premium", "owners__address"), 2, {"targeted-contact", "targeted-fraud", "burglary"}),
        (("claims__illness", "owners__name"), 3, {"extortion"}),
        (("patients__name",), 3, {"extortion"}),
        (("pets__name", "owners__member_no"), 1, {"account-takeover"}),
        (("owners__my_number",), 3, {"identity-theft"}),
    ],
)
def test_a_combination_does_the_harm(fields: tuple[str, ...], level: int, harms: set[str]) -> None:
    told = _judged(**dict.fromkeys(fields, "confirmed"))
    assert (told.level, _harms(told)) == (level, harms)


def test_a_harm_is_as_sure_as_its_least_field() -> None:
    told = _judged(owners__name="confirmed", owners__birth_date="possible", owners__address="probable")
    assert told.harms == "impersonation=possible;targeted-contact=probable"
    assert (told.level, told.sure_level) == (2, 0)
    assert told.because == (
        "told-by-name:owners.address=probable;"
        "who-and-born:owners.name=confirmed,owners.birth_date=possible,owners.address=probable"
    )


def test_of_fields_that_do_the_surest_counts() -> None:
    told = _judged(owners__email="possible", owners__address="confirmed", claims__diagnosis="confirmed")
    assert "targeted-fraud=confirmed" in told.harms


def test_a_members_number_identifies_nobody() -> None:
    assert not _judged(owners__member_no="confirmed", claims__diagnosis="confirmed").identifiable
    assert _judged(owners__email="possible").identifiable


def test_a_field_of_no_map_is_taken_by_its_name() -> None:
    told = judge_facts(read_reached(_MAP, f"s{chr(31)}export.csv.email=confirmed/L4"))
    assert (told.level, told.identifiable) == (1, True)


def test_fields_of_two_records_add_up() -> None:
    text = f"s{chr(31)}owners.name=confirmed/L3{chr(30)}s{chr(31)}claims.illness=possible/L1"
    assert judge_facts(read_reached(_MAP, text)).harms == "extortion=possible"


def test_every_rule_is_whole_and_named_once() -> None:
    held = load_harms()
    names = [rule.id for rule in held.rules]
    assert len(set(names)) == len(names)
    for rule in held.rules:
        assert rule.level in (1, 2, 3)
        assert rule.needs
        assert all((rule.ja, rule.en, rule.source, rule.harm))
