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


_SEES = frozenset({Permission.SEE_CASE})

#: A client's reader sees nothing here: what is theirs is the package of their own people, handed over apart.
MAY: Mapping[Role, frozenset[Permission]] = {
    Role.LEAD: _SEES,
    Role.ANALYST: _SEES,
    Role.PRIVACY: _SEES,
    Role.COMMUNICATIONS: _SEES,
    Role.DESK: _SEES,
    Role.AUDITOR: _SEES,
    Role.CLIENT: frozenset(),
}


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """Return what somebody with these roles may do; nothing without one."""
    return frozenset().union(*(MAY[role] for role in roles))
