"""Conditions as files write them: ``all``, ``any``, ``not``, ``shown``, ``open``, ``see`` and facts."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from typing import Any

from ashiato.law.conditions import Condition, Every, Inverse, Is, Open, Reaches, See, Shown
from ashiato.law.vocabulary import FactKind, Vocabulary
from ashiato.written.parsing import Written
from ashiato.written.problems import Spot, meant, shown

_FORMS = ("all", "any", "not", "shown", "open", "see", "fact", "count")
_KEYS = {"fact": {"in"}, "count": {"over", "at_least", "possible"}}
_NEVER = Every((), one=True)


@dataclass
class ConditionReader:
    """Reads conditions of one file; what is wrong goes into the file's problems, with its line."""

    written: Written
    vocabulary: Vocabulary
    named: Container[str]

    def read(self, spot: Spot, value: object) -> Condition:
        """Return the condition that stands at a spot."""
        if isinstance(value, str):
            return self._flag(spot, value)
        if not isinstance(value, Mapping):
            return self._wrong(spot, "a condition is a fact's name or one of its forms.", _listed(_FORMS))
        form = next((key for key in _FORMS if key in value), None)
        extra = sorted(set(value) - {form} - _KEYS.get(form or "", set()))
        if form is None or extra:
            return self._wrong(
                spot, f"`{shown(extra[0] if extra else '')}` is no form of a condition.", _listed(_FORMS)
            )
        return self._readers()[form](spot, value)

    def _readers(self) -> dict[str, Callable[[Spot, Mapping[str, Any]], Condition]]:
        return {
            "all": lambda spot, value: self._parts(spot, value, "all"),
            "any": lambda spot, value: self._parts(spot, value, "any"),
            "not": lambda spot, value: Inverse(self.read((*spot, "not"), value["not"])),
            "shown": lambda spot, value: Shown(self.read((*spot, "shown"), value["shown"])),
            "open": lambda spot, value: Open(self.read((*spot, "open"), value["open"])),
            "see": self._see,
            "fact": self._word,
            "count": self._count,
        }

    def _parts(self, spot: Spot, value: Mapping[str, Any], form: str) -> Condition:
        parts = value[form]
        if not isinstance(parts, list) or not parts:
            return self._wrong(
                (*spot, form), f"`{form}` holds no list of conditions.", "list them in brackets."
            )
        read = (self.read((*spot, form, number), part) for number, part in enumerate(parts))
        return Every(tuple(read), one=form == "any")

    def _see(self, spot: Spot, value: Mapping[str, Any]) -> Condition:
        name = str(value["see"])
        if name in self.named:
            return See(name)
        what = f"`{shown(name)}` is no condition or rule written above."
        return self._wrong((*spot, "see"), what, "name one that stands before this one.")

    def _flag(self, spot: Spot, name: str) -> Condition:
        return Is(name) if self._known(spot, name, FactKind.FLAG, FactKind.MOMENT) else _NEVER

    def _word(self, spot: Spot, value: Mapping[str, Any]) -> Condition:
        name, words = str(value["fact"]), value.get("in")
        if not self._known(spot, name, FactKind.WORD):
            return _NEVER
        fact = self.vocabulary.find(name)
        known = fact.words if fact else ()
        if not isinstance(words, list) or not words or not set(words) <= set(known):
            return self._wrong((*spot, "in"), f"`in` lists no words of `{name}`.", _listed(known))
        return Is(name, tuple(words))

    def _count(self, spot: Spot, value: Mapping[str, Any]) -> Condition:
        name = str(value["count"])
        if not self._known(spot, name, FactKind.COUNT):
            return _NEVER
        over, at_least = value.get("over"), value.get("at_least")
        threshold = over + 1 if isinstance(over, int) else at_least
        if not isinstance(threshold, int) or (over is None) == (at_least is None):
            return self._wrong(spot, "a count needs one threshold.", "write `over: 1000` or `at_least: 500`.")
        return Reaches(name, threshold, possible=value.get("possible") is True)

    def _known(self, spot: Spot, name: str, *kinds: FactKind) -> bool:
        fact = self.vocabulary.find(name)
        if fact is not None and fact.kind in kinds:
            return True
        names = [known.name for known in self.vocabulary.facts.values() if known.kind in kinds]
        self._wrong(spot, f"`{shown(name)}` is no fact of kind {' or '.join(kinds)}.", meant(name, names, 80))
        return False

    def _wrong(self, spot: Spot, what: str, fix: str) -> Condition:
        self.written.problems.append(self.written.problem(spot, what, fix))
        return _NEVER


def _listed(words: Container[str] | tuple[str, ...]) -> str:
    return f"write one of: {', '.join(words)}." if isinstance(words, tuple) else ""
