"""Plan: who is told, by which channel first; what a later run changes of it.

People come as a stream and are taken in batches, each committed by itself: a plan that was killed is made
again and finds what it had made. Nothing is sent by it: its notices have no wave yet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from django.db import transaction

from ashiato.rooms.cases.api import Locker, make_key
from ashiato.rooms.notifying.models import Campaign, Notice, PersonInScope
from ashiato.rooms.notifying.scope import CLEARED, PersonFound
from ashiato.rooms.notifying.services.changing import Change, Standing, change_of
from ashiato.rooms.notifying.services.moving import Because, move, record_planned
from ashiato.rooms.notifying.services.naming import person_key_of, reference_of
from ashiato.rooms.notifying.services.waving import ask_anew
from ashiato.rooms.notifying.states import Channel, State

_EACH = 2_000


class Planner:
    """Brings a campaign to what a run says; ``counts`` tells how many people changed in which way."""

    def __init__(self, campaign: Campaign, run: int, at: datetime, *, writes: bool = True) -> None:
        """``writes`` False: count only."""
        self.counts: Counter[Change] = Counter()
        self.channels: Counter[str] = Counter()
        self.excluded: Counter[str] = Counter()
        self._campaign, self._run, self._at, self._writes = campaign, run, at, writes
        self._key = make_key(campaign.key_name)
        self._locker = Locker(self._key)
        self._waves: set[int] = set()

    def take(self, people: Iterable[PersonFound]) -> None:
        """Take people as they come; whoever the campaign knew and nobody named is cleared at the end."""
        stream = iter(people)
        while batch := list(islice(stream, _EACH)):
            with transaction.atomic():
                self._take_batch(batch)
        if self._writes:
            # Known before anybody is cleared: what comes back meanwhile to wait again is withdrawn by itself.
            Campaign.objects.filter(pk=self._campaign.pk).update(run=self._run)
        self._clear()
        if self._writes:
            ask_anew(self._campaign, self._waves)

    def _take_batch(self, batch: list[PersonFound]) -> None:
        keyed = {person_key_of(self._campaign, each.person_id): each for each in batch}
        known = self._known(list(keyed))
        new: list[tuple[str, PersonFound]] = []
        same: list[int] = []
        for key, found in keyed.items():
            standing = known.get(key)
            change = change_of(found, standing, found.answer(self._key))
            if change is Change.CLEARED_LATE:
                continue
            self._count(change, found)
            if standing is None:
                new.append((key, found))
            elif change is Change.SAME:
                same.append(standing.person.pk)
            elif self._writes:
                self._change(change, found, standing)
        if self._writes:
            self._add(new)
            PersonInScope.objects.filter(pk__in=same).update(run=self._run)

    def _count(self, change: Change, found: PersonFound) -> None:
        self.counts[change] += 1
        if found.excluded:
            self.excluded[found.excluded] += 1
        else:
            self.channels[_first(found)] += 1

    def _known(self, keys: list[str]) -> dict[str, Standing]:
        people = PersonInScope.objects.filter(campaign=self._campaign, person_key__in=keys)
        rows = Notice.objects.select_for_update().filter(person__in=people, is_current=True)
        current = {each.person_id: each for each in rows.order_by("pk")}
        return {each.person_key: self._standing(each, current.get(each.pk)) for each in people}

    def _standing(self, person: PersonInScope, notice: Notice | None) -> Standing:
        return Standing(person, notice, self._locker.unlock(bytes(person.told), person.person_key))

    def _row(self, key: str, found: PersonFound) -> PersonInScope:
        return PersonInScope(
            campaign=self._campaign,
            person_key=key,
            run=self._run,
            grade=found.grade,
            sensitivity=found.sensitivity,
            region=found.region,
            client=found.client,
            persona=found.persona,
            language=found.language,
            channels=",".join(found.channels),
            excluded=found.excluded,
            answer=found.answer(self._key),
            told=self._locker.lock(found.told(), key),
        )

    def _add(self, new: list[tuple[str, PersonFound]]) -> None:
        rows = PersonInScope.objects.bulk_create([self._row(key, found) for key, found in new])
        self._plan(rows, f"run {self._run} names its person")

    def _plan(self, people: Iterable[PersonInScope], why: str) -> None:
        record_planned([self._notice(each) for each in people if not each.excluded], why, self._at)

    def _notice(self, person: PersonInScope) -> Notice:
        channel = person.channels.partition(",")[0] or str(Channel.PUBLICATION)
        return Notice(
            campaign=self._campaign,
            person=person,
            channel=channel,
            edition=person.edition,
            reference=reference_of(self._campaign, person.person_key, channel, person.edition),
            state=State.PLANNED,
            moved_at=self._at,
            answer=person.answer,
        )

    def _change(self, change: Change, found: PersonFound, standing: Standing) -> None:
        person, notice = standing.person, standing.notice
        row = self._row(person.person_key, found)
        row.pk, row.edition, before = person.pk, person.edition, person.answer
        if change is Change.EXCLUDED_NOW:
            self._cancel([standing], found.excluded)
        elif change is Change.FOLLOWED_UP:
            self._plan_edition(row, f"run {self._run} changed what its person is told")
        elif change is Change.REDIRECTED:
            self._cancel([standing], "")
            self._plan_edition(row, f"run {self._run} changed how its person is reached")
        elif notice is not None and row.answer != before:
            Notice.objects.filter(pk=notice.pk).update(answer=row.answer)
            self._waves |= {notice.wave_id} if notice.wave_id else set()
        row.save(force_update=True)

    def _plan_edition(self, row: PersonInScope, why: str) -> None:
        row.edition += 1
        Notice.objects.filter(person_id=row.pk, is_current=True).update(is_current=False)
        self._plan([row], why)

    def _clear(self) -> None:
        gone = PersonInScope.objects.filter(campaign=self._campaign, run__lt=self._run, excluded="")
        for batch in self._in_batches(gone.order_by("pk")):
            self._clear_batch(batch)

    def _in_batches(self, people: Iterable[PersonInScope]) -> Iterator[list[PersonInScope]]:
        ids = iter([each.pk for each in people])
        while part := list(islice(ids, _EACH)):
            yield list(PersonInScope.objects.filter(pk__in=part).order_by("pk"))

    @transaction.atomic
    def _clear_batch(self, batch: list[PersonInScope]) -> None:
        rows = Notice.objects.select_for_update().filter(person__in=batch, is_current=True)
        current = {each.person_id: each for each in rows.order_by("pk")}
        waiting = [each for each in batch if current[each.pk].state == State.PLANNED]
        self.counts[Change.CLEARED] += len(waiting)
        self.counts[Change.CLEARED_LATE] += len(batch) - len(waiting)
        if self._writes:
            self._cancel([Standing(each, current[each.pk]) for each in waiting], CLEARED)

    def _cancel(self, standing: list[Standing], why: str) -> None:
        ids = [each.notice.pk for each in standing if each.notice is not None]
        because = Because(f"{why or 'redirected'} by run {self._run}", "plan", self._at)
        move(ids, State.PLANNED, State.CANCELLED, because, {"is_current": False})
        people = [each.person.pk for each in standing]
        PersonInScope.objects.filter(pk__in=people).update(excluded=why, run=self._run)


def _first(found: PersonFound) -> str:
    return found.channels[0] if found.channels else str(Channel.PUBLICATION)
