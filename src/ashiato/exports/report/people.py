"""What the report says of people: by grade and relation, what is known of them, what harm, which ways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ashiato.engine.api import HarmRule, load_harms
from ashiato.exports.facts import Facts
from ashiato.exports.people_facts import PeopleBounds
from ashiato.exports.report.grid import Grid, make_grid
from ashiato.exports.told_facts import ToldFact
from ashiato.exports.words import Language, Words

_BOUNDS = ("at_least", "at_most")
_REST = "people.csv"


def tell_people(facts: Facts, words: Words) -> dict[str, Any]:
    """Return the section's tables; each may be empty, and all are where nobody is to be told."""
    told = facts.told
    return {
        "people": _people(facts, words),
        "states": _coded(told.states if told else {}, "person_states", "to_tell.state", words),
        "levels": _levels(told, words),
        "harms": _harms(told, words),
        "ways": _ways(told, words),
        "faults": _coded(told.reasons if told else {}, "contact_faults", "to_tell.contact_reason", words),
        "unknown": _unknown(told, words),
        "outside": words.say("to_tell.outside", number=words.number(told.outside))
        if told and told.outside
        else "",
    }


def _row(name: str, bounds: PeopleBounds, words: Words) -> tuple[str, str, str]:
    return name, words.number(bounds.at_least), words.number(bounds.at_most)


def _people(facts: Facts, words: Words) -> Grid:
    """All, by grade, and by relation: what may be added and what may not, each with its name."""
    people, told = facts.people, facts.told
    rows: list[tuple[str, ...]] = []
    if people and told:
        rows.append(_row(words.say("to_tell.all"), people.reached, words))
        grades = told.grades.items()
        rows += [_row(words.code("grades", grade), bounds, words) for grade, bounds in grades]
        named = ((words.code("personas", persona), bounds) for persona, bounds in people.personas.items())
        rows += [_row(name or words.say("not_stated"), bounds, words) for name, bounds in named]
    return make_grid(words, ("to_tell.people", *_BOUNDS), rows, "tnn", _REST)


def _coded(counted: Mapping[str, PeopleBounds], group: str, head: str, words: Words) -> Grid:
    rows = [_row(words.code(group, code), bounds, words) for code, bounds in counted.items()]
    return make_grid(words, (head, *_BOUNDS), rows, "tnn", _REST)


def _levels(told: ToldFact | None, words: Words) -> Grid:
    rows = []
    if told:
        rows = [_row(words.say(f"to_tell.level_{level}"), at, words) for level, at in told.levels.items()]
        rows.append(_row(words.say("to_tell.identifiable"), told.identifiable, words))
    return make_grid(words, ("to_tell.level", *_BOUNDS), rows, "tnn", _REST)


def _harms(told: ToldFact | None, words: Words) -> Grid:
    rows = (
        []
        if told is None
        else [
            (*_row(words.code("harm_kinds", harm), bounds, words), "\n".join(_grounds(harm, told, words)))
            for harm, bounds in told.harms.items()
        ]
    )
    return make_grid(words, ("to_tell.harm", *_BOUNDS, "to_tell.reasoning"), rows, "tnnt", _REST)


def _grounds(harm: str, told: ToldFact, words: Words) -> Iterator[str]:
    """Yield the words of each rule that somebody's fields meet, with of how many they do at most."""
    for rule in load_harms().rules:
        if rule.harm == harm and rule.id in told.rules:
            most = words.number(told.rules[rule.id].at_most)
            yield words.say("to_tell.ground", text=_said(rule, words), number=most)


def _said(rule: HarmRule, words: Words) -> str:
    return rule.ja if words.language is Language.JA else rule.en


def _ways(told: ToldFact | None, words: Words) -> Grid:
    rows = []
    if told:
        rows = [
            _row(words.say("to_tell.reachable"), told.reachable, words),
            *(_row(words.code("channels", code), bounds, words) for code, bounds in told.channels.items()),
            _row(words.say("to_tell.unreachable"), told.unreachable, words),
        ]
        if told.to_others.at_most:
            rows.append(_row(words.say("to_tell.to_guardians"), told.to_others, words))
    return make_grid(words, ("to_tell.channel", *_BOUNDS), rows, "tnn", _REST)


def _unknown(told: ToldFact | None, words: Words) -> Grid:
    rows = [
        (
            f"{fact.system}/{fact.table}.{fact.column}",
            words.code("asked_for", fact.asked_for),
            words.say("to_tell.not_shown") if fact.value is None else f"'{fact.value}'",
            words.number(fact.records),
        )
        for fact in (told.unknown if told else ())
    ]
    heads = ("field", "to_tell.asked_for", "to_tell.value", "records")
    return make_grid(words, heads, rows, "cttn", "summary.json")
