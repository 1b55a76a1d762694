"""AWS CloudTrail: one JSON object per call, as elements of ``Records`` or one per line.

Source: "CloudTrail record contents" and "Logging Amazon S3 API calls", read 2026-11-22. Exports from other
tools that keep the record's own keys and add theirs (``@timestamp``) are read too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from ashiato.engine.reading.cloud_calls import Row, activity_of, actor_of, address_of
from ashiato.engine.reading.json_keys import text_of_value
from ashiato.engine.reading.json_values import load_json
from ashiato.engine.reading.rows import RowParser

_TIMES = ("eventTime", "@timestamp", "EventTime")
_KEPT = (
    "awsRegion",
    "eventID",
    "eventType",
    "eventCategory",
    "recipientAccountId",
    "sharedEventID",
    "vpcEndpointId",
)


class CloudTrail(RowParser):
    """Reads CloudTrail records."""

    name = "cloudtrail"

    def row_of(self, line: bytes) -> Row | None:
        """Read one line."""
        record = _record_of(line)
        if record is None:
            return None
        time = next((text for name in _TIMES if isinstance(text := record.get(name), str)), "")
        moment = self._clock.read(time)
        if moment is None:
            return None
        row = _row_of(record)
        row["time_us"], row["time_step_us"] = moment
        return row


def _record_of(line: bytes) -> Mapping[str, Any] | None:
    text = line.removeprefix(b"\xef\xbb\xbf").strip()
    if not text.startswith(b"{") or b"eventName" not in text:
        return None
    try:
        record = load_json(text)
        # `aws cloudtrail lookup-events` keeps the record as text inside another.
        if isinstance(record, dict) and isinstance(record.get("CloudTrailEvent"), str):
            record = load_json(record["CloudTrailEvent"])
    except ValueError:
        return None
    if not isinstance(record, dict) or not isinstance(record.get("eventSource"), str):
        return None
    return record if isinstance(record.get("eventName"), str) else None


def _row_of(record: Mapping[str, Any]) -> Row:
    actor = _inside(record, "userIdentity")
    more = _inside(record, "additionalEventData")
    asked = _inside(record, "requestParameters")
    agent = text_of_value(record.get("userAgent"))
    name = record["eventName"]
    rest = {key: record[key] for key in _KEPT if record.get(key) not in (None, "")}
    rest |= {key: asked[key] for key in ("prefix", "x-amz-copy-source", "roleArn") if asked.get(key)}
    row: Row = {
        "record_kind": "api-call",
        "src_endpoint_ip": address_of(record.get("sourceIPAddress")),
        "actor_user_name": _name_of(actor),
        "actor_user_type": text_of_value(actor.get("type")),
        "actor_user_credential_uid": text_of_value(actor.get("accessKeyId")),
        "http_request_user_agent": agent.removeprefix("[").removesuffix("]") if agent else None,
        "api_operation": name,
        "api_service_name": record["eventSource"],
        "api_request_uid": text_of_value(record.get("requestID")),
        "activity_name": activity_of(name),
        "databucket_name": text_of_value(asked.get("bucketName")),
        "databucket_file_path": text_of_value(asked.get("key")),
        "databucket_file_version": text_of_value(asked.get("versionId")),
        "http_request_range": text_of_value(asked.get("range", asked.get("Range"))),
        "http_response_body_bytes": _whole(more.get("bytesTransferredOut")),
        "error_code": text_of_value(record.get("errorCode")),
        "error_text": text_of_value(record.get("errorMessage")),
    }
    if name == "CopyObject" and isinstance(source := asked.get("x-amz-copy-source"), str):
        bucket, _, key = source.removeprefix("/").partition("/")
        row |= {"databucket_name": bucket, "databucket_file_path": key.partition("?versionId=")[0]}
    if name == "ConsoleLogin":
        told = _inside(record, "responseElements").get("ConsoleLogin")
        row |= {"record_kind": "sign-in", "status": "success" if told == "Success" else "failure"}
    if row["src_endpoint_ip"] is None and record.get("sourceIPAddress"):
        rest["sourceIPAddress"] = record["sourceIPAddress"]
    row["unmapped"] = orjson.dumps(rest, option=orjson.OPT_SORT_KEYS).decode() if rest else None
    return row


def _name_of(actor: Mapping[str, Any]) -> str | None:
    for key in ("arn", "userName", "invokedBy", "principalId", "type"):
        if isinstance(name := actor.get(key), str) and name:
            return actor_of(name)
    return None


def _whole(value: object) -> str | None:
    """A number as digits; tools on the way write whole numbers as 89.0."""
    return text_of_value(int(value) if isinstance(value, float) and value == value // 1 else value)


def _inside(members: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = members.get(key)
    return value if isinstance(value, dict) else {}
