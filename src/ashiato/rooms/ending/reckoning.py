"""Time figures reckoned: of hostile events, of guards' alarms, of plans and words that stopped it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from ashiato.engine.api import Outcome, Store
from ashiato.exports.leaving_facts import count_leaving
from ashiato.exports.places import grouped_places
from ashiato.exports.times import MOMENTS, Left, Moment, Source, Times
from ashiato.rooms.cases.api import CaseFile
from ashiato.rooms.containing.api import Plan, Stand
from ashiato.rooms.ending.holding import list_stopped, standing_of
from ashiato.rooms.ending.used import Used
from ashiato.rooms.watching.api import Footholds, RaisedAlarm, list_footholds
from ashiato.terms.counts import Bound
from ashiato.terms.times import moment_of, us_of


@dataclass(frozen=True, slots=True)
class Shown:
    """What a run shows of the intruder: from when to when, and until when something was not refused."""

    footholds: Footholds
    first_us: int | None
    last_us: int | None
    gained_us: int | None
    line: str


_HOSTILE = """
    SELECT min(events.start_us), max(coalesce(events.end_us, events.start_us)),
        max(events.start_us) FILTER (
            WHERE coalesce(events.status, '') <> 'failure' AND coalesce(events.http_response_code, 200) < 400
        )
    FROM intrusion JOIN events ON events.event_id = intrusion.event_id
"""
_FIRST = """
    SELECT 1 AS one, witnesses.evidence_id, witnesses.line_first, witnesses.line_last
    FROM intrusion JOIN events ON events.event_id = intrusion.event_id
    JOIN witnesses ON witnesses.event_id = events.event_id
    ORDER BY events.start_us, events.event_id, witnesses.evidence_id, witnesses.line_first LIMIT 1
"""


def shown_of(outcome: Outcome) -> Shown:
    """Return what a run shows of the intruder."""
    ((first, last, gained),) = outcome.store.rows(_HOSTILE)
    lines = outcome.store.rows(f"SELECT places FROM ({grouped_places(_FIRST, ('one',))})")
    return Shown(list_footholds(outcome), first, last, gained, lines[0][0] if lines else "")


def reckon(case: CaseFile, outcome: Outcome, kept: Times | None, at: datetime) -> Times:
    """Return a case's figures by its open run; ``kept``: those taken before.

    Alarms and plans name nobody any more after a year: a moment that was known then stays, unless a person
    has taken its plan back.
    """
    shown = shown_of(outcome)
    used, until_us = Used(shown.footholds.found), shown.footholds.evidence_until_us
    alert = _kept(_alert(shown, used), kept.first_alert if kept else None)
    contained, verified = _stopped(case, shown, used, kept)
    times = Times(
        outcome.run.number,
        at,
        None if until_us is None else moment_of(until_us, outcome.zone),
        _first(shown),
        alert,
        contained,
        verified,
        None,
        None,
        None,
    )
    return (
        times if until_us is None else _with_records(_in_zone(times, outcome.zone), outcome.store, until_us)
    )


def _first(shown: Shown) -> Moment:
    """No later than: who came before the evidence begins left no line in it."""
    if shown.first_us is None:
        return Moment(None, Source.NO_EVENT)
    return Moment(moment_of(shown.first_us), Source.LINE, shown.line)


def _alert(shown: Shown, used: Used) -> Moment:
    """The first alarm of a guard that names what the intruder used, while it was used."""
    if shown.first_us is None or shown.last_us is None:
        return Moment(None, Source.NO_ALARM)
    raised = RaisedAlarm.objects.filter(last_us__gte=shown.first_us, first_us__lte=shown.last_us)
    for alarm in raised.order_by("decided_us", "pk").iterator():
        if any(used.named(*actor) for actor in alarm.actors):
            return Moment(moment_of(alarm.decided_us), Source.ALARM, str(alarm.group_id))
    return Moment(None, Source.NO_ALARM)


def _stopped(case: CaseFile, shown: Shown, used: Used, kept: Times | None) -> tuple[Moment, Moment]:
    """When it was contained and that verified: by plans, else kept of plans, else by the word of staff."""
    plan = _containing_plan(used)
    if plan is not None and plan.applied_at is not None:
        contained = Moment(plan.applied_at, Source.PLAN, str(plan.pk), _bound(shown, plan.applied_at))
        if plan.verified_at is None:
            return contained, Moment(None, Source.NO_TRIAL, str(plan.pk))
        return contained, Moment(plan.verified_at, Source.PLAN, str(plan.pk))
    if kept is not None and kept.contained.source == Source.PLAN and _stands(kept.contained.reference):
        return kept.contained, kept.verified
    last = standing_of(case, shown.footholds).last
    if last is None:
        return Moment(None, Source.NO_CONTAINMENT), Moment(None, Source.NO_CONTAINMENT)
    bound = _bound(shown, last.closed_at)
    return Moment(last.closed_at, Source.STAFF, last.who, bound), Moment(None, Source.NO_TRIAL, last.who)


def _containing_plan(used: Used) -> Plan | None:
    """Return the last plan that closed what was still in use: used by then, and after the plan before it."""
    last, before_us = None, 0
    for each in list_stopped(used):
        at_us = us_of(each.applied_at)
        if any(found.first_us <= at_us and found.last_us > before_us for found in each.found):
            last, before_us = each.plan, at_us
    return last


def _bound(shown: Shown, at: datetime) -> Bound:
    """No later than that it was stopped, where the evidence goes on and shows nothing gained after it."""
    until, gained = shown.footholds.evidence_until_us, shown.gained_us
    is_shown = until is not None and until >= us_of(at) and (gained is None or gained <= us_of(at))
    return Bound.AT_MOST if is_shown else Bound.AT_LEAST


def _stands(plan: str) -> bool:
    return Plan.objects.filter(pk=int(plan)).exclude(ends_as=Stand.UNDONE).exists()


def _kept(found: Moment, kept: Moment | None) -> Moment:
    return kept if found.at is None and kept is not None and kept.at is not None else found


def _in_zone(times: Times, zone: tzinfo) -> Times:
    moments = {name: getattr(times, name) for name in MOMENTS}
    shown = {name: replace(each, at=each.at and each.at.astimezone(zone)) for name, each in moments.items()}
    return replace(times, taken_at=times.taken_at.astimezone(zone), **shown)


def _with_records(times: Times, store: Store, until_us: int) -> Times:
    """Part the records by the alert and by containment, where these are known."""
    alert, contained = (us_of(each.at) if each.at else None for each in (times.first_alert, times.contained))
    if alert is not None:
        before, _, _ = count_leaving(store, alert, alert)
        times = replace(times, before_alert=_seen(before, alert, until_us))
    if contained is not None:
        _, _, after = count_leaving(store, contained, contained)
        times = replace(times, after_containment=_seen(after, contained, until_us))
    if alert is not None and contained is not None:
        _, between, _ = count_leaving(store, alert, max(alert, contained))
        times = replace(times, before_containment=_seen(between, contained, until_us))
    return times


def _seen(bounds: Left, by_us: int, until_us: int) -> Left:
    """Leave the upper bound open where the evidence ends before the stretch does."""
    return bounds if until_us >= by_us else replace(bounds, at_most=None)
