from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ashiato.exports.cleared_facts import ClearedFact
from ashiato.exports.facts import Bounds
from ashiato.exports.words import Language
from ashiato.law.api import load_vocabulary
from ashiato.letters.outline import load_outlines
from ashiato.terms.categories import Category
from tests.law.diaries import diary_of
from tests.letters.matters import drafted, found, known, line_of, text_of

KINDS = sorted(load_outlines())
_STATES = load_vocabulary().facts["leak"].words
#: What only a confirmed leak may be called.
_CERTAIN = {
    Language.JA: re.compile(
        r"漏えいが発生した。|漏えいしたことを確認|漏えいを確認(し|しま)|機密性が失われた（確認済み）"
    ),
    Language.EN: re.compile(
        r"was leaked\.|confirmed that|leak of personal data we hold was confirmed|was lost \(confirmed\)"
    ),
}
_ABSENT = {Language.JA: re.compile("漏えいしていないこと"), Language.EN: re.compile("were not reached")}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("state", sorted({*_STATES} - {"leak_confirmed"}))
def test_only_a_confirmed_leak_is_called_one(language: Language, state: str) -> None:
    diary = known(("2026-06-26", f"leak: {state}, ransomware: true, people: {{at_most: 40}}"))
    for kind in KINDS:
        assert not _CERTAIN[language].search(text_of(drafted(kind, diary, language=language))), kind


@pytest.mark.parametrize("language", Language)
def test_a_confirmed_leak_is_called_one(language: Language) -> None:
    diary = known(("2026-06-26", "leak: leak_confirmed, people: {exact: 40}"))
    for kind in ("ppc-final", "announcement-1", "bank-list", "gdpr-33"):
        assert _CERTAIN[language].search(text_of(drafted(kind, diary, language=language))), kind


def test_what_nobody_noted_is_a_blank() -> None:
    """Without facts, no line says anything but what holds of every incident."""
    always = {"duty-state", "duty-open", "open-law", "beware", "grades", "qa-real"}
    for kind in KINDS:
        document = drafted(kind, diary_of(("2026-06-25", "law.JP: true")))
        told = [line for line in document.lines() if line.text is not None]
        assert document.blanks > 0, kind
        assert not [line.key for line in told if re.search(r"\d", line.text or "")], kind
        assert {line.key for line in told} <= always, kind


def test_fields_are_said_not_leaked_by_proof_alone() -> None:
    diary = known(("2026-06-26", "leak: leak_possible, people: {at_most: 40}"))
    half = ClearedFact("owners.card_no", Category.CARD, whole_category=False)
    whole = ClearedFact("owners.tax_id", Category.GOVERNMENT_NUMBER, whole_category=True)
    for language in Language:
        nothing = drafted(
            "announcement-final", diary, facts=found(Bounds(0, 5), cleared=(half,)), language=language
        )
        assert not _ABSENT[language].search(text_of(nothing))
        proven = drafted(
            "announcement-final", diary, facts=found(Bounds(0, 5), cleared=(half, whole)), language=language
        )
        line = line_of(proven, "public-cleared") or ""
        assert _ABSENT[language].search(line)
    assert "government number" in line
    assert "card" not in line


def test_doubtful_fields_are_apart_from_confirmed_ones() -> None:
    document = drafted("ppc-final", known(), facts=found(Bounds(2, 5)))
    assert line_of(document, "confirmed-fields") == "identity"
    assert line_of(document, "doubtful-fields") == "bank account"


def test_a_run_and_a_diary_that_disagree_are_shown() -> None:
    surer_run = drafted("board", known(("2026-06-26", "leak: leak_possible")), facts=found(Bounds(2, 5)))
    assert len(surer_run.doubts) == 1
    surer_diary = drafted("board", known(("2026-06-26", "leak: leak_confirmed")), facts=found(Bounds(0, 5)))
    assert len(surer_diary.doubts) == 1
    agreed = drafted("board", known(("2026-06-26", "leak: leak_confirmed")), facts=found(Bounds(2, 5)))
    assert agreed.doubts == ()


@settings(max_examples=30)
@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_a_number_never_stands_without_unit_and_bound(one: int, other: int) -> None:
    least, most = sorted((one, other))
    diary = known(("2026-06-26", f"leak: leak_possible, people: {{at_least: {least}, at_most: {most}}}"))
    document = drafted("ppc-final", diary, facts=found(Bounds(least, most)))
    people, records = line_of(document, "people") or "", line_of(document, "run-records") or ""
    if least == most:
        assert people == f"{most:,} people"
        assert records.startswith(f"{most:,} records ")
    else:
        assert people == f"at least {least:,} people, at most {most:,} people"
        assert records.startswith(f"at least {least:,} records, at most {most:,} records ")


def test_without_an_upper_bound_a_draft_says_so() -> None:
    document = drafted("ppc-final", known(), facts=found(Bounds(2, None)))
    assert "upper bound not known" in (line_of(document, "run-records") or "")


def test_a_duty_by_an_unverified_text_is_not_said_to_hold_or_not() -> None:
    """What GDPR 33 says was not read first-hand: its draft neither claims the duty nor denies it."""
    document = drafted(
        "gdpr-33", known(("2026-06-26", "leak: leak_possible, law.EU: true, risk.to_people: true"))
    )
    assert "was not read first-hand" in (line_of(document, "duty-state") or "")
    denied = drafted("gdpr-33", known(("2026-06-26", "leak: excluded, law.EU: true, log_gaps: false")))
    assert "no duty" in (line_of(denied, "duty-state") or "")


def test_a_duty_of_a_place_that_may_be_concerned_is_not_denied() -> None:
    """At most 12 people live in the EU: that its law does not concern us is nobody's knowledge."""
    document = drafted("gdpr-33", known(("2026-06-26", "leak: leak_confirmed, residents.EU: {at_most: 12}")))
    assert "it is open whether" in (line_of(document, "duty-state") or "")
    assert "residents of EU" in (line_of(document, "duty-open") or "")
    none = drafted(
        "gdpr-33", known(("2026-06-26", "leak: leak_confirmed, residents.EU: {at_most: 0}, law.EU: false"))
    )
    assert "no duty" in (line_of(none, "duty-state") or "")


def test_reasons_for_being_late_are_given_where_there_are_any() -> None:
    late = known(("2026-06-26", "leak: leak_confirmed, text.late_reason: The logs were restored on 29 June."))
    assert line_of(drafted("gdpr-33", late), "late") == "The logs were restored on 29 June."


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    "title", ["Stolen account y.nakamura", "Records gone through at /o/{id} by y.nakamura and 2 more",
              "Bulk read of the database by y.nakamura"],
)  # fmt: skip
def test_no_draft_names_whose_account_it_was(language: Language, title: str) -> None:
    facts = found(Bounds(2, 5), title=title)
    for kind in load_outlines():
        said = text_of(
            drafted(kind, known(("2026-06-26", "leak: leak_confirmed")), facts=facts, language=language)
        )
        assert "nakamura" not in said


def test_personas_have_their_word_in_each_language() -> None:
    document = drafted(
        "ppc-final",
        known(("2026-06-26", "leak: leak_possible")),
        facts=found(Bounds(2, 5)),
        language=Language.JA,
    )
    assert (line_of(document, "kinds") or "").startswith("契約者：")


def test_a_client_is_told_nothing_of_the_others() -> None:
    diary = known(
        ("2026-06-26", "leak: leak_confirmed, role: contractor, people: {at_most: 40}, records: {exact: 41}")
    )
    document = drafted("client-notice", diary, facts=found(Bounds(2, 5)))
    assert line_of(document, "people") is None
    assert not {"run-records", "run-people", "paths", "confirmed-fields"} & {
        each.key for each in document.lines()
    }
    assert not re.search(r"\b(?:2|5|40|41)\b (?:people|records)", text_of(document))
    assert line_of(document, "course") is None
