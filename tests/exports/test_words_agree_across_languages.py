from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from ashiato.engine.api import load_harms
from ashiato.engine.findings.rules import SHIPPED_RULES, source_of
from ashiato.engine.intrusion import ways
from ashiato.engine.intrusion.ways import Way
from ashiato.engine.sigma.rule_files import read_rule_set
from ashiato.exports.words import Language, words_in
from ashiato.terms.categories import Category, LegalTag
from ashiato.terms.contacts import Channel, ContactFault, PersonState
from ashiato.terms.counts import Bound, Count, Unit
from ashiato.terms.grades import Grade, Rung
from ashiato.terms.proof_gaps import ProofGap
from ashiato.terms.reasons import ReasonCode

#: Groups whose keys belong to one language: forms of titles are read from English ones.
ONE_SIDED = {"titles", "titles_unnamed"}


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, held in value.items():
            if key not in ONE_SIDED:
                yield from leaves(held, f"{path}.{key}")
    else:
        yield path, value


def test_both_languages_have_the_same_keys_and_blanks() -> None:
    ja, en = (dict(leaves(words_in(language).held)) for language in (Language.JA, Language.EN))
    assert ja.keys() == en.keys()
    for key, text in en.items():
        blanks = [{name for _, name, _, _ in Formatter().parse(one) if name} for one in (text, ja[key])]
        assert blanks[0] == blanks[1], key


@pytest.mark.parametrize("language", Language)
def test_every_code_has_words(language: Language) -> None:
    held = words_in(language).held
    groups: dict[str, Iterable[str]] = {
        "grades": [grade.word for grade in Grade],
        "grade_meanings": [grade.word for grade in Grade],
        "rungs": Rung,
        "rung_meanings": Rung,
        "categories": Category,
        "tags": LegalTag,
        "reasons": ReasonCode,
        "proof_gaps": ProofGap,
        "units": Unit,
        "bounds": Bound,
        "channels": Channel,
        "contact_faults": ContactFault,
        "person_states": PersonState,
        "harm_kinds": {rule.harm for rule in load_harms().rules},
    }
    for group, codes in groups.items():
        assert {str(code) for code in codes} <= held[group].keys(), group


def test_count_is_said_with_unit_and_bound() -> None:
    count = Count(12_345, Unit.RECORDS, Bound.AT_LEAST, "2026-06-10T23:08:00+09:00")
    assert words_in(Language.EN).count(count) == "at least 12,345 records"
    assert words_in(Language.JA).count(count) == "少なくとも12,345件"


def test_unknown_title_stays_as_it_is() -> None:
    ja = words_in(Language.JA)
    assert ja.title("T1190", "Something else") == "Something else"
    assert ja.title("T1110", "Password guessing from 192.0.2.1") == "192.0.2.1 からのパスワードの推測"


def test_title_tells_an_account_from_an_address() -> None:
    ja, en = words_in(Language.JA), words_in(Language.EN)
    of_account, of_address = (
        "Records gone through at /o/{id} by 6314",
        "Records gone through at /o by 192.0.2.1",
    )
    assert ja.title("T1213", of_account) == "アカウント 6314 による /o/{id} での記録の連続取得"
    assert ja.title("T1213", of_address) == "192.0.2.1 からの /o での記録の連続取得"
    assert en.title("T1213", of_account) == "Records gone through at /o/{id} by account 6314"
    assert (
        en.title("T1213", f"{of_address} and 2 more")
        == "Records gone through at /o from 192.0.2.1 and 2 more"
    )


WAYS = [way for way in vars(ways).values() if isinstance(way, Way)]
FINDINGS = Path(ways.__file__).parents[1] / "findings"


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_every_way_in_has_a_title_in_japanese(way: Way) -> None:
    title = way.title.format(address="192.0.2.1", actor="a.sato", route="/x")
    assert words_in(Language.JA).title(way.technique, title) != title
    for language in Language:
        assert way.technique in words_in(language).section("techniques")


@pytest.mark.parametrize("language", Language)
def test_every_behaviour_found_has_words(language: Language) -> None:
    texts = [path.read_text(encoding="utf-8") for path in sorted(FINDINGS.glob("*.py"))]
    rules = {name for text in texts for name in re.findall(r"'([a-z]+(?:-[a-z]+)+)' AS rule\b", text)}
    assert len(rules) >= 8
    assert rules - words_in(language).section("signs").keys() == set()


@pytest.mark.parametrize("language", Language)
def test_every_rule_that_comes_with_the_program_has_words(language: Language) -> None:
    shipped = read_rule_set([SHIPPED_RULES], source_of)
    names = {rule.name for rule in shipped.rules} | {each.name for each in shipped.correlations}
    assert len(names) >= 100
    assert names - words_in(language).section("signs").keys() == set()


@pytest.mark.parametrize(
    ("language", "people", "records"), [(Language.JA, "人", "件"), (Language.EN, "people", "records")]
)
def test_people_and_records_are_never_counted_alike(language: Language, people: str, records: str) -> None:
    words = words_in(language)
    assert (words.code("units", "people"), words.code("units", "records")) == (people, records)
