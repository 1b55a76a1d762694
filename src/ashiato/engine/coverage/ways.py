"""The ways to a system's records, and for each whether its log's silence proves absence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ashiato.datamap.model import DataMap, System
from ashiato.engine.coverage.log_facts import Log
from ashiato.engine.coverage.rights import EVERYBODY, Rights
from ashiato.engine.store import Row, Store
from ashiato.terms.proof_gaps import ProofGap

_LOGGING = ("log_", "logging_", "session_preload", "local_preload")
# Rules that show the host behind the site or the database was reached, or a file of it fetched.
_HOST_RULES = (
    "database-host-reached", "web-command-injection", "web-path-traversal", "web-planted-script",
    "web-server-side-request", "web-known-weakness", "database-backup-fetched",
)  # fmt: skip
_HOST = """
SELECT f.rule, count(DISTINCT e.event_id) FROM findings AS f
JOIN finding_events AS x ON x.finding_id = f.finding_id
JOIN events AS e ON e.event_id = x.event_id
WHERE e.event_kind <> 'http' OR coalesce(e.http_response_code, 200) < 400
GROUP BY f.rule ORDER BY f.rule
"""
_OTHER = """
SELECT e.event_kind, count(*) FROM intrusion AS i JOIN events AS e ON e.event_id = i.event_id
WHERE e.event_kind NOT IN ('http', 'sql', 'auth', 'connection') GROUP BY e.event_kind ORDER BY e.event_kind
"""
# A tool's or a statement's copy of whole tables that stays somewhere as a file.
_COPIES = """
SELECT coalesce(database_user_name, '?'), count(*) FROM events
WHERE event_kind = 'sql' AND start_us >= {since}
  AND (coalesce(database_application, '') LIKE 'pg_dump%'
       OR regexp_matches(query_text, '(?i)^\\s*copy\\b.*\\bto\\s'))
GROUP BY 1 ORDER BY 1
"""
_RIGHTS_CHANGED = """
SELECT count(*) FROM events
WHERE event_kind = 'sql' AND start_us >= {since} AND error_code IS NULL AND error_text IS NULL
  AND regexp_matches(query_text, '(?i)^\\s*(grant|revoke|reassign|security|create\\s+extension'
    || '|(create|alter|drop)\\s+(role|user|group|database|system|server)|alter\\s+default|set\\s+role'
    || '|set\\s+(session|local)?\\s*(session\\s+)?authorization)\\b')
"""
_SETTINGS_CHANGED = """
SELECT count(*) FROM events
WHERE event_kind = 'sql' AND start_us >= {since}
  AND regexp_matches(query_text,
    '(?i)(\\blog_(statement|min_|duration|destination|error|line|transaction|param)'
    || '|logging_collector|pg_rotate_logfile|pg_reload_conf)')
  AND NOT regexp_matches(query_text, '(?i)^\\s*show\\s')
"""
_WRITES = """
SELECT count(*) FROM events
WHERE event_kind = 'sql' AND start_us >= {since}
  AND regexp_matches(query_text, '(?i)\\b(insert|update|delete|merge|truncate)\\b')
"""
_USERS = """
SELECT DISTINCT r.database_user_name
FROM records AS r JOIN coverage_sources AS s ON s.evidence_id = r.evidence_id
WHERE s.source = ? AND r.database_user_name IS NOT NULL AND coalesce(r.activity_name, '') <> 'refused'
ORDER BY 1
"""
_HOSTILE_USERS = """
SELECT DISTINCT e.database_user_name FROM intrusion AS i JOIN events AS e ON e.event_id = i.event_id
WHERE e.database_user_name IS NOT NULL
"""


@dataclass(frozen=True)
class WayRow:
    """One way to a system's records; ``gaps`` empty: its log's silence proves absence.

    ``table``: the only people table it leads to, or None for any.
    """

    kind: str
    way: str
    gaps: tuple[str, ...] = ()
    table: str | None = None


@dataclass(frozen=True)
class WayFinder:
    """Finds the ways to one system's records; ``since_us``: from when on what was done counts."""

    store: Store
    datamap: DataMap
    system: System
    rights: Rights
    since_us: int

    def find(self, log: Log, log_gaps: list[str]) -> list[WayRow]:
        """Return the ways, those through the database as good as its log."""
        found = [*self._users(log), *self._routes()]
        through = [WayRow(way.kind, way.way, (*log_gaps, *way.gaps)) for way in found]
        return [*through, self._database(log), *self._apart(log)]

    def _users(self, log: Log) -> Iterator[WayRow]:
        seen = {name for (name,) in self.store.rows(_USERS, [log.source])}
        hostile = {name for (name,) in self.store.rows(_HOSTILE_USERS)}
        told = {name for name, role in self.rights.roles.items() if role.login and role.superuser is not None}
        for name in sorted(seen | told):
            trusted = name in self.datamap.accounts.machines and name not in hostile
            yield WayRow("database-user", name, () if trusted else tuple(self._user_gaps(name)))

    def _user_gaps(self, name: str) -> Iterator[str]:
        strong = self.rights.is_strong(name)
        if strong is None:
            yield ProofGap.ROLE_UNKNOWN.told(user=name)
        elif strong:
            yield ProofGap.CAN_CHANGE_LOGGING.told(user=name)
        for each in (
            name,
            EVERYBODY,
            *(other for other in self.rights.roles if other.startswith("database ")),
        ):
            role = self.rights.roles.get(each)
            if role and any(setting.startswith(_LOGGING) for setting in role.settings):
                yield ProofGap.LOGGING_DIFFERS.told(user=each)

    def _routes(self) -> Iterator[WayRow]:
        first = next(iter(self.datamap.systems))
        for route in self.datamap.routes:
            if (route.system or first) == self.system.name:
                yield WayRow("route", f"{'/'.join(route.methods)} {route.path}".strip())

    def _database(self, log: Log) -> WayRow:
        return WayRow("database", self.system.name, tuple(self._database_gaps(log)))

    def _database_gaps(self, log: Log) -> Iterator[str]:
        if not any(role.superuser is not None for role in self.rights.roles.values()) or self.rights.unread:
            yield ProofGap.RIGHTS_NOT_TOLD.told(unread=self.rights.unread)
        if not self.rights.tables:
            yield ProofGap.SCHEMA_NOT_TOLD.told()
        for sql, gap in (
            (_RIGHTS_CHANGED, ProofGap.RIGHTS_CHANGED),
            (_SETTINGS_CHANGED, ProofGap.SETTINGS_CHANGED),
        ):
            if count := self._count(sql):
                yield gap.told(statements=count)
        if self.rights.hidden_writes and self._count(_WRITES):
            yield ProofGap.HIDDEN_WRITES.told(by="+".join(sorted(self.rights.hidden_writes)))
        if "fastpath" in log.messages:
            yield ProofGap.BEYOND_READING.told(command="fastpath")
        if len(self.datamap.systems) > 1:
            yield ProofGap.SEVERAL_SYSTEMS.told(systems=len(self.datamap.systems))

    def _apart(self, log: Log) -> Iterator[WayRow]:
        """Yield the ways that no statement shows: copies, objects, the hosts themselves."""
        made = [*self.store.rows(_COPIES.format(since=self.since_us))]
        if (replicated := log.messages.get("replicated")) is not None:
            made.append(("replication", replicated.lines))
        for who, count in made:
            gap = () if self.system.copies_apart else (ProofGap.COPIES_MADE.told(by=who, statements=count),)
            yield WayRow("copies", str(who), gap)
        for place in self.datamap.objects:
            for table in (None,) if place.holds is None else place.holds:
                yield WayRow("objects", place.keys, (ProofGap.OBJECTS_APART.told(keys=place.keys),), table)
        for rule, count in self.store.rows(_HOST):
            if rule in _HOST_RULES:
                yield WayRow("host", rule, (ProofGap.HOST_REACHED.told(sign=rule, events=count),))
        for kind, count in self.store.rows(_OTHER):
            yield WayRow("other", kind, (ProofGap.OTHER_TRACE.told(kind=kind, events=count),))

    def _count(self, sql: str) -> int:
        rows: list[Row] = self.store.rows(sql.format(since=self.since_us))
        return int(rows[0][0])
