"""Plans carried out: claimed before anything is touched, and gone on with wherever a process died.

Each half (applying, undoing) can be begun anew at any point: what is claimed is put again, which changes
nothing where it holds already. All of it runs under the one lock of this machine, so whatever stands half way
was left so by somebody dead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from ashiato.outside.controls import deeds
from ashiato.outside.controls.control import Change, Control, Trial
from ashiato.outside.controls.deeds import Observed, Standing
from ashiato.outside.controls.targets import ControlError, NoAnswerError, Target, TargetKind
from ashiato.rooms.accounts.api import Staff, get_program
from ashiato.rooms.containing.means import Means
from ashiato.rooms.containing.models import LIVE, Plan, Stand, Step, StepStand
from ashiato.rooms.containing.rows import record, told_counts, write_same, write_steps
from ashiato.terms.errors import ServerError

_Deed = Callable[[Control, Sequence[Change], datetime], list[Observed]]
_Told = Callable[[list[Step], list[Observed]], None]
#: A part that refused so often refuses everything: it is not asked about each of thousands.
_MOST_REFUSALS = 64
#: What a part holds otherwise for so many rounds in a row is no delay of its own: a person has to look.
MOST_TRIES = 5


def begin_applying(means: Means, plan: Plan, by: Staff) -> None:
    """Take an approved plan in hand, or anew one that was stuck in being applied.

    Raises: ServerError: it is neither, or its time is over.
    """
    now = means.clock.now()
    is_stuck = Q(stand=Stand.STUCK, ends_as="", machine=means.machine)
    with transaction.atomic():
        asked = Plan.objects.filter(Q(stand=Stand.APPROVED) | is_stuck, pk=plan.pk, until__gt=now)
        if not asked.update(stand=Stand.APPLYING, machine=means.machine, tries=0):
            plan.refresh_from_db()
            over = " and its time is over" if plan.until <= now else ""
            raise ServerError(f"plan {plan.pk} is {plan.stand}{over}", fix="ashiato contain status")
        record(plan, by, "begun", now)
    plan.refresh_from_db()


def begin_undoing(means: Means, plan: Plan, by: Staff, ends_as: Stand, why: str) -> None:
    """Take a plan in hand to take it back; ServerError where nothing of it is in force."""
    now = means.clock.now()
    takes = (Stand.APPLYING, Stand.APPLIED, Stand.VERIFIED, Stand.FAILED, Stand.STUCK)
    with transaction.atomic():
        asked = Plan.objects.filter(pk=plan.pk, stand__in=takes, machine=means.machine)
        if not asked.update(stand=Stand.UNDOING, ends_as=ends_as, tries=0):
            plan.refresh_from_db()
            where = f" on {plan.machine}" if plan.machine not in {"", means.machine} else ""
            raise ServerError(f"plan {plan.pk} is {plan.stand}{where}", fix="ashiato contain status")
        record(plan, by, "undoing", now, why=why)
    plan.refresh_from_db()


def go_on_applying(means: Means, plan: Plan) -> None:
    """Claim what waits, put what is claimed, and say what came of it."""
    for name, steps in _by_control(plan, StepStand.WAITING).items():
        _claim(means, plan, name, steps)
    for name, steps in _by_control(plan, StepStand.CLAIMED, StepStand.FOREIGN).items():
        _put(means, name, steps, deeds.apply, _tell_applied)
    stands = set(plan.steps.values_list("stand", flat=True))
    if StepStand.CLAIMED in stands or _is_foreign(means, plan, stands):
        return
    is_held = bool(stands & {StepStand.HELD, StepStand.TAKEN_OVER})
    came = Stand.APPLIED if is_held and StepStand.FAILED not in stands else Stand.FAILED
    if plan.stand == came:
        return
    with transaction.atomic():
        plan.stand, plan.applied_at = came, means.clock.now()
        plan.save(update_fields=["stand", "applied_at"])
        record(plan, get_program(), "applied", plan.applied_at, why=told_counts(plan))


def go_on_undoing(means: Means, plan: Plan) -> None:
    """Give back what is live, and end the plan once nothing is."""
    for name, steps in _by_control(plan, *LIVE).items():
        _put(means, name, steps, deeds.undo, _tell_undone)
    left = set(plan.steps.filter(stand__in=LIVE).values_list("stand", flat=True))
    if left - {StepStand.FOREIGN} or _is_foreign(means, plan, left):
        return
    with transaction.atomic():
        plan.steps.filter(stand=StepStand.WAITING).update(stand=StepStand.RELEASED)
        plan.stand, plan.ended_at = Stand(plan.ends_as), means.clock.now()
        plan.save(update_fields=["stand", "ended_at"])
        record(plan, get_program(), plan.stand, plan.ended_at, why=told_counts(plan))


def _is_foreign(means: Means, plan: Plan, stands: Collection[str]) -> bool:
    """Tell whether a part holds something else; after so many rounds of it a person has to look."""
    if StepStand.FOREIGN not in stands:
        return False
    plan.tries += 1
    plan.save(update_fields=["tries"])
    if plan.tries >= MOST_TRIES:
        _leave_to_a_person(means, plan)
    return True


def _leave_to_a_person(means: Means, plan: Plan) -> None:
    if plan.stand == Stand.STUCK:
        return
    with transaction.atomic():
        plan.stand = Stand.STUCK
        plan.save(update_fields=["stand"])
        record(plan, get_program(), "stuck", means.clock.now(), why=told_counts(plan))


def try_out(means: Means, plan: Plan) -> bool:
    """Try each held step from its blocked side; a plan all of whose tries were stopped is verified."""
    shown: list[tuple[Step, Mapping[str, object]]] = []
    for name, steps in _by_control(plan, StepStand.HELD).items():
        try:
            trials = deeds.verify(_control(means, name), _changes(plan, steps))
        except ControlError as error:
            trials = [Trial(None, str(error))] * len(steps)
        columns = ({"is_blocked": each.is_blocked, "tried": each.told} for each in trials)
        shown += zip(steps, columns, strict=True)
    is_whole = not plan.steps.filter(stand__in=(StepStand.FAILED, StepStand.FOREIGN)).exists()
    is_proven = is_whole and bool(shown) and all(columns["is_blocked"] for _, columns in shown)
    now = means.clock.now()
    with transaction.atomic():
        write_steps(shown)
        if plan.stand in {Stand.APPLIED, Stand.VERIFIED}:
            plan.stand = Stand.VERIFIED if is_proven else Stand.APPLIED
        plan.verified_at = (plan.verified_at or now) if is_proven else None
        plan.save(update_fields=["stand", "verified_at"])
        record(plan, get_program(), "tried", now, why="stopped" if is_proven else "not proven to be stopped")
    return is_proven


def try_again(means: Means, plan: Plan) -> None:
    """Do once more what a part refused: it may be up again."""
    plan.steps.filter(stand=StepStand.FAILED).update(stand=StepStand.WAITING)
    go_on_applying(means, plan)


def keep_in_force(means: Means, plan: Plan) -> None:
    """See whether what is held still holds, as after a restart, and put again what does not."""
    for name, steps in _by_control(plan, StepStand.HELD).items():
        try:
            found = deeds.observe(_control(means, name), _changes(plan, steps))
        except ControlError as error:
            write_same(steps, fault=str(error))
            continue
        pairs = list(zip(steps, found, strict=True))
        write_same([step for step, seen in pairs if seen.standing == Standing.HELD], fault="")
        foreign = [step for step, seen in pairs if seen.standing == Standing.FOREIGN]
        if foreign:
            told = {"stand": StepStand.FOREIGN.value, "fault": "somebody else changed it since"}
            write_same(foreign, **told, is_blocked=None)
            _leave_to_a_person(means, plan)
        lost = [step for step, seen in pairs if seen.standing == Standing.OPEN]
        if lost:
            _put(means, name, lost, deeds.apply, _tell_applied)
            record(plan, get_program(), "applied again", means.clock.now(), why=f"{len(lost)} no longer held")


def _claim(means: Means, plan: Plan, name: str, steps: list[Step]) -> None:
    """Keep of each step what is now and what is to be, before anything is touched."""
    reasons = [(step, means.policy.spares(_target(step), means.resolver)) for step in steps]
    write_steps((step, {"stand": StepStand.SPARED.value, "fault": why}) for step, why in reasons if why)
    kept = _not_held_longer(means, plan, name, [step for step, why in reasons if not why])
    try:
        changes = deeds.dry_run(_control(means, name), list(map(_target, kept)), plan.until)
    except ControlError as error:
        write_same(kept, stand=StepStand.FAILED.value, fault=str(error))
        return
    with transaction.atomic():
        before = _take_over(means, plan, name, kept)
        claimed = {"stand": StepStand.CLAIMED.value, "machine": means.machine, "fault": ""}
        write_steps(
            (step, {**claimed, "before": before.get(_target(step), each.before), "after": each.after})
            for step, each in zip(kept, changes, strict=True)
        )


def _not_held_longer(means: Means, plan: Plan, name: str, steps: list[Step]) -> list[Step]:
    """Leave to another plan what that one holds for longer, so that none ends early; return the others."""
    held = Step.objects.filter(machine=means.machine, control=name, stand__in=LIVE).exclude(plan=plan)
    longer = {_target(step): step.plan_id for step in held.filter(plan__until__gt=plan.until)}
    left = ((step, longer[_target(step)]) for step in steps if _target(step) in longer)
    told = {"stand": StepStand.TAKEN_OVER.value}
    write_steps((step, {**told, "fault": f"plan {other} holds it for longer"}) for step, other in left)
    return [step for step in steps if _target(step) not in longer]


def _take_over(means: Means, plan: Plan, name: str, steps: list[Step]) -> dict[Target, object]:
    """Take targets over that another plan holds; returns what they were before that one."""
    wanted = set(map(_target, steps))
    held = Step.objects.filter(machine=means.machine, control=name, stand__in=LIVE).exclude(plan=plan)
    older = [step for step in held if _target(step) in wanted]
    write_same(older, stand=StepStand.TAKEN_OVER.value, fault=f"plan {plan.pk} goes on with it")
    return {_target(step): step.before for step in older}


def _put(means: Means, name: str, steps: list[Step], deed: _Deed, tell: _Told) -> None:
    """Do a deed to steps; where the part refuses them together, to fewer: one costs no other."""
    groups, refusals = [steps], 0
    while groups:
        group = groups.pop()
        try:
            tell(group, deed(_control(means, name), _changes(group[0].plan, group), means.clock.now()))
        except NoAnswerError as error:
            write_same(group, fault=str(error))
        except ControlError as error:
            refusals += 1
            if len(group) > 1 and refusals < _MOST_REFUSALS:
                groups += _halves(group)
            else:
                _look(means, name, group, error, tell)


def _look(means: Means, name: str, steps: list[Step], refused: ControlError, tell: _Told) -> None:
    """See what holds after a refusal; where even that cannot be seen, it stays in doubt and is retried."""
    with suppress(ControlError):
        tell(steps, deeds.observe(_control(means, name), _changes(steps[0].plan, steps)))
    write_same([step for step in steps if step.stand != StepStand.RELEASED], fault=str(refused))


def _tell_applied(steps: list[Step], found: list[Observed]) -> None:
    stands = {
        Standing.HELD: (StepStand.HELD, ""),
        Standing.OPEN: (StepStand.FAILED, "the part took it and does not hold it"),
        Standing.FOREIGN: (StepStand.FOREIGN, "the part holds neither what was nor what is to be"),
    }
    _tell(steps, found, stands)


def _tell_undone(steps: list[Step], found: list[Observed]) -> None:
    stands = {
        Standing.OPEN: (StepStand.RELEASED, ""),
        Standing.HELD: (StepStand.HELD, "the part still holds it"),
        Standing.FOREIGN: (StepStand.FOREIGN, "somebody else changed it since: give it back by hand"),
    }
    _tell(steps, found, stands)


def _tell(steps: list[Step], found: list[Observed], stands: dict[Standing, tuple[StepStand, str]]) -> None:
    seen = (stands[each.standing] for each in found)
    told = ({"stand": stand.value, "fault": fault} for stand, fault in seen)
    write_steps(zip(steps, told, strict=True))


def _by_control(plan: Plan, *stands: StepStand) -> dict[str, list[Step]]:
    found: dict[str, list[Step]] = defaultdict(list)
    for step in plan.steps.filter(stand__in=stands).order_by("pk"):
        step.plan = plan
        found[step.control].append(step)
    return dict(found)


def _control(means: Means, name: str) -> Control:
    if name not in means.controls:
        raise ControlError(f"server.yaml names no control `{name}`", fix="name it again: it holds somebody")
    return means.controls[name].control


def _target(step: Step) -> Target:
    return Target(step.system, TargetKind(step.kind), step.value)


def _changes(plan: Plan, steps: Sequence[Step]) -> list[Change]:
    return [Change(_target(step), step.before or {}, step.after or {}, plan.until) for step in steps]


def _halves(steps: list[Step]) -> tuple[list[Step], list[Step]]:
    middle = len(steps) // 2
    return steps[:middle], steps[middle:]
