"""What a PostgreSQL server's message says, whatever format carried it.

Sources: PostgreSQL 17 "Error Reporting and Logging", pgAudit 17 README "Format" (read 2026-11-22).
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from typing import Any

import orjson

Row = dict[str, Any]

_DURATION = re.compile(r"duration: (?P<ms>\d+(?:\.\d+)?) ms(?:\s+(?P<rest>.*))?", re.DOTALL)
#: What most messages are, told apart without the whole of :func:`interpret`.
BARE_DURATION = r"^duration: [0-9]+\.[0-9]{3} ms$"
STATEMENT_BEGINS = "statement: "
_STATEMENT = re.compile(r"(?:statement|(?P<step>execute|parse|bind)(?: [^:\n]*)?): (?P<sql>.*)", re.DOTALL)
_PARAMETERS = re.compile(r"(?:query )?parameters: (?P<binds>.*)", re.DOTALL | re.IGNORECASE)
#: What an EXECUTE runs.
_PREPARED = re.compile(r"prepare: (?P<sql>.*)", re.DOTALL)
_RECEIVED = re.compile(r"connection received: host=(?P<host>\S+)(?: port=(?P<port>\d+))?")
_AUTHORIZED = re.compile(
    r"(?:replication )?connection authori[sz]ed: user=(?P<user>.*?)"
    r"(?: database=(?P<database>.*?))?(?: application_name=(?P<application>.*?))?(?: SSL enabled.*| GSS.*)?"
)
_ENDED = re.compile(
    r"disconnection: session time: (?P<h>\d+):(?P<m>\d\d):(?P<s>\d\d)\.(?P<f>\d+)"
    r" user=(?P<user>.*?) database=(?P<database>.*?) host=(?P<host>\S+)(?: port=(?P<port>\d+))?"
)
_REFUSED = re.compile(
    r'.*authentication failed for user "(?P<user>.*)"|no pg_hba\.conf entry for .*', re.DOTALL
)
#: Severities that end a statement or a connection.
GRAVE = frozenset({"ERROR", "FATAL", "PANIC"})
_UNSAID = frozenset({"", "<none>", "<not logged>"})
_AUDIT_FIELDS = (
    "audit_type", "audit_statement", "audit_substatement", "class", "command", "object_type", "object",
    "statement", "parameters",
)  # fmt: skip


@dataclass(frozen=True)
class ServerMessage:
    """The parts of one message that its meaning depends on."""

    severity: str
    message: str
    detail: str | None = None
    statement: str | None = None
    sql_state: str | None = None


def interpret(said: ServerMessage) -> Row:
    """Return the columns (and ``record_kind``) that a message fills."""
    if said.severity in GRAVE:
        return _error(said)
    message = said.message
    if message.startswith("AUDIT: "):
        return _audit(message[7:]) or _plain(said)
    if message.startswith("duration: "):
        return _timed(said) or _plain(said)
    if found := _STATEMENT.fullmatch(message):
        return _ran(found, said.detail)
    if message.startswith(("connection ", "disconnection: ", "replication connection ")):
        return _connection(message)
    return _plain(said)


def _plain(said: ServerMessage) -> Row:
    return {"record_kind": "sql-message", "message": said.message, "query_text": said.statement}


def _error(said: ServerMessage) -> Row:
    row: Row = {"status": "failure", "error_text": said.message, "error_code": said.sql_state}
    refused = _REFUSED.fullmatch(said.message) if said.severity == "FATAL" else None
    if refused or (said.sql_state or "").startswith("28"):
        user = refused["user"] if refused else None
        return {
            **row,
            "record_kind": "sql-connection",
            "activity_name": "refused",
            "database_user_name": user,
        }
    row |= {"record_kind": "sql-error", "activity_name": said.severity, "query_text": said.statement}
    if binds := _binds(said.detail):
        row["query_binds"] = binds
    return row


def _timed(said: ServerMessage) -> Row | None:
    found = _DURATION.fullmatch(said.message)
    if found is None:
        return None
    duration_us = round(float(found["ms"]) * 1000)
    rest = _STATEMENT.fullmatch(found["rest"]) if found["rest"] else None
    if rest is None:
        said_beside = {"message": found["rest"]} if found["rest"] else {}
        return {"record_kind": "sql-duration", "duration_us": duration_us, **said_beside}
    return {**_ran(rest, said.detail), "duration_us": duration_us}


def _ran(found: re.Match[str], detail: str | None) -> Row:
    step = found["step"] or "statement"
    kind = "sql-duration" if step in ("parse", "bind") else "sql-statement"
    row: Row = {"record_kind": kind, "activity_name": step, "query_text": found["sql"]}
    if binds := _binds(detail):
        row["query_binds"] = binds
    if detail and (prepared := _PREPARED.fullmatch(detail)):
        row["unmapped"] = orjson.dumps({"prepare": prepared["sql"]}).decode()
    return row


def _binds(detail: str | None) -> str | None:
    found = _PARAMETERS.fullmatch(detail) if detail else None
    return found["binds"] if found else None


def _audit(text: str) -> Row | None:
    try:
        fields = next(csv.reader([text], strict=True))
    except (csv.Error, StopIteration):
        return None
    if len(fields) not in (9, 10):
        return None
    said = dict(zip(_AUDIT_FIELDS, fields, strict=False))
    beside = {
        "audit_type": said["audit_type"],
        "statement_id": _number(said["audit_statement"]),
        "substatement_id": _number(said["audit_substatement"]),
    }
    if said["object_type"]:
        beside["object_type"] = said["object_type"]
    return {
        "record_kind": "sql-audit",
        "activity_name": said["class"] or None,
        "query_command": said["command"] or None,
        "query_objects": said["object"] or None,
        "query_text": said["statement"] if said["statement"] != "<previously logged>" else None,
        "query_binds": None if said["parameters"] in _UNSAID else said["parameters"],
        "query_rows": _number(fields[9]) if len(fields) == 10 else None,
        "unmapped": orjson.dumps(beside).decode(),
    }


def _connection(message: str) -> Row:
    row: Row = {"record_kind": "sql-connection"}
    if found := _RECEIVED.fullmatch(message):
        return {**row, "activity_name": "received", **_peer(found)}
    if found := _AUTHORIZED.fullmatch(message):
        said = {"database_user_name": found["user"], "database_name": found["database"]}
        application = found["application"]
        return {
            **row,
            "activity_name": "authorized",
            "status": "success",
            **said,
            "database_application": application,
        }
    if found := _ENDED.fullmatch(message):
        said = {"database_user_name": found["user"], "database_name": found["database"]}
        return {**row, "activity_name": "ended", "duration_us": _session_us(found), **said, **_peer(found)}
    word = "authenticated" if message.startswith("connection authenticated") else None
    return {**row, "activity_name": word, "message": message}


def _peer(found: re.Match[str]) -> Row:
    host, port = found["host"], found["port"]
    return {
        "src_endpoint_ip": None if host == "[local]" else host,
        "src_endpoint_port": int(port) if port else None,
    }


def _session_us(found: re.Match[str]) -> int:
    seconds = int(found["h"]) * 3600 + int(found["m"]) * 60 + int(found["s"])
    return seconds * 1_000_000 + int(found["f"][:6].ljust(6, "0"))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
