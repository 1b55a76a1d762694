"""Plan: who is told, by which channel first; what a later run changes of it.

People come as a stream and are taken in batches, each committed by itself: a plan that was killed is made
again and finds what it had made. Nothing is sent by it: its notices have no wave yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from ashiato.rooms.cases.api import make_key, read_key
from ashiato.rooms.notifying.models import Campaign, Notice, PersonInScope
from ashiato.rooms.notifying.scope import CLEARED, PersonFound
from ashiato.rooms.notifying.services.changing import Change, Standing, as_wished, change_of
from ashiato.rooms.notifying.services.editions import notice_of, plan_edition
from ashiato.rooms.notifying.services.holding import hold_people
from ashiato.rooms.notifying.services.moving import Because, move, record_planned
from ashiato.rooms.notifying.services.naming import person_key_of
from ashiato.rooms.notifying.services.standings import Standings
from ashiato.rooms.notifying.services.tallying import Tally, batches_of
from ashiato.rooms.notifying.services.waving import ask_anew
from ashiato.rooms.notifying.states import State


class Planner:
    """Brings a campaign to what a run says; ``tally`` counts how many people changed in which way."""

    def __init__(self, campaign: Campaign, run: int, at: datetime) -> None:
        """Raises ServerError: the key is gone under which the campaign's people are named and locked."""
        self.tally = Tally()
        self._campaign, self._run, self._at = campaign, run, at
        # Under another key everybody's answer would be another, and everybody told a second time.
        key = read_key if campaign.people.exists() else make_key
        self._standings = Standings(campaign, key(campaign.key_name))
        self._waves: set[int] = set()

    def take(self, people: Iterable[PersonFound]) -> None:
        """Take people as they come; whoever the campaign knew and nobody named is cleared at the end."""
        for batch in batches_of(people):
            with transaction.atomic():
                self._take_batch(batch)
        # Known before anybody is cleared: what comes back meanwhile to wait again is withdrawn by itself.
        Campaign.objects.filter(pk=self._campaign.pk).update(run=self._run)
        self._clear()
        ask_anew(self._campaign, self._waves)

    def _take_batch(self, batch: list[PersonFound]) -> None:
        known = self._standings.of(batch, hold=True)
        new: list[PersonFound] = []
        same: list[int] = []
        for as_found in batch:
            standing = known.get(as_found.person_id)
            found = as_wished(as_found, standing)
            change = change_of(found, standing, self._standings.answer_of(found))
            if change is Change.CLEARED_LATE:
                continue
            self.tally.add(change, found)
            if standing is None:
                new.append(found)
            elif change is Change.SAME:
                same.append(standing.person.pk)
            else:
                self._change(change, found, standing)
        self._add(new)
        PersonInScope.objects.filter(pk__in=same).update(run=self._run)

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
            answer=self._standings.answer_of(found),
            told=self._standings.locked(found, key),
        )

    def _add(self, new: list[PersonFound]) -> None:
        keyed = [(person_key_of(self._campaign, each.person_id), each) for each in new]
        rows = PersonInScope.objects.bulk_create([self._row(key, found) for key, found in keyed])
        self._plan(rows, f"run {self._run} names its person")

    def _plan(self, people: Iterable[PersonInScope], why: str) -> None:
        record_planned([notice_of(each, self._at) for each in people if not each.excluded], why, self._at)

    def _change(self, change: Change, found: PersonFound, standing: Standing) -> None:
        person, notice = standing.person, standing.notice
        row = self._row(person.person_key, found)
        row.pk, row.edition, row.asked, before = person.pk, person.edition, person.asked, person.answer
        if change is Change.EXCLUDED_NOW:
            self._cancel([standing], found.excluded)
        elif change is Change.FOLLOWED_UP:
            plan_edition(row, f"run {self._run} changed what its person is told", self._at)
        elif change is Change.REDIRECTED:
            self._cancel([standing], "")
            plan_edition(row, f"run {self._run} changed how its person is reached", self._at)
        elif notice is not None and row.answer != before:
            Notice.objects.filter(pk=notice.pk).update(answer=row.answer)
            self._waves |= {notice.wave_id} if notice.wave_id else set()
        row.save(force_update=True)

    def _clear(self) -> None:
        gone = PersonInScope.objects.filter(campaign=self._campaign, run__lt=self._run, excluded="")
        # Taken first: whoever is cleared is no longer among those the query finds.
        for part in batches_of(list(gone.order_by("pk").values_list("pk", flat=True))):
            self._clear_batch(list(PersonInScope.objects.filter(pk__in=part).order_by("pk")))

    @transaction.atomic
    def _clear_batch(self, batch: list[PersonInScope]) -> None:
        hold_people(each.pk for each in batch)
        rows = Notice.objects.select_for_update(no_key=True).filter(person__in=batch, is_current=True)
        current = {each.person_id: each for each in rows.order_by("pk")}
        waiting = [each for each in batch if current[each.pk].state == State.PLANNED]
        self.tally.counts[Change.CLEARED] += len(waiting)
        self.tally.counts[Change.CLEARED_LATE] += len(batch) - len(waiting)
        self._cancel([Standing(each, current[each.pk]) for each in waiting], CLEARED)

    def _cancel(self, standing: list[Standing], why: str) -> None:
        ids = [each.notice.pk for each in standing if each.notice is not None]
        because = Because(f"{why or 'redirected'} by run {self._run}", "plan", self._at)
        move(ids, State.PLANNED, State.CANCELLED, because, {"is_current": False})
        people = [each.person.pk for each in standing]
        PersonInScope.objects.filter(pk__in=people).update(excluded=why, run=self._run)
