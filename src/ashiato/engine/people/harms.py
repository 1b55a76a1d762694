"""What the fields reached of a person make possible, taken together: declared rules, one pure function.

``harms.yaml`` holds the rules, each with its words and source. A field that is possible only counts like any
other, and its grade is told with it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import yaml

from ashiato.datamap.meanings import meaning_of
from ashiato.datamap.model import Column, DataTable
from ashiato.terms.categories import Category, LegalTag
from ashiato.terms.grades import Grade
from ashiato.terms.meanings import Meaning

#: Facts that several meanings, or a tag, tell.
NAME, NUMBER, HUMAN_HEALTH, MEMBERSHIP = "name", "number", "human health", "membership"
_NAMES = (
    Meaning.NAME, Meaning.KANA, Meaning.FAMILY, Meaning.GIVEN, Meaning.FAMILY_KANA, Meaning.GIVEN_KANA,
    Meaning.FORMER,
)  # fmt: skip
_ITSELF = (Meaning.BIRTH, Meaning.SEX, Meaning.PHONE, Meaning.MAIL, Meaning.ADDRESS)
_BY_MEANING = {
    **dict.fromkeys(_NAMES, NAME),
    **{
        each: str(each) for each in (Meaning.BIRTH, Meaning.SEX, Meaning.PHONE, Meaning.MAIL, Meaning.ADDRESS)
    },
    Meaning.PERSON_NUMBER: NUMBER,
}
_BY_CATEGORY: dict[Category, str] = {
    **{each: str(each) for each in Category if each is not Category.OTHER},
    Category.IDENTITY: NUMBER,
    Category.CONTACT: "part of an address",
    Category.BIRTH: str(Meaning.BIRTH),
}


@dataclass(frozen=True)
class HarmRule:
    """One way in which fields do harm together; ``needs``: of each entry any one fact."""

    id: str
    harm: str
    level: int
    needs: tuple[tuple[str, ...], ...]
    source: str
    ja: str
    en: str


@dataclass(frozen=True)
class Harms:
    """The whole table: the rules, and which facts tell by themselves who somebody is."""

    identifying: frozenset[str]
    rules: tuple[HarmRule, ...]


@dataclass(frozen=True)
class Sensitivity:
    """What was reached of a person, judged together: one row of ``sensitivities`` without its person."""

    level: int
    identifiable: bool
    harms: str
    because: str
    sure_level: int
    surely_identifiable: bool


@functools.cache
def load_harms() -> Harms:
    """Read the shipped rules."""
    text = resources.files("ashiato.engine.people").joinpath("harms.yaml").read_text(encoding="utf-8")
    held: dict[str, Any] = yaml.safe_load(text)
    return Harms(frozenset(held["identifying"]), tuple(_rule(each) for each in held["rules"]))


def _rule(said: Mapping[str, Any]) -> HarmRule:
    needs = tuple((need,) if isinstance(need, str) else tuple(need) for need in said["needs"])
    return HarmRule(**{**said, "needs": needs})


def facts_of(table: DataTable | None, column: str) -> frozenset[str]:
    """Return the facts a field tells; one that is in no data map by its name, as if it were people's."""
    mapped = table.columns.get(column) if table else None
    if mapped is None:
        meaning = meaning_of(Column(column, category=Category.IDENTITY))
        return frozenset({_BY_MEANING[meaning]} if meaning in _BY_MEANING else ())
    official = mapped.category is Category.GOVERNMENT_NUMBER
    fact = (None if official else _BY_MEANING.get(meaning_of(mapped))) or _BY_CATEGORY.get(mapped.category)
    found = {fact} if fact else set()
    if LegalTag.SPECIAL_CARE in mapped.tags or LegalTag.FINANCE_SENSITIVE in mapped.tags:
        found.add(HUMAN_HEALTH)
    if table is not None and table.membership_sensitive:
        found.add(MEMBERSHIP)
    return frozenset(found)


Reached = Mapping[str, tuple[Grade, Sequence[str]]]


def judge_facts(reached: Reached) -> Sensitivity:
    """Judge the facts reached of one person, each with its best grade and the fields that tell it so."""
    table = load_harms()
    found = [(rule, told) for rule in table.rules if (told := list(_told(rule, reached)))]
    level = max((rule.level for rule, _ in found), default=0)
    by_harm: dict[str, Grade] = {}
    for rule, told in found:
        by_harm[rule.harm] = max(by_harm.get(rule.harm, Grade.NOT_REACHED), _surety(told, reached))
    sure = (rule.level for rule, told in found if _surety(told, reached) is Grade.CONFIRMED)
    return Sensitivity(
        level,
        not table.identifying.isdisjoint(reached),
        ";".join(f"{harm}={grade.word}" for harm, grade in sorted(by_harm.items())),
        ";".join(_because(rule, told, reached) for rule, told in found),
        max(sure, default=0),
        any(fact in table.identifying and grade is Grade.CONFIRMED for fact, (grade, _) in reached.items()),
    )


def _told(rule: HarmRule, reached: Reached) -> Iterator[str]:
    """Yield of each need the fact that is surest, or nothing at all where one is not met."""
    met = [[fact for fact in need if fact in reached] for need in rule.needs]
    if all(met):
        yield from (max(facts, key=lambda fact: reached[fact][0]) for facts in met)


def _surety(told: Iterable[str], reached: Reached) -> Grade:
    return min(reached[fact][0] for fact in told)


def _because(rule: HarmRule, told: Sequence[str], reached: Reached) -> str:
    fields = dict.fromkeys(f"{reached[fact][1][0]}={reached[fact][0].word}" for fact in told)
    return f"{rule.id}:{','.join(fields)}"
