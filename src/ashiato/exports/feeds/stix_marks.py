"""What the intruder can be known again by: addresses, user agents and paths; nothing that names a person.

An address is observed whoever else has it, and tells the intruder where most that came from there is
theirs: an office they came through is none to be blocked. A user agent counts only where
nobody honest had it; a path only where a rule on requests fired, nobody honest asked for it, and it was
refused or is a planted script's. It stands without its query, with every part left open that could be a
record's key or somebody's name (digits, ``@``, escapes, letters beyond ASCII). What the data map names as a
route with such a part is left out: that is the application's, not theirs.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from ashiato.datamap.model import DataMap
from ashiato.engine.api import RouteBook, Store

_PLAIN_PART = re.compile(r"[A-Za-z_.~-]{1,40}")
_LONGEST_AGENT = 512
_HEADER = "network-traffic:extensions.'http-request-ext'"

_SEEN = """
    SELECT events.{column} AS value, count(intrusion.event_id) AS hostile,
        count(*) - count(intrusion.event_id) AS others,
        min(events.start_us) FILTER (WHERE intrusion.event_id IS NOT NULL) AS first_us,
        max(coalesce(events.end_us, events.start_us)) FILTER (WHERE intrusion.event_id IS NOT NULL) AS last_us
    FROM events LEFT JOIN intrusion ON intrusion.event_id = events.event_id
    WHERE events.event_kind IN ('http', 'auth', 'api') AND events.{column} IS NOT NULL
    GROUP BY events.{column}
    HAVING count(intrusion.event_id) > 0
    ORDER BY value
"""
_PATHS = """
    WITH fired AS (
        SELECT held.event_id, bool_or(findings.rule IN ('web-planted-script', 'web-shell-command')) AS planted
        FROM finding_events AS held JOIN findings ON findings.finding_id = held.finding_id
        WHERE findings.rule_kind = 'rule' GROUP BY held.event_id
    ),
    honest AS (
        SELECT DISTINCT events.http_request_path FROM events
        LEFT JOIN intrusion ON intrusion.event_id = events.event_id
        WHERE intrusion.event_id IS NULL AND events.http_request_path IS NOT NULL
    )
    SELECT coalesce(events.http_request_method, 'GET'), events.http_request_path, count(*),
        min(events.start_us), max(coalesce(events.end_us, events.start_us))
    FROM events JOIN intrusion ON intrusion.event_id = events.event_id
    JOIN fired ON fired.event_id = events.event_id
    LEFT JOIN honest ON honest.http_request_path = events.http_request_path
    WHERE events.http_request_path IS NOT NULL AND honest.http_request_path IS NULL
    GROUP BY 1, 2 HAVING min(coalesce(events.http_response_code, 0)) >= 400 OR bool_or(fired.planted)
    ORDER BY ALL
"""


@dataclass(frozen=True)
class Mark:
    """One thing the intruder came with, how often and when, and the STIX pattern that finds it again."""

    kind: str
    value: str
    pattern: str
    events: int
    others: int
    first_us: int
    last_us: int
    observable: str | None = None

    @property
    def tells(self) -> bool:
        """Whether what has it is the intruder's more often than not."""
        return self.events > self.others

    @property
    def name(self) -> str:
        """Return what it is, in a word and its value."""
        return f"{self.kind}: {self.value}"


def gather_marks(store: Store, datamap: DataMap) -> list[Mark]:
    """Return what the hostile events have in common, in a fixed order."""
    return [*_addresses(store), *_agents(store), *_paths(store, datamap)]


def _addresses(store: Store) -> list[Mark]:
    marks = []
    for value, hostile, others, first, last in store.rows(_SEEN.format(column="src_endpoint_ip")):
        kind = _kind_of(value)
        if kind:
            pattern = f"[{kind}:value = {_text(value)}]"
            marks.append(Mark("address", value, pattern, hostile, others, first, last, kind))
    return marks


def _kind_of(text: str) -> str | None:
    try:
        version = ipaddress.ip_address(text).version
    except ValueError:
        return None
    return f"ipv{version}-addr"


def _agents(store: Store) -> list[Mark]:
    rows = store.rows(_SEEN.format(column="http_request_user_agent"))
    return [
        Mark("user-agent", value, f"[{_HEADER}.request_header.'User-Agent' = {_text(value)}]", *counts)
        for value, *counts in rows
        if counts[1] == 0 and len(value) <= _LONGEST_AGENT
    ]


def _paths(store: Store, datamap: DataMap) -> list[Mark]:
    book = RouteBook(datamap.routes)
    found: dict[str, list[tuple[int, int, int]]] = {}
    for method, path, events, first, last in store.rows(_PATHS):
        route = book.find(method, path)
        if route is None or "{" not in book.routes[route].path:
            found.setdefault(_opened(path), []).append((events, first, last))
    return [
        Mark(
            "path",
            path,
            f"[{_HEADER}.request_value LIKE {_text(_like(path))}]",
            sum(events for events, _, _ in seen),
            0,
            min(first for _, first, _ in seen),
            max(last for _, _, last in seen),
        )
        for path, seen in sorted(found.items())
        if path.strip("/*")
    ]


def _opened(path: str) -> str:
    """Return a path with ``*`` for every part that may name a record or a person."""
    return "/".join(part if not part or _PLAIN_PART.fullmatch(part) else "*" for part in path.split("/"))


def _like(path: str) -> str:
    """Return a path as a LIKE pattern that also takes a query."""
    return path.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("*", "%") + "%"


def _text(value: str) -> str:
    """Return a text as a string of a STIX pattern."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
