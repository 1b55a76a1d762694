"""The door of the law: load a diary and the rules, ask what applies as of a moment, see what moved."""

from __future__ import annotations

from ashiato.law.assessment import Answer, Assessment, Contradiction, Duty, OpenExemption, Reliance
from ashiato.law.diary import Diary, Entry, Fact, Party
from ashiato.law.diary_files import load_diary, parse_diary
from ashiato.law.evaluating import assess
from ashiato.law.model import (
    Clock,
    ClockUnit,
    ContentItem,
    DayOne,
    Exemption,
    Grade,
    Kind,
    Place,
    Reading,
    Recipient,
    Remark,
    RollOver,
    Rule,
    Rulebook,
    Source,
    Variant,
    Window,
)
from ashiato.law.rulebook import list_rule_files, load_rulebook, parse_place, rulebook_of
from ashiato.law.texts import Text
from ashiato.law.values import FactValue, Moment, Number
from ashiato.law.vocabulary import FactKind, FactType, Vocabulary, load_vocabulary

__all__ = [
    "Answer",
    "Assessment",
    "Clock",
    "ClockUnit",
    "ContentItem",
    "Contradiction",
    "DayOne",
    "Diary",
    "Duty",
    "Entry",
    "Exemption",
    "Fact",
    "FactKind",
    "FactType",
    "FactValue",
    "Grade",
    "Kind",
    "Moment",
    "Number",
    "OpenExemption",
    "Party",
    "Place",
    "Reading",
    "Recipient",
    "Reliance",
    "Remark",
    "RollOver",
    "Rule",
    "Rulebook",
    "Source",
    "Text",
    "Variant",
    "Vocabulary",
    "Window",
    "assess",
    "list_rule_files",
    "load_diary",
    "load_rulebook",
    "load_vocabulary",
    "parse_diary",
    "parse_place",
    "rulebook_of",
]
