"""The room's only door."""

from __future__ import annotations

from ashiato.rooms.containing.approving import approve, refuse
from ashiato.rooms.containing.asking import ASKABLE, ask_for, carry_out_asked
from ashiato.rooms.containing.configured import means_of
from ashiato.rooms.containing.deciding import apply, propose, take_round, undo, verify
from ashiato.rooms.containing.halting import find_halt, is_halted, lift, stop_all
from ashiato.rooms.containing.means import Means, NamedControl
from ashiato.rooms.containing.models import Approval, Deed, Halt, Plan, Stand, Step, StepStand
from ashiato.rooms.containing.policy import Policy, Resolver
from ashiato.rooms.containing.proposing import Cause, Wish, sessions_left, wish_of
from ashiato.rooms.containing.retention import POLICIES
from ashiato.rooms.containing.rows import counts_of, counts_of_all
from ashiato.rooms.containing.selectors import (
    dry_run,
    get_plan,
    held_among,
    list_answering,
    list_held,
    list_plans,
    list_plans_of,
    list_stuck,
    list_touched,
    trouble_of,
)
from ashiato.rooms.containing.wall_clock import WallClock

__all__ = [
    "ASKABLE",
    "POLICIES",
    "Approval",
    "Cause",
    "Deed",
    "Halt",
    "Means",
    "NamedControl",
    "Plan",
    "Policy",
    "Resolver",
    "Stand",
    "Step",
    "StepStand",
    "WallClock",
    "Wish",
    "apply",
    "approve",
    "ask_for",
    "carry_out_asked",
    "counts_of",
    "counts_of_all",
    "dry_run",
    "find_halt",
    "get_plan",
    "held_among",
    "is_halted",
    "lift",
    "list_answering",
    "list_held",
    "list_plans",
    "list_plans_of",
    "list_stuck",
    "list_touched",
    "means_of",
    "propose",
    "refuse",
    "sessions_left",
    "stop_all",
    "take_round",
    "trouble_of",
    "undo",
    "verify",
    "wish_of",
]
