"""People who are to be told: counted between two bounds, by grade, state, harm and way, never added up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ashiato.datamap.model import DataMap
from ashiato.exports.facts import Facts, gather_facts
from ashiato.exports.people_facts import PeopleBounds
from ashiato.exports.report.contents import contents_of
from ashiato.exports.summary import summary_of
from ashiato.exports.told_facts import ToldFact
from ashiato.exports.words import Language
from tests.exports.sample_run import TOKYO, write_run

_PERSON: dict[str, Any] = {
    "grade": 4, "records": 1, "personas": "member", "states": "", "channels": "letter;mail",
    "is_reachable": True, "contact_reasons": "",
}  # fmt: skip


def _person(number: str, widest: str, **said: Any) -> dict[str, Any]:
    person = f"shop/members/{number}"
    named = {"person_id": person, "widest_person_id": f"shop/members/{widest}", "addressee_id": person}
    return {**_PERSON, **named, **said}


def _judged(number: str, levels: tuple[int, int], harms: str, because: str) -> dict[str, Any]:
    level, sure = levels
    return {
        "person_id": f"shop/members/{number}", "sensitivity": level, "sensitivity_sure": sure, "harms": harms,
        "because": because, "identifiable": True, "identifiable_sure": sure > 0,
    }  # fmt: skip


ROWS: dict[str, list[dict[str, Any]]] = {
    # 1 and 2 may be one human; 3 is possible only, and cannot be told.
    "persons": [
        _person("1", "1", states="minor", addressee_id="shop/members/9"),
        _person("2", "1", states="minor;past", channels="", is_reachable=False, contact_reasons="deceased"),
        _person("3", "3", grade=2, channels="", is_reachable=False,
                contact_reasons="mail-malformed;phone-length"),
        _person("5", "5", grade=4),
        {**_person("x", "x"), "person_id": "found/1", "widest_person_id": "found/1"},
    ],
    "sensitivities": [
        _judged("1", (3, 3), "bank-fraud=confirmed", "account:m.bank=confirmed"),
        _judged("2", (3, 2), "bank-fraud=possible;impersonation=confirmed",
                "account:m.bank=possible;who-and-contract:m.name=confirmed,m.no=confirmed"),
        _judged("3", (2, 0), "impersonation=possible", "who-and-contract:m.name=possible,m.no=probable"),
        _judged("5", (0, 0), "", ""),
    ],
    "unknown_values": [
        {"system": "shop", "table_name": "members", "column_name": "kind", "asked_for": "persona",
         "unknown_value": "<b>", "records": 2},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facts]:
    with write_run(tmp_path_factory.mktemp("run"), ROWS) as store:
        yield gather_facts(store, TOKYO, DataMap())


@pytest.fixture(scope="module")
def told(facts: Facts) -> ToldFact:
    assert facts.told is not None
    return facts.told


def test_grades_are_between_all_pairs_as_one_and_none(told: ToldFact) -> None:
    assert told.grades == {
        "confirmed": PeopleBounds(2, 3), "probable": PeopleBounds(0, 0), "possible": PeopleBounds(1, 1),
    }  # fmt: skip
    assert told.outside == 1, "who stands in no table is counted apart"


def test_a_harm_is_certain_by_confirmed_fields_alone(told: ToldFact) -> None:
    assert told.harms == {"bank-fraud": PeopleBounds(1, 2), "impersonation": PeopleBounds(1, 2)}
    assert told.levels == {3: PeopleBounds(1, 2), 2: PeopleBounds(1, 3), 1: PeopleBounds(1, 3)}
    assert told.rules == {"account": PeopleBounds(1, 2), "who-and-contract": PeopleBounds(1, 2)}


def test_who_cannot_be_told_is_counted_with_why(told: ToldFact) -> None:
    assert told.unreachable == PeopleBounds(0, 2), "2 may be 1, who can be told"
    assert told.reasons == {
        "mail-malformed": PeopleBounds(0, 1), "phone-length": PeopleBounds(0, 1),
        "deceased": PeopleBounds(1, 1),
    }  # fmt: skip
    assert told.to_others == PeopleBounds(1, 1)


def test_states_overlap_and_name_only_whom_there_is(told: ToldFact) -> None:
    assert told.states == {"past": PeopleBounds(1, 1), "minor": PeopleBounds(1, 2)}


def test_the_summary_types_every_number(facts: Facts) -> None:
    summary = summary_of(facts)
    assert summary["to_tell"]["by_sensitivity"]["3"]["at_most"]["value"] == 2
    assert {count["unit"] for count in summary["to_tell"]["by_grade"]["confirmed"].values()} == {"people"}
    assert summary["unknown_values"][0]["value"] == "<b>"


@pytest.mark.parametrize("language", Language)
def test_the_report_names_only_grounds_that_are_met(facts: Facts, language: Language) -> None:
    section = contents_of(facts, language)["to_tell"]
    grounds = " ".join(row[-1] for row in section["harms"].rows)
    assert ("(at most 2)" if language is Language.EN else "（最大2人）") in grounds
    assert "password" not in grounds
    assert "ログイン" not in grounds
    assert len(section["people"].rows) == 0, "records of an older run were not matched: no number of people"


def test_a_run_that_tells_nobody_has_no_section(tmp_path: Path) -> None:
    with write_run(tmp_path) as store:
        facts = gather_facts(store, TOKYO, DataMap())
    assert facts.told is None
    assert summary_of(facts)["to_tell"] is None
