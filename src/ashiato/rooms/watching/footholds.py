"""What the intruder still could use, as far as a run's evidence shows it: ways in, sessions, accounts.

An account or session that was only tried and refused is none. What left no trace in the evidence is not here:
a job or a tunnel on a machine whose own logs were not added, say.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ashiato.engine.api import Outcome
from ashiato.terms.ids import short_id


class FootholdKind(StrEnum):
    """What kind of thing an intruder comes back by; in the order in which they are listed."""

    WAY_IN = "way-in"
    SHELL = "shell"
    MADE = "made"
    JOB = "job"
    TUNNEL = "tunnel"
    ACCOUNT = "account"
    KEY = "key"
    SESSION = "session"
    DATABASE_ROLE = "database-role"
    ADDRESS = "address"


_SECRET = frozenset({FootholdKind.SESSION, FootholdKind.KEY})
_TOLD_OF_A_SECRET = 6


@dataclass(frozen=True, slots=True)
class Foothold:
    """One thing that was used or left behind; ``last_us``: when it was used last, as the evidence has it."""

    kind: FootholdKind
    system: str
    value: str
    first_us: int
    last_us: int
    events: int

    @property
    def shown(self) -> str:
        """What it is; of what opens a door by itself no more than tells it from others."""
        return f"{self.value[:_TOLD_OF_A_SECRET]}.." if self.kind in _SECRET else self.value

    @property
    def key(self) -> str:
        """What it is known by in every run: its kind, system and value."""
        return short_id(self.kind.value, self.system, self.value)


@dataclass(frozen=True, slots=True)
class Footholds:
    """What one run shows; ``evidence_until_us``: the time of its newest event, None without any."""

    run: int
    is_stale: bool
    evidence_until_us: int | None
    found: tuple[Foothold, ...]


#: What lets somebody in, by the event's column; of a reply that refused it nothing was gained.
_USED = {
    FootholdKind.ACCOUNT: "actor_user_name",
    FootholdKind.KEY: "actor_user_credential_uid",
    FootholdKind.SESSION: "actor_session_uid",
    FootholdKind.DATABASE_ROLE: "database_user_name",
    FootholdKind.ADDRESS: "src_endpoint_ip",
}
_GAINED = "coalesce(e.status, '') <> 'failure' AND coalesce(e.http_response_code, 200) < 400"
#: The machine itself asks its database; nobody comes back by that. An address that is turned away at the door
#: goes on knocking, as everybody sees in the log; whatever else came from it, be it a failure, came in.
_LET_IN = "coalesce(e.http_response_code, 200) NOT IN (403, 429, 444)"
_CAME_IN = f"NOT (starts_with(e.src_endpoint_ip, '127.') OR e.src_endpoint_ip = '::1') AND {_LET_IN}"
_LAST = "max(coalesce(e.end_us, e.start_us))"
#: A hole that was only knocked at stands all the same; it was used last when something came of it.
_GOT_FURTHER = f"{_LET_IN} AND e.http_response_code IS DISTINCT FROM 401"
_LAST_GAINED = f"coalesce({_LAST} FILTER (WHERE {_GOT_FURTHER}), {_LAST})"
#: What findings of ATT&CK's kinds leave behind, and the column that names it.
_LEFT = (
    (FootholdKind.SHELL, ("T1505",), "coalesce(e.http_request_path, e.process_name)"),
    (FootholdKind.MADE, ("T1098", "T1136"), "coalesce(e.api_operation, e.query_command, e.process_name)"),
    (FootholdKind.JOB, ("T1053", "T1543", "T1547"), "coalesce(e.process_name, e.query_command)"),
    (FootholdKind.TUNNEL, ("T1572", "T1090"), "coalesce(e.process_name, e.http_request_path)"),
)
_SELECT = """
    SELECT coalesce(e.system, ''), {value}, min(e.start_us), {last}, count(*)
    FROM intrusion AS i JOIN events AS e ON e.event_id = i.event_id {more}
    WHERE {where} AND coalesce({value}, '') <> '' GROUP BY ALL ORDER BY ALL
"""
_OF_FINDINGS = """
    JOIN (
        SELECT DISTINCT fe.event_id, f.technique FROM finding_events AS fe
        JOIN findings AS f ON f.finding_id = fe.finding_id
    ) AS f ON f.event_id = e.event_id
"""


def list_footholds(outcome: Outcome) -> Footholds:
    """Return what a run shows the intruder to have used or left behind, by kind, system and value."""
    found = [*_ways_in(outcome), *_left(outcome), *_used(outcome)]
    order = list(FootholdKind)
    found.sort(key=lambda each: (order.index(each.kind), each.system, each.value))
    ((until,),) = outcome.store.rows("SELECT max(start_us) FROM events")
    return Footholds(outcome.run.number, outcome.is_stale, until, tuple(found))


def _ways_in(outcome: Outcome) -> list[Foothold]:
    """Each access path is a hole of its own, to be mended whoever came through it."""
    where, more = "true", "JOIN paths AS p ON p.path = i.path"
    value = "coalesce(nullif(p.title, ''), p.technique)"
    return _rows(outcome, FootholdKind.WAY_IN, value, where, more)


def _used(outcome: Outcome) -> list[Foothold]:
    return [
        each
        for kind, column in _USED.items()
        for each in _rows(outcome, kind, f"e.{column}", _CAME_IN if kind is FootholdKind.ADDRESS else _GAINED)
    ]


def _left(outcome: Outcome) -> list[Foothold]:
    found = []
    for kind, techniques, value in _LEFT:
        matches = " OR ".join(f"starts_with(f.technique, '{each}')" for each in techniques)
        found += _rows(outcome, kind, value, f"({matches}) AND {_GAINED}", _OF_FINDINGS)
    return found


def _rows(outcome: Outcome, kind: FootholdKind, value: str, where: str, more: str = "") -> list[Foothold]:
    last = _LAST_GAINED if kind is FootholdKind.WAY_IN else _LAST
    rows = outcome.store.rows(_SELECT.format(value=value, where=where, more=more, last=last))
    return [Foothold(kind, *row) for row in rows]
