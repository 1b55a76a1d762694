"""Every format there is, in the order of trying: of two that read a file alike, the first has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ashiato.engine.reading.forwarded import Proxies
from ashiato.engine.reading.json_keys import KeyMap
from ashiato.engine.reading.parser import Parser
from ashiato.engine.reading.parsers.auditd import AuditLog
from ashiato.engine.reading.parsers.caddy import CaddyLog
from ashiato.engine.reading.parsers.cloudtrail import CloudTrail
from ashiato.engine.reading.parsers.containers import Container, JsonWrapping
from ashiato.engine.reading.parsers.haproxy import HaproxyLog
from ashiato.engine.reading.parsers.journal import JournalExport
from ashiato.engine.reading.parsers.json_lines import JsonLines, Outcome
from ashiato.engine.reading.parsers.key_values import KeyValueLines
from ashiato.engine.reading.parsers.load_balancers import LoadBalancerLog
from ashiato.engine.reading.parsers.microsoft_audit import MicrosoftAudit
from ashiato.engine.reading.parsers.mysql_audit import MysqlAudit
from ashiato.engine.reading.parsers.mysql_errors import MysqlErrors
from ashiato.engine.reading.parsers.mysql_general import MysqlGeneral
from ashiato.engine.reading.parsers.mysql_slow import MysqlSlow
from ashiato.engine.reading.parsers.postgres_csv import PostgresCsv
from ashiato.engine.reading.parsers.postgres_json import PostgresJson
from ashiato.engine.reading.parsers.postgres_text import PostgresText
from ashiato.engine.reading.parsers.s3_access import S3Access
from ashiato.engine.reading.parsers.server_audit import ServerAudit
from ashiato.engine.reading.parsers.server_errors import ServerErrors
from ashiato.engine.reading.parsers.syslog import Syslog
from ashiato.engine.reading.parsers.w3c import W3cLog
from ashiato.engine.reading.parsers.windows_events import WindowsEvents
from ashiato.engine.reading.parsers.wrapped import Wrapped
from ashiato.engine.reading.times import Clock


@dataclass(frozen=True)
class Manner:
    """How one source writes: its clock (and the one for formats in UTC), its keys, what marks its outcomes.

    ``proxies`` are the operator's own, ``line_prefixes`` those of sealed PostgreSQL configurations.
    """

    clock: Clock
    utc: Clock
    keys: KeyMap
    outcome: Outcome
    proxies: Proxies
    line_prefixes: tuple[str, ...] = ()


def offered(manner: Manner, web: Sequence[Parser]) -> list[Parser]:
    """Return the parsers for one source; ``web`` are those of written log formats."""
    databases = [*_cloud(manner), *_postgres(manner), *_mysql(manner)]
    others = [*_servers(manner), *web, *_written(manner)]
    return [*databases, *_wrapped(manner, [*databases, *others]), *others]


def _wrapped(manner: Manner, inner: Sequence[Parser]) -> list[Parser]:
    kinds = (Syslog, JsonWrapping, Container, JournalExport)
    return [Wrapped(kind(manner.clock), inner) for kind in kinds]


def _cloud(manner: Manner) -> list[Parser]:
    audit = MicrosoftAudit(manner.utc)
    return [S3Access(manner.clock), CloudTrail(manner.clock), audit, WindowsEvents(manner.clock)]


def _postgres(manner: Manner) -> list[Parser]:
    texts = [PostgresText(manner.clock, prefix) for prefix in (*manner.line_prefixes, None)]
    return [PostgresCsv(manner.clock), PostgresJson(manner.clock), *texts]


def _mysql(manner: Manner) -> list[Parser]:
    return [
        MysqlGeneral(manner.clock),
        MysqlSlow(manner.clock),
        ServerAudit(manner.clock),
        *_mysql_servers(manner),
    ]


def _mysql_servers(manner: Manner) -> list[Parser]:
    return [MysqlErrors(manner.clock), MysqlAudit(manner.clock)]


def _servers(manner: Manner) -> list[Parser]:
    clock = manner.clock
    balancers = [LoadBalancerLog("aws-alb", clock), LoadBalancerLog("aws-elb", clock), HaproxyLog(clock)]
    errors = [ServerErrors("nginx-error", clock), ServerErrors("apache-error", clock)]
    return [W3cLog(manner.utc, manner.proxies), CaddyLog(clock), *balancers, *errors, AuditLog(clock)]


def _written(manner: Manner) -> list[Parser]:
    understood = (manner.keys, manner.clock, manner.outcome, manner.proxies)
    return [JsonLines("json-lines", *understood), KeyValueLines("key-values", *understood)]
