"""The words of the edges, one YAML file per language; codes stay codes everywhere below."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from ashiato.terms.counts import Count
from ashiato.terms.grades import Grade

_AND_MORE = re.compile(r"(.+) and (\d+) more")


class Language(StrEnum):
    """The languages the edges speak."""

    JA = "ja"
    EN = "en"


@dataclass(frozen=True)
class Words:
    """One language's words, asked for by dotted key."""

    language: Language
    held: dict[str, Any]

    def say(self, key: str, **params: object) -> str:
        """Return the text of a key with its parameters filled in; an unknown key raises KeyError."""
        text = self._find(key)
        if not isinstance(text, str):
            raise KeyError(key)
        return text.format(**params) if params else text

    def code(self, group: str, code: str) -> str:
        """Return the words for a code, or the code itself where the language has none."""
        found = self.held[group].get(code)
        return found if isinstance(found, str) else code

    def reason(self, group: str, reason: str) -> str:
        """Return the words for the code of a reason with parameters: ``role-unknown(user=app)``."""
        return self.code(group, reason.partition("(")[0])

    def grade(self, grade: Grade) -> str:
        """Return the word for a grade."""
        return self.code("grades", grade.word)

    def title(self, technique: str, title: str) -> str:
        """Return a path's title in this language: a known form of words, else the kind and the title."""
        return self._formed("titles", title) or title or self.code("techniques", technique)

    def unnamed_title(self, technique: str, title: str) -> str:
        """Return a path's title for readers outside the house: whose account it was is not theirs to read."""
        return self._formed("titles_unnamed", title) or self.title(technique, title)

    def _formed(self, group: str, title: str) -> str | None:
        forms: dict[str, str] = self.held[group]
        for pattern, form in forms.items():
            if found := re.fullmatch(pattern, title):
                return form.format(*(self._rest(text) for text in found.groups()))
        return None

    def _rest(self, text: str) -> str:
        found = _AND_MORE.fullmatch(text)
        return self.say("and_more", first=found[1], number=found[2]) if found else text

    def number(self, value: int | None) -> str:
        """Return a number with its thousands apart; None is a number nobody knows."""
        return self.say("not_known") if value is None else f"{value:,}"

    def count(self, count: Count) -> str:
        """Return a typed count in words: number, unit and bound."""
        unit = self.code("units", count.unit)
        return self.say(f"bounds.{count.bound}", number=self.number(count.value), unit=unit)

    def section(self, name: str) -> dict[str, str]:
        """Return a whole group of words, for templates."""
        found: dict[str, str] = self.held[name]
        return found

    def _find(self, key: str) -> object:
        found: Any = self.held
        for part in key.split("."):
            found = found[part]
        return found


@cache
def words_in(language: Language) -> Words:
    """Load one language's words."""
    text = files(__name__).joinpath(f"{language}.yaml").read_text(encoding="utf-8")
    return Words(language, yaml.safe_load(text))
