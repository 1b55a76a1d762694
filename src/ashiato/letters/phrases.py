"""Moments, counts, lists and small pieces of text as a language writes them (``phrases.yaml``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, tzinfo
from functools import cache
from importlib.resources import files

import yaml

from ashiato.exports.words import Language, Words
from ashiato.law.api import Moment, Number

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
_WEEKDAYS = {
    Language.JA: ("月", "火", "水", "木", "金", "土", "日"),
    Language.EN: ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}


@cache
def load_phrases() -> Mapping[str, Mapping[str, str]]:
    """Return the pieces of text by key and language."""
    text = files(__package__ or "").joinpath("phrases.yaml").read_text(encoding="utf-8")
    held: Mapping[str, Mapping[str, str]] = yaml.safe_load(text)
    return held


def phrase(key: str, language: Language, **params: object) -> str:
    """Return one piece of text with its parameters filled in; KeyError where there is none."""
    return load_phrases()[key][language].format(**params)


def day_text(day: date, language: Language) -> str:
    """A day: ``2026年6月25日`` or ``25 June 2026``."""
    if language is Language.JA:
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def weekday_text(day: date, language: Language) -> str:
    """A day with its weekday, as deadlines are written."""
    name = _WEEKDAYS[language][day.weekday()]
    return (
        f"{day_text(day, language)}（{name}）"
        if language is Language.JA
        else f"{name} {day_text(day, language)}"
    )


def instant_text(at: datetime, zone: tzinfo, language: Language) -> str:
    """A time of a day, with the zone's offset where it is not Japan's."""
    here = at.astimezone(zone)
    day = day_text(here.date(), language)
    if language is Language.JA:
        return f"{day}{here.hour}時{here.minute:02}分{_offset(here, '（UTC{}）')}"
    return f"{day}, {here.hour:02}:{here.minute:02}{_offset(here, ' (UTC{})')}"


def moment_text(moment: Moment, zone: tzinfo, language: Language) -> str:
    """A moment as it is known: a day, or a time of a day."""
    if moment.whole_day:
        return day_text(moment.at.date(), language)
    return instant_text(moment.at, zone, language)


def number_text(number: Number, words: Words) -> str:
    """A number between its bounds: never without its unit, never without what bounds it."""
    counts = number.counts("")
    return joined([words.count(count) for count in counts], words.language)


def joined(parts: Iterable[str], language: Language) -> str:
    """Several pieces in one line."""
    return ("、" if language is Language.JA else ", ").join(parts)


def _offset(at: datetime, form: str) -> str:
    text = f"{at:%z}"
    return "" if text == "+0900" else form.format(f"{text[:3]}:{text[3:]}")
