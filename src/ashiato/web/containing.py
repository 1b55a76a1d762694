"""Containment as this server's file says it, and the rounds that let nothing of it be forgotten."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from django.conf import settings

from ashiato.rooms.containing.api import Means, WallClock, carry_out_asked, means_of, take_round
from ashiato.terms.errors import ServerError
from ashiato.web.answering_alarms import tell_plans
from ashiato.web.beside import go_round

#: Between two rounds; what asks to stop is heard sooner.
_SECONDS_BETWEEN = 5.0
_SECONDS_TO_HEAR = 0.2


def means_if_any() -> Means | None:
    """Return what the operator's file names; None where it names no control."""
    said = settings.CONFIGURATION.said.get("containment")
    return means_of(said, Path(settings.ASHIATO_HOME)) if said is not None else None


def means_here() -> Means:
    """Return what the operator's file names; ServerError where it names no control."""
    means = means_if_any()
    if means is None:
        fix = "write `containment: {controls: ..}` into server.yaml; docs/guides/containment.md"
        raise ServerError("there is no control to stop anybody with", fix=fix)
    return means


def keep_once(means: Means) -> None:
    """Take one round, do what staff asked for, and let alarms say how their plans stand.

    Where one of them fails the others are done all the same: no wish keeps a plan from ending in time.
    """
    with ExitStack() as others:
        others.callback(lambda: tell_plans(means.clock.now()))
        others.callback(carry_out_asked, means)
        take_round(means)


def keep_until(means: Means, stopped: Callable[[], bool]) -> None:
    """Take rounds until told to stop."""
    clock = means.clock

    def is_over(seconds: float) -> bool:
        until = clock.steady() + max(seconds, _SECONDS_BETWEEN)
        while not stopped() and clock.steady() < until:
            clock.wait(_SECONDS_TO_HEAR)
        return stopped()

    wall_clock = WallClock(means)

    def take_turn() -> None:
        wall_clock.take_round()
        keep_once(means)

    go_round(take_turn, is_over, "containment cannot be looked after")
