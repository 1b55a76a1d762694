"""Words, counts and built files in templates: ``{% say "overview.next" %}``, ``{% built "styles.css" %}``."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils.translation import get_language

from ashiato.exports.cell import show
from ashiato.exports.facts import Bounds
from ashiato.exports.report.contents import range_text
from ashiato.exports.words import Language, Words, words_in
from ashiato.terms.errors import Place, ServerError
from ashiato.terms.grades import Grade
from ashiato.terms.times import moment_of
from ashiato.web.lasting import UNUSED_S
from ashiato.web.refusals import refusal_in
from ashiato.web.words import console_words

register = template.Library()
BUILT = Path(__file__).resolve().parent / "static" / "built"
_MANIFEST = "manifest.json"


def language() -> Language:
    """The language of the request at hand."""
    return Language.EN if (get_language() or "").startswith("en") else Language.JA


def screen_words() -> Words:
    """The console's own words in the language of the request."""
    return console_words(language())


def fact_words() -> Words:
    """The words of facts (grades, reasons, fields) in the language of the request."""
    return words_in(language())


@register.simple_tag
def say(key: str, **params: object) -> str:
    """Return one of the console's texts."""
    shown = {name: _number(value) for name, value in params.items()}
    return screen_words().say(key, **shown)


@register.simple_tag
def code(group: str, value: str) -> str:
    """Return the words for a code of the facts."""
    return fact_words().code(group, str(value))


@register.simple_tag
def gap_words(gap: str) -> str:
    """Return what is missing for a proof, by its reason with parameters."""
    return fact_words().reason("proof_gaps", gap)


@register.simple_tag
def grade_word(number: int) -> str:
    """Return the word for a grade kept as its number."""
    return fact_words().grade(Grade(number))


@register.simple_tag
def fact(key: str) -> str:
    """Return one of the texts of facts."""
    return fact_words().say(key)


@register.simple_tag
def bounds(least: int, most: int | None, unit: str = "") -> str:
    """Write both bounds of a count, or one number where they are equal, and of what they count."""
    words = fact_words()
    told = range_text(Bounds(least, most), words)
    return f"{told} {words.code('units', unit)}".strip()


@register.filter
def refusal(value: object) -> str:
    """Tell a refusal, or its remedy, in the language of the request; for ``shown`` after it."""
    return refusal_in(language(), str(value))


@register.filter
def shown(value: object) -> str:
    """Write controls and direction marks of foreign text visibly; the template escapes the rest."""
    return show(str(value))


@register.filter
def number(value: int | None) -> str:
    """Write a number with its thousands apart."""
    return fact_words().number(value)


@register.filter
def moment(value: int | str | datetime | None, zone: ZoneInfo) -> str:
    """Write a time, of microseconds, aware, or as a ledger has it (ISO), in a zone, to the second.

    A text that is no time, in a ledger that somebody changed, is shown as it stands.
    """
    if value is None:
        return ""
    try:
        aware = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return show(str(value))
    at = aware.astimezone(zone) if isinstance(aware, datetime) else moment_of(aware, zone)
    return at.strftime("%Y-%m-%d %H:%M:%S")


@register.simple_tag
def idle_seconds() -> int:
    """Return after how many seconds without use a session is over, and a page shows nothing any more."""
    return UNUSED_S


@register.simple_tag
def built(name: str) -> str:
    """Return the address of a file that the set-up built, under its name of this content."""
    return static(f"built/{built_files()[name]}")


@cache
def built_files() -> dict[str, str]:
    """Return the built files by their plain name.

    Raises: ServerError: the set-up has not built them.
    """
    path = BUILT / _MANIFEST
    if not path.is_file():
        raise ServerError(
            "the console's pages are not built",
            where=Place(str(path)),
            fix="run scripts/setup in the checkout",
        )
    held: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return held


def _number(value: object) -> Any:  # noqa: ANN401 - whatever a text takes
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else value


@register.simple_tag
def dressed(field: BoundField) -> str:
    """Render a form's field as the console's own look, its help read out with it."""
    about: dict[str, str | bool] = {"class": "form-control"}
    if field.help_text:
        about["aria-describedby"] = f"{field.auto_id}_helptext"
    return field.as_widget(attrs=about)
