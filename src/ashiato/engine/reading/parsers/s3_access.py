"""Amazon S3 server access logs: one line per request, fields parted by blanks, new ones at the end.

Source: "Amazon S3 server access log format", read 2026-11-22. Stores that write the same format
(Ceph, MinIO gateways, Wasabi) are read too; fields they leave out at the end are no fault.
"""

from __future__ import annotations

import re

import orjson

from ashiato.engine.reading.cloud_calls import Row, activity_of, actor_of, address_of, key_of
from ashiato.engine.reading.rows import RowParser

_FIELDS = (
    ("owner", r"\S+"), ("bucket", r"\S+"), ("time", r"\[[^\]]{10,40}\]"), ("address", r"\S+"),
    ("requester", r"\S+(?: [^\s\[]+)??"), ("request", r"\S+"),
    ("operation", r"[A-Z][A-Z0-9]*\.[A-Z0-9_.]+"),
    ("key", r"\S+"), ("uri", r'".*?"|-'), ("status", r"\d{3}|-"), ("error", r"[A-Za-z0-9.-]+|-"),
    ("sent", r"\d+|-"), ("size", r"\d+|-"), ("total", r"\d+|-"), ("turnaround", r"\d+|-"),
)  # fmt: skip
_LINE = re.compile(
    " ".join(f"(?P<{name}>{text})" for name, text in _FIELDS) + r"(?P<rest>(?: .*)?)", re.DOTALL
)
#: Quoted, a client's own words may hold quotes; what follows a user agent is the object's version.
_REST = re.compile(
    r' (?P<referrer>".*?"|-) (?P<agent>".*"|-)(?: (?P<version>\S+))?(?P<more>(?: [^"]*)?)', re.DOTALL
)


class S3Access(RowParser):
    """Reads S3 server access logs, line by line."""

    name = "s3-access"

    def row_of(self, line: bytes) -> Row | None:
        """Read one line."""
        found = _LINE.fullmatch(line.decode("utf-8", "replace"))
        moment = self._clock.read(found["time"]) if found else None
        if found is None or moment is None:
            return None
        said = {name: None if value == "-" else value for name, value in found.groupdict().items()}
        rest = _REST.fullmatch(found["rest"])
        row: Row = {
            "record_kind": "api-call",
            "time_us": moment[0],
            "time_step_us": moment[1],
            "src_endpoint_ip": address_of(said["address"]),
            "actor_user_name": actor_of(said["requester"]),
            "api_operation": said["operation"],
            "api_service_name": "s3.amazonaws.com",
            "api_request_uid": said["request"],
            "activity_name": activity_of(said["operation"]),
            "databucket_name": said["bucket"],
            "databucket_file_path": key_of(said["key"]),
            "databucket_file_size": said["size"],
            "http_response_code": said["status"],
            "http_response_body_bytes": said["sent"],
            "error_code": said["error"],
            "duration_us": _microseconds(said["total"]),
        }
        if rest is not None:
            row["http_request_user_agent"] = _unquoted(rest["agent"])
            row["http_request_referrer"] = _unquoted(rest["referrer"])
            row["databucket_file_version"] = rest["version"]
        row["unmapped"] = orjson.dumps({"request_uri": _unquoted(said["uri"] or "-")}).decode()
        return row


def _microseconds(milliseconds: str | None) -> str | None:
    return None if milliseconds is None else f"{milliseconds}000"


def _unquoted(text: str) -> str | None:
    inside = text[1:-1] if text.startswith('"') else text
    return None if inside in ("", "-") else inside
