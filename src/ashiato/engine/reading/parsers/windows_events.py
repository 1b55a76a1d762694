"""Windows events: those of an EVTX file, and exports of one a line (JSON, as ``evtx_dump -o jsonl``; XML).

All that an event names is in ``unmapped``, under the names that Sigma rules use.

Sources, read 2026-11-22: Microsoft "Appendix L: Events to Monitor", "4624(S)", "4625(F)", "4688(S)".
"""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from ashiato.engine.reading.blocks import Block
from ashiato.engine.reading.cloud_calls import Row, address_of
from ashiato.engine.reading.event_texts import event_of_text, is_event_text
from ashiato.engine.reading.evtx_fields import Value, fields_of_event
from ashiato.engine.reading.json_values import load_json
from ashiato.engine.reading.parser import NOTHING, Parsed
from ashiato.engine.reading.rows import RowParser

_SIGN_INS = {"4624": "success", "4625": "failure", "4776": None}
_SIGN_OUTS = frozenset({"4634", "4647"})
_USERS = ("TargetUserName", "SubjectUserName", "User", "AccountName", "UserName")
_ACTORS = ("SubjectUserName", "User", "UserName", "TargetUserName", "AccountName")
_PEERS = ("IpAddress", "SourceIp", "SourceAddress", "ClientAddress", "Address")
_PORTS = ("IpPort", "SourcePort", "ClientPort")
_PROGRAMS = ("Image", "NewProcessName", "ProcessName", "Application", "HostApplication")
_COMMANDS = ("CommandLine", "ProcessCommandLine", "ScriptBlockText", "Payload", "ImagePath")
_UNSAID = ("", "-", None)
Fields = Mapping[str, Value]


class WindowsEvents(RowParser):
    """Reads an event with its moment."""

    name = "windows-events"

    def parse(self, block: Block) -> Parsed:
        """Read the lines that are events."""
        return super().parse(block) if b'"Event"' in block.content or b"<Event" in block.content else NOTHING

    def row_of(self, line: bytes) -> Row | None:
        """Read one line."""
        try:
            event = _event_of(line)
        except ValueError:
            return None
        fields = fields_of_event(event) if isinstance(event, dict) else {}
        moment = self._clock.read(str(fields.get("TimeCreated_SystemTime", "")))
        if moment is None:
            return None
        return {"time_us": moment[0], "time_step_us": moment[1], **_row_of(fields)}


def _event_of(line: bytes) -> object:
    if line.startswith(b'{"Event"'):
        return load_json(line.decode("utf-8", "replace"))
    return event_of_text(line) if is_event_text(line) else None


def _row_of(fields: Fields) -> Row:
    number = str(fields.get("EventID", ""))
    is_security = "security" in str(fields.get("Channel", "")).lower()
    kind = "host-event"
    status = None
    if is_security and number in _SIGN_INS:
        kind, status = "host-sign-in", _SIGN_INS[number] or _outcome(fields)
    elif is_security and number in _SIGN_OUTS:
        kind = "host-sign-out"
    peer = _first(fields, _PEERS)
    return {
        "record_kind": kind,
        "activity_name": number,
        "status": status,
        "actor_user_name": _first(fields, _ACTORS if kind == "host-event" else _USERS),
        "src_endpoint_ip": address_of(peer),
        "src_endpoint_port": _first(fields, _PORTS),
        "device_hostname": _first(fields, ("Computer",)),
        "process_name": _first(fields, _PROGRAMS),
        "process_pid": _number(_first(fields, ("ProcessId", "NewProcessId", "ProcessID"))),
        "message": _first(fields, _COMMANDS),
        "unmapped": orjson.dumps(dict(fields)).decode(),
    }


def _outcome(fields: Fields) -> str:
    return "success" if str(fields.get("Status", "")).strip("0x") == "" else "failure"


def _first(fields: Fields, names: tuple[str, ...]) -> str | None:
    return next((str(fields[name]) for name in names if fields.get(name) not in _UNSAID), None)


def _number(text: str | None) -> int | None:
    try:
        number = None if text is None else int(text, 16 if text.startswith("0x") else 10)
    except ValueError:
        return None
    return number if number is not None and 0 <= number < 1 << 62 else None
