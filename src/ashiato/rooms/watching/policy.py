"""What the operator's file says of alarms: who is told, by which ways, when not, and how long is waited.

Source of every value: the ``alarms`` section of ``server.yaml``; docs/guides/alarms.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ashiato.exports.words import Language
from ashiato.terms.errors import ServerError

#: People from whose number on nobody's sleep counts, where the file does not say.
_LOUD_PEOPLE = 100
_GUARD_SILENT_S = 60


@dataclass(frozen=True, slots=True)
class Way:
    """One way to a receiver: a mail's address, or the file with the address of a service Apprise knows."""

    mail: str = ""
    file: str = ""

    @property
    def name(self) -> str:
        """How screens name it; a mail's address is somebody's and is not shown."""
        return self.file or "mail"


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody to be told, by the first of the ways that takes it."""

    name: str
    language: Language
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """Who is told when nobody has acknowledged for so long since the first were."""

    after: timedelta
    tell: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours of every day, in the operator's zone, in which only what is grave is told; over midnight too."""

    begin: time
    end: time

    def end_after(self, at: datetime, zone: ZoneInfo) -> datetime:
        """Return when something may be told: now, or when the quiet hours around now are over."""
        here = at.astimezone(zone)
        is_over_midnight = self.begin > self.end
        hour = here.time()
        after, before = hour >= self.begin, hour < self.end
        if not ((after or before) if is_over_midnight else (after and before)):
            return at
        day = here.date() + timedelta(days=1) if is_over_midnight and after else here.date()
        return datetime.combine(day, self.end, zone).astimezone(at.tzinfo)


@dataclass(frozen=True)
class Policy:
    """Who is told of what, and when; ``origin``: the console's address for links."""

    zone: ZoneInfo
    origin: str
    receivers: Mapping[str, Receiver] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    quiet: QuietHours | None = None
    loud_people: int = _LOUD_PEOPLE
    guard_silent: timedelta = timedelta(seconds=_GUARD_SILENT_S)


def policy_of(said: Mapping[str, Any], zone: str, origin: str) -> Policy:
    """Return the policy of the ``alarms`` section, which is empty where nobody is to be told.

    Raises: ServerError: a step tells a receiver that the file does not have.
    """
    receivers = {name: _receiver(name, each) for name, each in said.get("receivers", {}).items()}
    policy = Policy(
        ZoneInfo(zone),
        origin,
        receivers,
        _steps(said, receivers),
        _quiet(said.get("quiet")),
        said.get("loud_people", _LOUD_PEOPLE),
        timedelta(seconds=said.get("guard_silent_seconds", _GUARD_SILENT_S)),
    )
    unknown = {name for step in policy.steps for name in step.tell} - receivers.keys()
    if unknown:
        what = f"no receiver of alarms is called `{min(unknown)}`"
        raise ServerError(what, fix="name it under alarms.receivers in server.yaml")
    return policy


def _receiver(name: str, said: Mapping[str, Any]) -> Receiver:
    ways = tuple(Way(each.get("mail", ""), each.get("apprise_file", "")) for each in said["ways"])
    return Receiver(name, Language(said.get("language", "ja")), ways)


def _steps(said: Mapping[str, Any], receivers: Mapping[str, Receiver]) -> tuple[Step, ...]:
    """Return the ladder; where none is said, everybody is told at once."""
    steps = said.get("steps") or ([{"tell": sorted(receivers)}] if receivers else [])
    made = [Step(timedelta(minutes=each.get("after_minutes", 0)), tuple(each["tell"])) for each in steps]
    return tuple(sorted(made, key=lambda step: step.after))


def _quiet(said: Mapping[str, str] | None) -> QuietHours | None:
    return QuietHours(time.fromisoformat(said["from"]), time.fromisoformat(said["to"])) if said else None
