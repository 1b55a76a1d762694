"""What the evidence is silent on: holes in logs, lines not read by file and reason, ways nobody watched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ashiato.engine.api import Store
from ashiato.exports.absence_facts import WayFact
from ashiato.exports.facts import HoleFact

if TYPE_CHECKING:
    from ashiato.web.console.answers import Answer

#: Of each kind so many are shown on a page; all of them are in the export.
_MOST = 30


@dataclass(frozen=True)
class UnreadFact:
    """Lines of one file that were not read for one reason."""

    file: str
    reason: str
    lines: int


@dataclass(frozen=True)
class Gaps:
    """Everything of it, the worst first; ``more``: how many rows of each kind are left out here."""

    unread_lines: int
    holes: tuple[HoleFact, ...]
    unread: tuple[UnreadFact, ...]
    ways: tuple[WayFact, ...]
    holes_in_all: int
    ways_in_all: int
    more: int

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.unread_lines or self.holes or self.unread or self.ways)


_UNREAD = """
    SELECT evidence.label, coalesce(unread.reason, ''),
        CAST(sum(unread.line_last - unread.line_first + 1) AS BIGINT) AS lines
    FROM unread JOIN evidence ON evidence.evidence_id = unread.evidence_id
    GROUP BY ALL ORDER BY lines DESC, 1, 2
"""


def list_unread(store: Store) -> tuple[UnreadFact, ...]:
    """Return the lines not read, by file and reason, the most first."""
    return tuple(UnreadFact(*row) for row in store.rows(_UNREAD))


def gaps_of(answer: Answer) -> Gaps:
    """Gather what an answer cannot know; of a way whose silence proves absence there is no gap."""
    facts = answer.facts
    ways = tuple(way for way in facts.ways if not way.proves)
    found: tuple[tuple[object, ...], ...] = (facts.holes, answer.unread, ways)
    return Gaps(
        sum(file.unread for file in facts.files),
        facts.holes[:_MOST],
        answer.unread[:_MOST],
        ways[:_MOST],
        len(facts.holes),
        len(ways),
        sum(max(len(rows) - _MOST, 0) for rows in found),
    )
