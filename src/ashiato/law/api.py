"""The door of the law: load a diary and the rules, ask what applies as of a moment, see what moved."""

from __future__ import annotations

from ashiato.law.assessment import Answer, Assessment, Contradiction, Duty, OpenExemption, Reliance
from ashiato.law.changes import Changes, DutyChange, FactChange, Move, compare
from ashiato.law.clients import render_client_diary
from ashiato.law.condition_forms import ConditionReader
from ashiato.law.conditions import Condition, Every, See, weigh
from ashiato.law.decisions import Confirmation, Replay, freeze, replay
from ashiato.law.diary import Diary, Entry, Fact, Party, values_of
from ashiato.law.diary_files import load_diary, parse_diary
from ashiato.law.diary_writing import render_entry
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
from ashiato.law.plain import (
    assessment_as_plain,
    canonical,
    changes_as_plain,
    duty_as_plain,
)
from ashiato.law.rulebook import list_rule_files, load_rulebook, parse_place, rulebook_of
from ashiato.law.texts import Text
from ashiato.law.values import FactValue, Moment, Number, moment_asked, moment_stated, moment_told
from ashiato.law.vocabulary import FactKind, FactType, Vocabulary, load_vocabulary

__all__ = [
    "Answer",
    "Assessment",
    "Changes",
    "Clock",
    "ClockUnit",
    "Condition",
    "ConditionReader",
    "Confirmation",
    "ContentItem",
    "Contradiction",
    "DayOne",
    "Diary",
    "Duty",
    "DutyChange",
    "Entry",
    "Every",
    "Exemption",
    "Fact",
    "FactChange",
    "FactKind",
    "FactType",
    "FactValue",
    "Grade",
    "Kind",
    "Moment",
    "Move",
    "Number",
    "OpenExemption",
    "Party",
    "Place",
    "Reading",
    "Recipient",
    "Reliance",
    "Remark",
    "Replay",
    "RollOver",
    "Rule",
    "Rulebook",
    "See",
    "Source",
    "Text",
    "Variant",
    "Vocabulary",
    "Window",
    "assess",
    "assessment_as_plain",
    "canonical",
    "changes_as_plain",
    "compare",
    "duty_as_plain",
    "freeze",
    "list_rule_files",
    "load_diary",
    "load_rulebook",
    "load_vocabulary",
    "moment_asked",
    "moment_stated",
    "moment_told",
    "parse_diary",
    "parse_place",
    "render_client_diary",
    "render_entry",
    "replay",
    "rulebook_of",
    "values_of",
    "weigh",
]
