"""Roles that staff have in a case, and what each may do: the one map that every page asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Role(StrEnum):
    """What somebody is in one case; a person may be several."""

    LEAD = "lead"
    ANALYST = "analyst"
    PRIVACY = "privacy"
    COMMUNICATIONS = "communications"
    DESK = "desk"
    AUDITOR = "auditor"
    CLIENT = "client"


class Permission(StrEnum):
    """What a page or an action asks for."""

    SEE_CASE = "see the case: counts, gaps, times, paths"
    SEE_PEOPLE = "see who was reached, values masked"
    UNMASK = "see a person's values, with a reason that is kept"
    SEE_EVIDENCE = "see what was sealed"
    SEE_DUTIES = "see duties and their clocks"
    SEE_NOTICES = "see waves, and where notices stand"
    SEE_LEDGER = "see who looked and decided, and check the chain"
    SEE_ALARMS = "see what guards saw, and who was told"
    ANSWER_ALARMS = "take alarms on, and write notes on them"
    SEE_PLANS = "see plans to stop somebody, and what is in force"
    CONTAIN = "propose, approve, carry out and take back plans to stop somebody; stop all automatic action"
    CLOSE_WAYS = "say that something is closed to the intruder, with proof, or open again"
    ANSWER = "answer people at the desk, and see those who are verified"
    ADD_EVIDENCE = "send evidence to be sealed"
    RUN = "start and cancel runs"
    LEAD_DESK = "lead the desk: alerts, approval of answers, forecast"
    DECIDE_PAIRS = "decide which records are one person"
    PIN = "say which lines of the evidence are the intruder's, and which are not"
    CONFIRM_DUTIES = "confirm what has to be reported and what has not, on the facts that are known"
    APPROVE_DRAFTS = "approve reports and announcements"
    RELEASE = "approve texts and waves, hold notices back, let them go on, send them"


_SEES = frozenset(
    {Permission.SEE_CASE, Permission.SEE_EVIDENCE, Permission.SEE_DUTIES, Permission.SEE_NOTICES}
)
_LOOKS = _SEES | {Permission.SEE_PEOPLE, Permission.UNMASK}

#: A client's reader sees nothing here: what is theirs is the package of their own people, handed over apart.
MAY: Mapping[Role, frozenset[Permission]] = {
    Role.LEAD: frozenset(Permission),
    Role.ANALYST: _LOOKS
    | {
        Permission.RUN,
        Permission.ADD_EVIDENCE,
        Permission.DECIDE_PAIRS,
        Permission.PIN,
        Permission.SEE_ALARMS,
        Permission.ANSWER_ALARMS,
        Permission.SEE_PLANS,
        Permission.CONTAIN,
        Permission.CLOSE_WAYS,
    },
    Role.PRIVACY: _LOOKS
    | {
        Permission.SEE_ALARMS,
        Permission.SEE_PLANS,
        Permission.SEE_LEDGER,
        Permission.LEAD_DESK,
        Permission.DECIDE_PAIRS,
        Permission.CONFIRM_DUTIES,
        Permission.APPROVE_DRAFTS,
        Permission.RELEASE,
    },
    Role.COMMUNICATIONS: frozenset(
        {
            Permission.SEE_CASE,
            Permission.SEE_DUTIES,
            Permission.SEE_NOTICES,
            Permission.LEAD_DESK,
            Permission.APPROVE_DRAFTS,
            Permission.RELEASE,
        }
    ),
    Role.DESK: frozenset({Permission.SEE_CASE, Permission.ANSWER}),
    Role.AUDITOR: _SEES
    | {Permission.SEE_PEOPLE, Permission.SEE_LEDGER, Permission.SEE_ALARMS, Permission.SEE_PLANS},
    Role.CLIENT: frozenset(),
}


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """Return what somebody with these roles may do; nothing without one."""
    return frozenset().union(*(MAY[role] for role in roles))
