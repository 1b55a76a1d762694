"""The time figures of a case: when it began, was seen, stopped and shown to be stopped; what left by then."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from ashiato.terms.counts import Bound
from ashiato.terms.errors import CaseError, Place

SCHEMA_VERSION = 1
#: The figures as ``ashiato times`` wrote them into a case's folder.
TIMES_FILE = "times.json"


class Source(StrEnum):
    """What says when something was; or, of a moment that nobody knows, why."""

    LINE = "line"
    ALARM = "alarm"
    PLAN = "plan"
    STAFF = "staff"
    NO_EVENT = "no-event"
    NO_ALARM = "no-alarm"
    NO_CONTAINMENT = "no-containment"
    NO_TRIAL = "no-trial"


@dataclass(frozen=True, slots=True)
class Moment:
    """When something was; None where nobody knows, and ``source`` then says why.

    ``bound``: at most is *no later than*, at least *no earlier than*. ``reference``: the line, the alarm's or
    the plan's number, the name of who said so.
    """

    at: datetime | None
    source: Source
    reference: str = ""
    bound: Bound = Bound.AT_MOST

    def as_json(self) -> dict[str, str | None]:
        """The shape of a moment in ``times.json``."""
        at = self.at.isoformat() if self.at else None
        bound = self.bound.value if self.at else None
        return {"at": at, "bound": bound, "source": self.source.value, "reference": self.reference}


@dataclass(frozen=True, slots=True)
class Left:
    """How many records left in a stretch of time: confirmed at least, possible at most (None: not known)."""

    at_least: int
    at_most: int | None


@dataclass(frozen=True, slots=True)
class Times:
    """The figures of one case as of one run; records are those of the operator's own tables, each once.

    ``evidence_until``: the newest event, beyond which the run tells nothing. Of the records: None where the
    moment that parts them is not known, an open upper bound where the evidence does not reach so far.
    """

    run: int
    taken_at: datetime
    evidence_until: datetime | None
    first_hostile: Moment
    first_alert: Moment
    contained: Moment
    verified: Moment
    before_alert: Left | None
    before_containment: Left | None
    after_containment: Left | None

    def as_json(self) -> dict[str, Any]:
        """The content of ``times.json``."""
        return {
            "schema_version": SCHEMA_VERSION,
            "run": self.run,
            "taken_at": self.taken_at.isoformat(),
            "evidence_until": self.evidence_until.isoformat() if self.evidence_until else None,
            **{name: getattr(self, name).as_json() for name in MOMENTS},
            "records": {name: _told(getattr(self, name)) for name in STRETCHES},
        }


#: The figures' names, in the order in which they are told.
MOMENTS = ("first_hostile", "first_alert", "contained", "verified")
STRETCHES = ("before_alert", "before_containment", "after_containment")


def times_of(said: Mapping[str, Any]) -> Times:
    """Return figures as they were written; KeyError, TypeError, ValueError for what is none."""
    if said["schema_version"] != SCHEMA_VERSION:
        message = "written by another version"
        raise ValueError(message)
    until = said["evidence_until"]
    records = said["records"]
    return Times(
        run=int(said["run"]),
        taken_at=datetime.fromisoformat(said["taken_at"]),
        evidence_until=datetime.fromisoformat(until) if until else None,
        first_hostile=_moment(said["first_hostile"]),
        first_alert=_moment(said["first_alert"]),
        contained=_moment(said["contained"]),
        verified=_moment(said["verified"]),
        before_alert=_left(records["before_alert"]),
        before_containment=_left(records["before_containment"]),
        after_containment=_left(records["after_containment"]),
    )


def read_times(folder: Path) -> Times | None:
    """Return the figures that a case's folder holds; None without any.

    Raises: CaseError: the file holds something else.
    """
    path = folder / TIMES_FILE
    if not path.exists():
        return None
    try:
        return times_of(json.loads(path.read_bytes()))
    except (KeyError, TypeError, ValueError) as error:
        fix = "ashiato times DIR writes it anew"
        raise CaseError("these are no time figures", where=Place(str(path)), fix=fix) from error


def _moment(said: Mapping[str, Any]) -> Moment:
    at = datetime.fromisoformat(said["at"]) if said["at"] else None
    bound = Bound(said["bound"]) if at else Bound.AT_MOST
    return Moment(at, Source(said["source"]), str(said["reference"]), bound)


def _told(bounds: Left | None) -> dict[str, int | None] | None:
    return {"at_least": bounds.at_least, "at_most": bounds.at_most} if bounds else None


def _left(said: Mapping[str, Any] | None) -> Left | None:
    if said is None:
        return None
    most = said["at_most"]
    return Left(int(said["at_least"]), None if most is None else int(most))
