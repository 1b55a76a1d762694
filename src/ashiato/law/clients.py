"""The diary a contractor hands to a client: the event as the contractor knows it, the client's own counts.

It holds nothing of other clients: no words of the contractor's entries, no count but the client's own. The
client's clock begins when the client was told, which the contractor may not know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from ashiato.law.diary import Diary, Fact, Party
from ashiato.law.diary_writing import render_entry
from ashiato.law.values import FactValue, Moment
from ashiato.law.vocabulary import load_vocabulary

_HEAD = """\
# What the contractor knew of the event, and how many records of yours it concerns. Set `known` of the last
# entry to the moment at which you were told: your clock begins there, and without it no date is counted.
# Which kinds of data are yours, your licence and your places are for you to add (docs/guides/duties.md).
"""


def render_client_diary(
    diary: Diary, as_of: datetime, counts: Mapping[str, FactValue], told: Moment | None = None
) -> str:
    """Return ``facts.yaml`` for a client, as of a moment of the contractor's diary.

    ``counts``: the client's own numbers by fact. ``told``: when the client was told, None while not known.
    """
    facts = diary.standing(as_of)
    kept = {name: facts[name] for name in load_vocabulary().told_to_clients if name in facts}
    lines = [_HEAD.rstrip(), f"zone: {diary.zone.key}", "entries:", *_known_there(kept)]
    event: dict[str, FactValue] = {name: fact.value for name, fact in kept.items()}
    lines += render_entry(told, {"role": "client", **event, **counts})
    return "\n".join(lines) + "\n"


def _known_there(facts: Mapping[str, Fact]) -> Iterator[str]:
    """Yield the contractor's own knowledge, one entry for each moment at which it came to know something."""
    moments = dict.fromkeys(fact.entry.known for fact in facts.values())
    for known in sorted(moments, key=lambda moment: moment.at.timestamp() if moment else 0.0):
        sets = {name: fact.value for name, fact in facts.items() if fact.entry.known == known}
        yield from render_entry(known, sets, party=Party.CONTRACTOR)
