"""Matters to draft from: a diary written short, and a run's facts made by hand."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from ashiato.exports.cleared_facts import ClearedFact
from ashiato.exports.facts import Bounds, Facts, FieldFact, PathFact
from ashiato.exports.words import Language
from ashiato.law.api import Diary
from ashiato.letters.document import Document
from ashiato.letters.drafting import draft
from ashiato.letters.matter import Matter
from ashiato.letters.outline import load_outlines
from ashiato.terms.categories import Category
from ashiato.terms.grades import Grade
from tests.law.diaries import assessed, diary_of

#: An insurer that knows of a break-in, and of little else.
INSURER = (
    "role: own, licence: insurer, data.personal: true, data.individual_customers: true, law.JP: true, "
    "unauthorised_access: true, sign.data_stolen: true"
)
AS_OF = "2026-06-30"


def known(*entries: tuple[str, str]) -> Diary:
    """Return the insurer's diary, with more entries."""
    return diary_of(("2026-06-25T06:30:00+09:00", INSURER), *entries)


def drafted(
    kind: str,
    diary: Diary,
    *,
    facts: Facts | None = None,
    language: Language = Language.EN,
    as_of: str = AS_OF,
) -> Document:
    """Return one draft of a diary, with a run's facts where there are any."""
    matter = Matter(assessed(diary, as_of), facts, "runs/0001" if facts else "", language)
    return draft(load_outlines()[kind], matter)


def found(
    reached: Bounds, *, cleared: tuple[ClearedFact, ...] = (), title: str = "Stolen account 7"
) -> Facts:
    """Return what a run found: one path, one field of names and one of bank accounts."""
    first_us, last_us = 1_781_000_000_000_000, 1_781_000_600_000_000
    empty = Facts(
        subject="shop",
        zone=ZoneInfo("Asia/Tokyo"),
        as_of_us=last_us,
        mapped=True,
        by_grade=dict.fromkeys(Grade, 0),
        reached=reached,
        outside=Bounds(0, 0),
        personas={"policyholder": reached},
        reasons=(),
        fields=(),
        beats=(),
        paths=(),
        files=(),
        unread={},
        holes=(),
        limits=(),
        findings=(),
        hostile_events=3,
    )
    path = PathFact(
        "P1", title, "I1", "T1078", "", "db", first_us, last_us, 3, reached.at_least, reached.at_most
    )
    names = FieldFact("owners.name", Category.IDENTITY, (), reached)
    bank = FieldFact("owners.bank_no", Category.BANK_ACCOUNT, (), Bounds(0, reached.at_most))
    return replace(empty, paths=(path,), fields=(bank, names), cleared=cleared)


def text_of(document: Document) -> str:
    """Return every sentence of a draft, one after another."""
    return "\n".join(line.text for line in document.lines() if line.text is not None)


def line_of(document: Document, key: str) -> str | None:
    """Return what a line says; None where it is a blank; KeyError where it is not there."""
    return {line.key: line.text for line in document.lines()}[key]
