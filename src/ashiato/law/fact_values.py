"""Read one value of a diary as its fact's kind asks for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from ashiato.law.values import FactValue, Moment, Number
from ashiato.law.vocabulary import FactKind, FactType
from ashiato.terms.counts import Unit
from ashiato.written.problems import meant, shown

#: What takes a fact back: it is not known.
UNKNOWN = "unknown"
_LONGEST_TEXT = 4_000


class FaultyValueError(ValueError):
    """A value that its fact cannot have; ``fix`` says what to write."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(what)
        self.what, self.fix = what, fix


def read_value(fact: FactType, said: object, zone: tzinfo) -> FactValue:
    """Return the typed value; FaultyValueError when it is none of the fact's kind."""
    if fact.kind is FactKind.FLAG:
        return _flag(fact, said)
    if fact.kind is FactKind.WORD:
        return _word(fact, said)
    if fact.kind is FactKind.COUNT:
        return _number(fact, said)
    if fact.kind is FactKind.TEXT:
        return _text(fact, said)
    return _moment(said, zone)


def _flag(fact: FactType, said: object) -> bool:
    if not isinstance(said, bool):
        raise FaultyValueError(f"`{fact.name}` is a flag.", "write true, false or unknown.")
    return said


def _word(fact: FactType, said: object) -> str:
    if not isinstance(said, str) or said not in fact.words:
        what = f"`{shown(str(said), 40)}` is no word of `{fact.name}`."
        raise FaultyValueError(what, meant(str(said), [*fact.words, UNKNOWN]))
    return said


def _text(fact: FactType, said: object) -> str:
    if not isinstance(said, str) or not 0 < len(said.strip()) <= _LONGEST_TEXT:
        what = f"`{fact.name}` is a text of at most {_LONGEST_TEXT:,} characters."
        raise FaultyValueError(what, "write what a draft should say there, or unknown.")
    return said.strip()


def _moment(said: object, zone: tzinfo) -> Moment:
    try:
        return Moment.of(str(said), zone)
    except ValueError:
        fix = "write a time with offset (2026-06-25T06:30:00+09:00) or a day (2026-06-25)."
        raise FaultyValueError(f"`{shown(str(said), 40)}` is no time.", fix) from None


def _number(fact: FactType, said: object) -> Number:
    fix = f"write its bound, such as `{{at_most: 5200}}` or `{{exact: 1001}}` ({fact.unit})."
    if not isinstance(said, Mapping):
        raise FaultyValueError(f"`{fact.name}` is a count, and a count has a bound.", fix)
    unit = said.get("unit", fact.unit)
    if unit != fact.unit:
        what = f"`{fact.name}` counts {fact.unit}; {unit} are something else and are never taken for them."
        raise FaultyValueError(what, "set the fact that counts those, or count anew.")
    least, most = _bounds(fact, said)
    if least is None and most is None and "about" not in said:
        raise FaultyValueError(f"`{fact.name}` has no number.", fix)
    return Number(Unit(unit), least, most, said.get("about"), said.get("run"))


def _bounds(fact: FactType, said: Mapping[str, Any]) -> tuple[int | None, int | None]:
    exact = said.get("exact")
    if exact is not None and set(said) & {"at_least", "at_most", "about"}:
        raise FaultyValueError(f"`{fact.name}` is exact and bounded at once.", "keep one of them.")
    least, most = said.get("at_least", exact), said.get("at_most", exact)
    if least is not None and most is not None and least > most:
        raise FaultyValueError(
            f"`{fact.name}` is at least {least} and at most {most}.", "correct one of the two."
        )
    return least, most
