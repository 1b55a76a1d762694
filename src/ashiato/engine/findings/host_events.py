"""What machines tell of themselves, in the shape that Sigma's rules on hosts ask about.

Records of Windows, of the Linux audit daemon and of programs keep most of what they say in ``unmapped``. Of
those only the fields that some rule asks for are taken out, batch by batch. One event of the audit daemon is
several records, and rules look at each by itself.

Source: Sigma specification 2.1, taxonomy appendix (``product: linux``, ``service: auditd``, and the fields of
``process_creation`` and ``file_event``), read 2026-11-22.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson
import pyarrow as pa

from ashiato.engine.sigma.predicates import ALWAYS, Atom, Node, Or, Text, Wild
from ashiato.engine.sigma.sources import LogSource, Source
from ashiato.engine.sigma.windows import WINDOWS, windows_source
from ashiato.engine.store import Station, Store
from ashiato.engine.tables import EVENTS

#: The working table that all events below are rows of.
HOST_TABLE = "finding_host_events"
_AUDIT, _PROCESSES, _FILES = "linux_audit", "linux_processes", "linux_files"
_SUDO, _MESSAGES = "linux_sudo", "host_messages"
#: All that a record says, for rules that name no field: its values, one a line.
_WORDS = "all its words"
_AUDITD = ("auditd",)
_Fields: TypeAlias = Mapping[str, Any]

#: One row per event that a machine or a program on it tells of.
HOST_EVENTS = Station(
    HOST_TABLE, "SELECT e.* FROM events AS e WHERE e.event_kind IN ('host', 'message', 'app', 'auth')"
)
#: One row per such event: the visit it is part of, else all of its machine and account.
HOST_VISITS = Station(
    "finding_host_visits",
    f"""
    SELECT h.event_id, COALESCE(v.visit, 'h:' || COALESCE(h.device_hostname, '?')
               || COALESCE('|' || h.actor_user_name, '')) AS visit
    FROM {HOST_TABLE} AS h LEFT JOIN visits AS v ON v.event_id = h.event_id
    """,
)


@dataclass(frozen=True)
class _Kind:
    """Events of some formats, and how the flat records of one are read from its ``unmapped``."""

    formats: tuple[str, ...]
    records: Callable[[_Fields], Iterator[_Fields]]


def _of_windows(told: _Fields) -> Iterator[_Fields]:
    yield told


def _of_audit(told: _Fields) -> Iterator[_Fields]:
    yield from told.get("records") or ()


def _of_processes(told: _Fields) -> Iterator[_Fields]:
    """Yield the program that an event of the audit daemon starts, with the fields of ``process_creation``."""
    by_type = _by_type(told)
    if "EXECVE" in by_type:
        call, started = by_type.get("SYSCALL", {}), by_type["EXECVE"]
        words = [str(value) for name, value in started.items() if name[:1] == "a" and name[1:].isdigit()]
        yield {
            "Image": call.get("exe"),
            "CommandLine": " ".join(words),
            "CurrentDirectory": by_type.get("CWD", {}).get("cwd"),
            "User": call.get("AUID") or call.get("auid"),
            "ProcessId": call.get("pid"),
            "ParentProcessId": call.get("ppid"),
            "LogonId": call.get("ses"),
        }


def _of_files(told: _Fields) -> Iterator[_Fields]:
    """Yield the files that an event of the audit daemon makes, with the fields of ``file_event``."""
    call = _by_type(told).get("SYSCALL", {})
    for record in told.get("records") or ():
        if record.get("type") == "PATH" and record.get("nametype") == "CREATE":
            yield {"TargetFilename": record.get("name"), "Image": call.get("exe"), "User": call.get("AUID")}


def _of_sudo(told: _Fields) -> Iterator[_Fields]:
    """Yield the command run as another, with the names that sudo writes."""
    if "command" in told:
        yield {name.upper(): value for name, value in told.items()}


def _by_type(told: _Fields) -> dict[str, _Fields]:
    found: dict[str, _Fields] = {}
    for record in told.get("records") or ():
        found.setdefault(str(record.get("type")), record)
    return found


_KINDS = {
    WINDOWS: _Kind(("windows-events", "windows-events-evtx", "windows-events-array"), _of_windows),
    _AUDIT: _Kind(_AUDITD, _of_audit),
    _PROCESSES: _Kind(_AUDITD, _of_processes),
    _FILES: _Kind(_AUDITD, _of_files),
    _SUDO: _Kind(("linux-auth",), _of_sudo),
}
#: The tables of rules on hosts, each a view of ``HOST_TABLE``; most are of flat records.
FLAT_TABLES = tuple(_KINDS)
HOST_TABLES = (*FLAT_TABLES, _MESSAGES)
_LINUX = {"process_creation": _PROCESSES, "file_event": _FILES}
_LINUX_SERVICES = {"auditd": _AUDIT, "sudo": _SUDO}
#: What the programs of a service are called, in part.
_PROGRAMS = {
    "clamav": ("clam",),
    "cron": ("cron",),
    "guacamole": ("guacd",),
    "kernel": ("kernel",),
    "sshd": ("sshd",),
    "vsftpd": ("vsftpd",),
}


def host_source(log_source: LogSource) -> Source | None:
    """Return where the events of a machine's log source are, or None where it is none of these."""
    if log_source.product == "windows":
        return _worded(windows_source(log_source))
    if log_source.product != "linux":
        return None
    if log_source.category:
        return _worded(Source(_LINUX[log_source.category])) if log_source.category in _LINUX else None
    if log_source.service in _LINUX_SERVICES:
        return _worded(Source(_LINUX_SERVICES[log_source.service]))
    return _messages_of(log_source.service)


def _worded(source: Source | None) -> Source | None:
    return source and Source(source.table, source.columns, (_WORDS,), source.where)


def _messages_of(service: str) -> Source | None:
    columns = {name: name for name in EVENTS.columns}
    if service in ("", "syslog"):
        return Source(_MESSAGES, columns, ("message",), ALWAYS)
    if service == "auth":
        return Source(_MESSAGES, columns, ("message",), _is("source_format", "linux-auth"))
    named = [_is("process_name", Wild.ANY, part, Wild.ANY) for part in _PROGRAMS.get(service, ())]
    return Source(_MESSAGES, columns, ("message",), Or(tuple(named))) if named else None


def _is(column: str, *pieces: str | Wild) -> Node:
    return Atom(column, Text(pieces), column)


def columns_of_table(store: Store, table: str, asked: frozenset[str]) -> tuple[str, ...]:
    """Return the columns that rules may look at: a table's own, or all that are asked of flat records."""
    if table in _KINDS:
        return (*sorted(asked - {_WORDS}), _WORDS)
    return tuple(store.columns(table_of(table)))


def table_of(table: str) -> str:
    """Return the working table that the rows of a rule's table are in."""
    return HOST_TABLE if table in HOST_TABLES else table


def read_batches(store: Store, table: str, wanted: tuple[str, ...]) -> Iterator[pa.RecordBatch]:
    """Yield flat records with ``event_id``, ``start_us`` and the wanted fields; absent ones are NULL."""
    kind = _KINDS[table]
    formats = ", ".join(f"'{each}'" for each in kind.formats)
    sql = f"SELECT event_id, start_us, unmapped FROM {HOST_TABLE} WHERE source_format IN ({formats})"
    for batch in store.batches(f"{sql} AND unmapped IS NOT NULL", 10_000):
        yield _flat(batch, kind, wanted)


def _flat(batch: pa.RecordBatch, kind: _Kind, wanted: tuple[str, ...]) -> pa.RecordBatch:
    places: list[int] = []
    records: list[_Fields] = []
    for place, text in enumerate(batch.column("unmapped").to_pylist()):
        for record in kind.records(orjson.loads(text)):
            places.append(place)
            records.append(record)
    kept = batch.select(["event_id", "start_us"]).take(pa.array(places, pa.int64()))
    fields = [pa.array([_text_of(record, name) for record in records], pa.string()) for name in wanted]
    return pa.RecordBatch.from_arrays([*kept.columns, *fields], names=[*kept.schema.names, *wanted])


def _text_of(record: _Fields, name: str) -> str | None:
    if name == _WORDS:
        return "\n".join(spelled for value in record.values() if (spelled := _spelled(value)) is not None)
    return _spelled(record.get(name))


def _spelled(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)
