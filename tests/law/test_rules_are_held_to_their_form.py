"""Files of rules: what is shipped keeps its word, and what is wrong is refused by line."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date

import pytest

from ashiato.law.api import (
    Grade,
    Kind,
    Remark,
    Variant,
    list_rule_files,
    load_rulebook,
    load_vocabulary,
    parse_place,
    rulebook_of,
)
from ashiato.law.conditions import Condition, facts_of
from ashiato.law.refusals import InvalidLawFileError
from tests.house.source import ROOT

_RULE = """
place: JP
title: {ja: 日本, en: Japan}
zone: Asia/Tokyo
calendar: JP
concerned_if: law.JP
sources: {gl: {title: guideline, checked_on: 2026-11-21}}
recipients: {ppc: {ja: 委員会, en: PPC}}
contents: {nine: [{number: "1", ja: 概要, en: outline}]}
conditions: {hit: {fact: leak, in: [leak_confirmed]}}
rules:
  - id: jp-report
    version: 1
    kind: report
    title: {ja: 報告, en: report}
    says: {ja: 報告する, en: report it}
    applies_if: {see: hit}
    clock: {start: knowing, unit: calendar days, length: 30, day_one: start day, roll_over: none}
    recipients: [{to: ppc}]
    content: {list: nine}
    basis: [article 1]
    source: {key: gl, section: "1", grade: P}
"""


def test_the_sample_itself_is_right() -> None:
    assert rulebook_of([("jp.yaml", _RULE.encode())]).rules["jp-report"].kind is Kind.REPORT


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("{see: hit}", "{see: hut}", "`hut` is no condition"),
        ("{see: hit}", "{fact: leak, in: [gone]}", "lists no words"),
        ("{see: hit}", "{fact: leek, in: [gone]}", "`leek` is no fact"),
        ("{see: hit}", "{eval: os.system}", "no form of a condition"),
        ("{see: hit}", "{all: []}", "holds no list"),
        ("{see: hit}", "{count: people}", "one threshold"),
        ("{see: hit}", "{count: leak, over: 3}", "`leak` is no fact of kind count"),
        ("{see: hit}", "people", "`people` is no fact of kind flag"),
        ("[{to: ppc}]", "[{to: fsa}]", "`fsa` is not in `recipients`"),
        ("{list: nine}", "{list: ten}", "`ten` is not in `contents`"),
        ("{key: gl,", "{key: faq,", "`faq` is not in `sources`"),
        ("grade: P}", "grade: unverified}", "an unverified rule is relied on"),
        ("grade: P}", "grade: P}\n    enabled: false", "relied on, or says why not"),
        ("start: knowing", "start: discovery", "`discovery` is no moment"),
        ("length: 30, ", "", "does not fit its unit"),
        ("unit: calendar days", "unit: guide", "two ends"),
        ("unit: calendar days", "unit: fortnights", "is not a unit of time"),
        ("2026-11-21", "2026-11-31", "is no day"),
        ("calendar: JP", "calendar: XX", "no holidays are known"),
        ("zone: Asia/Tokyo", "zone: Asia/Edo", "no time zone"),
        ("roll_over: none", "roll_over: never", "is not where"),
        ("version: 1", "version: 1\n    extra: 2", "`extra` is not known here"),
    ],
)
def test_a_wrong_rule_is_refused_by_line(right: str, wrong: str, said: str) -> None:
    assert right in _RULE
    with pytest.raises(InvalidLawFileError) as caught:
        parse_place(_RULE.replace(right, wrong, 1).encode(), "jp.yaml")
    problem = caught.value.problems[0]
    assert said in problem.what
    assert problem.file == "jp.yaml"
    assert problem.line is not None
    assert problem.fix


def test_two_rules_of_one_id_are_refused() -> None:
    twice = _RULE + _RULE[_RULE.index("  - id:") :]
    with pytest.raises(InvalidLawFileError, match="names two rules"):
        parse_place(twice.encode(), "jp.yaml")


def test_every_shipped_rule_says_where_it_was_read_and_how_near() -> None:
    for rule in load_rulebook().rules.values():
        assert rule.basis, rule.id
        assert rule.source.section, rule.id
        assert rule.source.checked_on <= date(2026, 11, 21), rule.id
        assert rule.enabled == (rule.disabled is None), rule.id
        assert not rule.enabled or rule.source.grade is not Grade.UNVERIFIED, rule.id
        assert re.search(r"[ぁ-んァ-ヶ一-龠]", rule.title.ja + rule.says.ja), rule.id


def test_no_row_of_the_united_states_is_relied_on() -> None:
    us = [rule for rule in load_rulebook().rules.values() if rule.place == "US"]
    assert len(us) >= 8
    assert not [rule.id for rule in us if rule.enabled]


def test_rules_ask_only_for_facts_of_the_vocabulary() -> None:
    vocabulary = load_vocabulary()
    assert not [name for name in load_rulebook().facts_asked if vocabulary.find(name) is None]


def test_every_fact_is_asked_for_by_a_rule_or_a_draft() -> None:
    book = load_rulebook()
    asked = set(book.facts_asked)
    for rule in book.rules.values():
        place = book.places[rule.place]
        asked |= {rule.done or "", rule.clock.start if rule.clock else ""}
        others: list[Remark | Variant] = [*rule.remarks, *(rule.clock.variants if rule.clock else ())]
        for condition in (rule.substitute_if, *(other.applies_if for other in others)):
            asked |= _facts(condition, place.conditions)
    stems = {f"{name.rpartition('.')[0]}.*" for name in asked} | asked
    for said in load_vocabulary().contradictions:
        stems |= set(re.findall(r"[a-z_]+(?:\.[a-z_]+)?", str(said["if"])))
    folder = ROOT / "src/ashiato/letters"
    letters = "".join(p.read_text("utf-8") for p in folder.rglob("*") if p.suffix in (".py", ".yaml"))
    idle = {name for name in load_vocabulary().facts if name not in stems and name not in letters}
    assert idle <= {
        "event.began",
        "event.ended",
        "data.finance_sensitive",
        "sent.regulator.*",
        "sent.people.*",
    }


def _facts(condition: Condition | None, named: Mapping[str, Condition]) -> frozenset[str]:
    return facts_of(condition, named) if condition is not None else frozenset()


def test_hashes_are_those_of_the_shipped_bytes() -> None:
    hashes = {file: hashlib.sha256(content).hexdigest() for file, content in list_rule_files()}
    assert {place.file: place.sha256 for place in load_rulebook().places.values()} == hashes
