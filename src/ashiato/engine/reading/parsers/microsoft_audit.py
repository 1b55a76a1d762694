"""Microsoft 365's unified audit log: JSON lines, or the CSV export whose column ``AuditData`` holds the JSON.

Source: Microsoft Purview "Export, configure, and view audit log records", "Office 365 Management Activity API
schema" (read 2026-11-22). Its times are UTC and say so nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

from ashiato.engine.reading.blocks import Block
from ashiato.engine.reading.cloud_calls import Row, address_of
from ashiato.engine.reading.json_keys import text_of_value
from ashiato.engine.reading.json_values import load_json
from ashiato.engine.reading.parser import NOTHING, Parsed
from ashiato.engine.reading.quoted_fields import fields_of
from ashiato.engine.reading.rows import RowParser

_SIGN_INS = {"UserLoggedIn": "success", "UserLoginFailed": "failure"}
_ACTIVITIES = {
    "FileDownloaded": "read", "FileAccessed": "read", "FileAccessedExtended": "read", "FilePreviewed": "read",
    "FileSyncDownloadedFull": "read", "MailItemsAccessed": "read", "FileCopied": "copy",
    "FileUploaded": "write", "FileModified": "write", "FileDeleted": "delete",
}  # fmt: skip
_ADDRESS = re.compile(r"\[?(?P<ip>[0-9A-Fa-f.:]+?)\]?(?::(?P<port>\d{1,5}))?")
_MEANT = frozenset({"CreationTime", "Operation", "UserId", "Workload", "ClientIP", "UserAgent"})


class MicrosoftAudit(RowParser):
    """Reads a line's record."""

    name = "m365-audit"

    def is_heading(self, line: bytes) -> bool:
        """Tell whether a line names the columns of the export."""
        return b"AuditData" in line and b"CreationDate" in line and b"{" not in line

    def parse(self, block: Block) -> Parsed:
        """Read the lines that are records."""
        return super().parse(block) if b"CreationTime" in block.content else NOTHING

    def row_of(self, line: bytes) -> Row | None:
        """Read one line."""
        if b"CreationTime" not in line or b"Workload" not in line:
            return None
        said = _record_in(line.decode("utf-8", "replace").lstrip("\ufeff").strip())
        if said is None or not isinstance(said.get("Operation"), str):
            return None
        moment = self._clock.read(text_of_value(said.get("CreationTime")) or "")
        return None if moment is None else {"time_us": moment[0], "time_step_us": moment[1], **_row_of(said)}


def _record_in(text: str) -> Mapping[str, Any] | None:
    try:
        if not text.startswith("{"):
            text = next((field for field in fields_of(text) if field.startswith("{")), "")
        said = load_json(text)
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


def _row_of(said: Mapping[str, Any]) -> Row:
    operation = said["Operation"]
    peer = text_of_value(said.get("ClientIP") or said.get("ClientIPAddress") or said.get("ActorIpAddress"))
    found = _ADDRESS.fullmatch(peer or "")
    rest = {key: value for key, value in said.items() if key not in _MEANT and value not in (None, "")}
    status = _SIGN_INS.get(operation)
    return {
        "record_kind": "api-call" if status is None else "sign-in",
        "status": status,
        "activity_name": _ACTIVITIES.get(operation) if status is None else operation,
        "actor_user_name": text_of_value(said.get("UserId")),
        "src_endpoint_ip": address_of(found["ip"]) if found else None,
        "src_endpoint_port": found["port"] if found else None,
        "http_request_user_agent": text_of_value(said.get("UserAgent")) or _agent_in(said),
        "api_operation": operation,
        "api_service_name": text_of_value(said.get("Workload")),
        "api_request_uid": text_of_value(said.get("Id")),
        "databucket_name": text_of_value(said.get("SiteUrl") or said.get("MailboxOwnerUPN")),
        "databucket_file_path": text_of_value(said.get("ObjectId")) if operation in _ACTIVITIES else None,
        "unmapped": orjson.dumps(rest).decode(),
    }


def _agent_in(said: Mapping[str, Any]) -> str | None:
    """The user agent where a sign-in keeps it: in a list of names and values."""
    pairs = said.get("ExtendedProperties")
    for pair in pairs if isinstance(pairs, list) else ():
        if isinstance(pair, dict) and pair.get("Name") == "UserAgent":
            return text_of_value(pair.get("Value"))
    return None
