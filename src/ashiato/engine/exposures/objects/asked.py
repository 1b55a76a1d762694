"""Which objects the intruder asked for: hostile calls of object stores, and downloads from a web server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ashiato.engine.exposures.objects.coverage import Asked
from ashiato.engine.store import Store

_CALLS = """
SELECT i.path, e.event_id, e.start_us, e.event_kind, e.activity_name,
       COALESCE(e.databucket_name, '') AS bucket,
       COALESCE(e.databucket_file_path, e.http_request_path) AS file,
       COALESCE(e.databucket_file_version, '') AS version,
       e.http_request_range, e.http_response_code,
       COALESCE(e.http_response_body_bytes, CASE WHEN e.event_kind = 'http' THEN e.traffic_out_bytes END)
           AS sent,
       e.databucket_file_size, e.error_code, e.http_request_method
FROM intrusion AS i JOIN events AS e ON e.event_id = i.event_id
WHERE (e.event_kind = 'api' AND e.databucket_file_path IS NOT NULL
       AND e.activity_name IN ('read', 'copy', 'describe'))
   OR (e.event_kind = 'http' AND e.http_request_method IN ('GET', 'HEAD') AND e.http_request_path IS NOT NULL)
ORDER BY e.event_id
"""
#: The last time each object was written, as far as a log tells.
_WRITES = """
SELECT COALESCE(databucket_name, ''), databucket_file_path, max(start_us) FROM events
WHERE event_kind = 'api' AND activity_name IN ('write', 'delete') AND databucket_file_path IS NOT NULL
  AND COALESCE(http_response_code, 200) < 400 AND error_code IS NULL
GROUP BY COALESCE(databucket_name, ''), databucket_file_path
"""


@dataclass(frozen=True, order=True)
class ObjectName:
    """One object: its bucket (empty for a web server's files), its key, and the version asked for."""

    bucket: str
    key: str
    version: str = ""

    @property
    def label(self) -> str:
        """The object as outputs name it."""
        return f"{self.bucket}/{self.key}" if self.bucket else self.key


@dataclass(frozen=True)
class Request:
    """One hostile request for an object."""

    name: ObjectName
    path: str
    event_id: int
    start_us: int
    activity: str
    asked: Asked
    logged_size: int | None


def list_requests(store: Store) -> Iterator[Request]:
    """Yield each hostile request for an object, in the order of events."""
    for row in store.rows(_CALLS):
        path, event_id, start_us, kind, activity, bucket, file, version, *rest = row
        wanted, code, sent, size, error, method = rest
        is_web = kind == "http"
        asked = Asked(wanted, code, sent, has_failed=not is_web and error is not None, may_be_packed=is_web)
        if is_web:
            activity, bucket, file = ("describe" if method == "HEAD" else "read"), "", file.lstrip("/")
        name = ObjectName(bucket, file, version if version != "null" else "")
        yield Request(name, path, event_id, start_us, activity, asked, size)


def last_writes(store: Store) -> dict[tuple[str, str], int]:
    """Return when each object was last written, by bucket and key."""
    return {(bucket, key): moment for bucket, key, moment in store.rows(_WRITES)}
