"""Count what a plan does, and what one would do: of the second nothing is written anywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from ashiato.rooms.cases.api import read_key
from ashiato.rooms.notifying.models import Campaign, Notice, PersonInScope
from ashiato.rooms.notifying.scope import PersonFound
from ashiato.rooms.notifying.services.changing import Change, as_wished, change_of
from ashiato.rooms.notifying.services.standings import Standings
from ashiato.rooms.notifying.states import Channel, State

_T = TypeVar("_T")
#: People taken at once.
EACH = 2_000


@dataclass
class Tally:
    """How many people change in which way, are told by which channel first, or not told for which reason."""

    counts: Counter[Change] = field(default_factory=Counter)
    channels: Counter[str] = field(default_factory=Counter)
    excluded: Counter[str] = field(default_factory=Counter)

    def add(self, change: Change, found: PersonFound) -> None:
        """Count one person."""
        self.counts[change] += 1
        if found.excluded:
            self.excluded[found.excluded] += 1
        else:
            self.channels[found.channels[0] if found.channels else str(Channel.PUBLICATION)] += 1


class DryRun:
    """Counts in ``tally`` what a plan would do. ``campaign`` None: nobody was planned to be told yet."""

    def __init__(self, campaign: Campaign | None, run: int) -> None:
        """Raises ServerError: the campaign's key was destroyed."""
        self.tally = Tally()
        self._campaign, self._run = campaign, run
        self._standings = Standings(campaign, read_key(campaign.key_name)) if campaign else None
        self._named: Counter[bool] = Counter()

    def take(self, people: Iterable[PersonFound]) -> None:
        """Take people as they come; whoever the campaign knew and nobody named is counted as cleared."""
        for batch in batches_of(people):
            self._count(batch)
        if self._campaign:
            self._count_cleared(self._campaign)

    def _count(self, batch: list[PersonFound]) -> None:
        known = self._standings.of(batch, hold=False) if self._standings else {}
        for as_found in batch:
            standing = known.get(as_found.person_id)
            found = as_wished(as_found, standing)
            answer = self._standings.answer_of(found) if self._standings else ""
            change = change_of(found, standing, answer)
            if change is Change.CLEARED_LATE:
                continue
            self.tally.add(change, found)
            if standing is not None and not standing.person.excluded and standing.person.run < self._run:
                self._named[standing.waits] += 1

    def _count_cleared(self, campaign: Campaign) -> None:
        known = PersonInScope.objects.filter(campaign=campaign, run__lt=self._run, excluded="")
        current = Notice.objects.filter(person__in=known, is_current=True)
        waiting = current.filter(state=State.PLANNED).count()
        self.tally.counts[Change.CLEARED] += waiting - self._named[True]
        self.tally.counts[Change.CLEARED_LATE] += known.count() - waiting - self._named[False]


def batches_of(things: Iterable[_T]) -> Iterator[list[_T]]:
    """Yield things so many at a time."""
    stream = iter(things)
    while batch := list(islice(stream, EACH)):
        yield batch
