"""The five deeds of every control: dry run, apply, observe, verify, undo; made of what a control can."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ashiato.outside.controls.control import Change, Control, State, Trial
from ashiato.outside.controls.targets import ControlError, Target


class Standing(StrEnum):
    """What is true of a change now; foreign: somebody else changed it since."""

    OPEN = "open"
    HELD = "held"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Observed:
    """What the real part holds now, and what that says of the change."""

    standing: Standing
    state: State


def dry_run(control: Control, targets: Sequence[Target], until: datetime) -> list[Change]:
    """Return exactly what applying would change; nothing is changed.

    Raises: ControlError: a target is of a kind that this control does not stop.
    """
    for target in targets:
        if target.kind not in control.takes:
            known = ", ".join(sorted(control.takes))
            raise ControlError(f"this control stops no {target.kind.value}", fix=f"it takes: {known}")
    found = control.observe(targets)
    return [
        Change(target, before, control.wanted(target, before, until), until)
        for target, before in zip(targets, found, strict=True)
    ]


def apply(control: Control, changes: Sequence[Change], at: datetime) -> list[Observed]:
    """Make changes and read them back; what is returned is what holds, whatever was attempted."""
    control.put([(each.target, each.after) for each in changes], at)
    return observe(control, changes)


def observe(control: Control, changes: Sequence[Change]) -> list[Observed]:
    """Say of each change whether it is in force, as the real part has it now."""
    found = control.observe([each.target for each in changes])
    return [_judged(control, change, state) for change, state in zip(changes, found, strict=True)]


def verify(control: Control, changes: Sequence[Change]) -> list[Trial]:
    """Try from the blocked side of each change."""
    return control.attempt([each.target for each in changes])


def undo(control: Control, changes: Sequence[Change], at: datetime) -> list[Observed]:
    """Give back the state before, and read it back; what somebody else changed since is left as it is."""
    now = observe(control, changes)
    ours = [
        (each.target, each.before)
        for each, found in zip(changes, now, strict=True)
        if found.standing == Standing.HELD
    ]
    control.put(ours, at)
    back = control.observe([each.target for each in changes])
    return [_taken_back(control, change, state) for change, state in zip(changes, back, strict=True)]


def told(change: Change) -> str:
    """Render a change as one line: what, and each word of its state that differs."""
    names = sorted(
        name for name in change.before | change.after if change.before.get(name) != change.after.get(name)
    )
    differing = ", ".join(f"{name}: {change.before.get(name)} -> {change.after.get(name)}" for name in names)
    return f"{change.target.kind.value} {change.target.value}: {differing or 'nothing changes'}"


def _judged(control: Control, change: Change, state: State) -> Observed:
    if control.is_same(state, change.after):
        return Observed(Standing.HELD, state)
    is_open = control.is_same(state, change.before)
    return Observed(Standing.OPEN if is_open else Standing.FOREIGN, state)


def _taken_back(control: Control, change: Change, state: State) -> Observed:
    """The state before comes first here: where a change changed nothing, it is open again too."""
    if control.is_same(state, change.before):
        return Observed(Standing.OPEN, state)
    return _judged(control, change, state)
