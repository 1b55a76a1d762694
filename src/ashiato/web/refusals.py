"""What was refused, in the reader's language: the floors below say it in English, to programs and operators.

A sentence is known by its form, so that one that was kept as text (of a worker that ended, of a plan's
trouble) is told like one that was raised just now.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import yaml

import ashiato.web.words
from ashiato.exports.words import Language

_BLANK = "{}"
#: Nothing of ours is as long; what a foreign program said at length stays as it is.
_LONGEST = 2_000


class _Form(NamedTuple):
    matches: re.Pattern[str]
    told: str


class _Group(NamedTuple):
    plain: Mapping[str, str]
    forms: tuple[_Form, ...]


def refusal_in(language: Language, text: str) -> str:
    """Return a refusal, or its remedy, in a language; as it stands where no words are known for it."""
    if language is Language.EN or len(text) > _LONGEST:
        return text
    return _told(text, "refusals")


def known_forms() -> frozenset[str]:
    """Return every form of a refusal that has words in Japanese."""
    return frozenset(_kept()["refusals"])


def _told(text: str, group: str) -> str:
    """Tell a text in the words of a group; what fills a form is told by the words for values."""
    held = _group(group)
    if text in held.plain:
        return held.plain[text]
    for form in held.forms:
        if found := form.matches.fullmatch(text):
            return form.told.format(*(_told(value, "words") for value in found.groups()))
    return text


@cache
def _group(name: str) -> _Group:
    """Compile a group: the form that says most by itself is tried first."""
    kept = _kept()[name]
    plain = {form: told for form, told in kept.items() if _BLANK not in form}
    blanks = sorted(kept.keys() - plain.keys(), key=lambda form: (-len(form.replace(_BLANK, "")), form))
    return _Group(plain, tuple(_Form(_pattern(form), kept[form]) for form in blanks))


def _pattern(form: str) -> re.Pattern[str]:
    return re.compile("(.*?)".join(map(re.escape, form.split(_BLANK))), re.DOTALL)


@cache
def _kept() -> dict[str, dict[str, str]]:
    held: dict[str, dict[str, str]] = yaml.safe_load(
        files(ashiato.web.words).joinpath("refusals.yaml").read_text(encoding="utf-8")
    )
    return held
