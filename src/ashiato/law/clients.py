"""The diary a contractor hands to a client: the event as the contractor knows it, the client's own counts.

It holds nothing of other clients: no words of the contractor's entries, no count but the client's own. The
client's clock begins when the client was told, which the contractor may not know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from ashiato.law.diary import Diary, Fact
from ashiato.law.fact_values import UNKNOWN
from ashiato.law.values import FactValue, Moment, Number
from ashiato.law.vocabulary import load_vocabulary
from ashiato.written.scalars import render_flow

_HEAD = """\
# What the contractor knew of the event, and how many records of yours it concerns. Set `known` of the last
# entry to the moment at which you were told: your clock begins there, and without it no date is counted.
# Which kinds of data are yours, your licence and your places are for you to add (docs/guides/duties.md).
"""


def render_client_diary(
    diary: Diary, as_of: datetime, counts: Mapping[str, Number], told: Moment | None = None
) -> str:
    """Return ``facts.yaml`` for a client, as of a moment of the contractor's diary.

    ``counts``: the client's own numbers by fact. ``told``: when the client was told, None while not known.
    """
    facts = diary.standing(as_of)
    kept = {name: facts[name] for name in load_vocabulary().told_to_clients if name in facts}
    lines = [_HEAD.rstrip(), f"zone: {diary.zone.key}", "entries:", *_known_there(kept)]
    event: dict[str, FactValue] = {name: fact.value for name, fact in kept.items()}
    lines += _entry(str(told) if told else UNKNOWN, "own", {"role": "client", **event, **counts})
    return "\n".join(lines) + "\n"


def _known_there(facts: Mapping[str, Fact]) -> Iterator[str]:
    """Yield the contractor's own knowledge, one entry for each moment at which it came to know something."""
    moments = dict.fromkeys(fact.entry.known for fact in facts.values())
    for known in sorted(moments, key=lambda moment: moment.at.timestamp() if moment else 0.0):
        sets = {name: fact.value for name, fact in facts.items() if fact.entry.known == known}
        yield from _entry(str(known) if known else UNKNOWN, "contractor", sets)


def _entry(known: str, party: str, sets: Mapping[str, FactValue]) -> Iterator[str]:
    yield f'  - known: "{known}"'
    yield f"    party: {party}"
    yield "    sets:"
    for name, value in sorted(sets.items()):
        yield f"      {name}: {render_flow(_written(value))}"


def _written(value: FactValue) -> object:
    if isinstance(value, Number):
        told = {"at_least": value.at_least, "at_most": value.at_most, "about": value.about, "run": value.run}
        return {key: number for key, number in told.items() if number is not None}
    return str(value) if isinstance(value, Moment) else value
