"""In whose words the pages speak: plain Japanese, easy Japanese, English; each has its own addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import yaml
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from ashiato.exports.words import Language
from ashiato.letters.notices.readings import READING, bare


class Voice(StrEnum):
    """A form of words; easy Japanese has short sentences and readings over its characters."""

    JA = "ja"
    EASY = "easy"
    EN = "en"

    @property
    def language(self) -> Language:
        """The language it is in."""
        return Language.EN if self is Voice.EN else Language.JA

    @property
    def front(self) -> str:
        """What stands in front of its addresses."""
        return "/" if self is Voice.JA else f"/{self}/"

    def of(self, text: Mapping[str, str]) -> str:
        """Return a text of the statement in these words; plain Japanese where nobody wrote easy ones."""
        return text.get(self) or text[self.language]

    def say(self, key: str, **said: object) -> str:
        """Return words of the pages themselves; KeyError for an unknown key."""
        text = _words(self)[key]
        return text.format(**said) if said else text

    def plain(self, key: str, **said: object) -> str:
        """Return words of the pages without readings."""
        return bare(self.say(key, **said))


@cache
def _words(voice: Voice) -> dict[str, str]:
    text = resources.files("ashiato.public").joinpath("words", f"{voice}.yaml").read_text("utf-8")
    return dict(_flat("", yaml.safe_load(text)))


def _flat(front: str, held: Mapping[str, Any]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in held.items():
        name = f"{front}{key}"
        found.extend(_flat(f"{name}.", value) if isinstance(value, dict) else [(name, value)])
    return found


@lru_cache(maxsize=2_048)
def ruby(text: str) -> SafeString:
    """Return a text as HTML, escaped, with readings over their characters."""
    safe = READING.sub(r"<ruby>\1<rp>（</rp><rt>\2</rt><rp>）</rp></ruby>", escape(text))
    return mark_safe(safe)  # noqa: S308 - escaped right above


def paragraphs(text: str) -> SafeString:
    """Return a text of several paragraphs as HTML."""
    parts = [f"<p>{ruby(part)}</p>" for part in re.split(r"\n\s*\n|\n", text.strip()) if part.strip()]
    return mark_safe("".join(parts))  # noqa: S308 - escaped by ruby
