"""The facts there are: their kinds, units and words (``vocabulary.yaml``)."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from typing import Any

import yaml

from ashiato.law.texts import Text
from ashiato.terms.counts import Unit

#: A country, or a part of one: ``JP``, ``US-CA``.
_PLACE = re.compile(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?")


class FactKind(StrEnum):
    """What a fact's value is."""

    FLAG = "flag"
    WORD = "word"
    COUNT = "count"
    MOMENT = "moment"
    TEXT = "text"


@dataclass(frozen=True)
class FactType:
    """One fact that can be known: its name (``residents.*`` for one per place), kind and title.

    ``standing``: it tells what we are, not what became known; it holds from the beginning.
    """

    name: str
    kind: FactKind
    title: Text
    words: tuple[str, ...] = ()
    unit: Unit | None = None
    standing: bool = False


@dataclass(frozen=True)
class Vocabulary:
    """All facts and the words of their values."""

    facts: Mapping[str, FactType]
    words: Mapping[str, Text]
    contradictions: tuple[Mapping[str, Any], ...]
    told_to_clients: tuple[str, ...]

    def find(self, name: str) -> FactType | None:
        """Return the type of a fact, ``residents.KR`` by its pattern; None when there is none."""
        stem, _, place = name.rpartition(".")
        return self.facts.get(name) or (self.facts.get(f"{stem}.*") if _PLACE.fullmatch(place) else None)

    def title(self, name: str) -> Text:
        """Return a fact's title, its place filled in; the name itself where there is none."""
        found = self.find(name)
        if found is None:
            return Text(name, name)
        place = name.rpartition(".")[2]
        return Text(found.title.ja.replace("{place}", place), found.title.en.replace("{place}", place))


@functools.cache
def load_vocabulary() -> Vocabulary:
    """Return the facts as ``vocabulary.yaml`` lists them."""
    text = resources.files("ashiato.law").joinpath("vocabulary.yaml").read_text(encoding="utf-8")
    held = yaml.safe_load(text)
    facts = {name: _fact_type(name, fields) for name, fields in held["facts"].items()}
    words = {word: Text.of(fields) for word, fields in held["words"].items()}
    return Vocabulary(facts, words, tuple(held["contradictions"]), tuple(held["told_to_clients"]))


def _fact_type(name: str, fields: Mapping[str, Any]) -> FactType:
    unit = Unit(fields["unit"]) if "unit" in fields else None
    return FactType(
        name=name,
        kind=FactKind(fields["kind"]),
        title=Text.of(fields),
        words=tuple(fields.get("words", ())),
        unit=unit,
        standing=fields.get("standing", False),
    )


def is_place(code: str) -> bool:
    """Tell whether a code has the form of a place."""
    return _PLACE.fullmatch(code) is not None


def is_standing(name: str) -> bool:
    """Tell whether a fact tells what we are, whenever it was written down."""
    fact = load_vocabulary().find(name)
    return fact is not None and fact.standing
