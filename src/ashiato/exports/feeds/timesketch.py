"""timesketch.jsonl and timesketch.csv: every event as Timesketch takes it in.

Timesketch asks for ``message``, ``datetime`` and ``timestamp_desc``; whatever else a line has is a field of
its own. The CSV has no byte order mark, which Timesketch would take for a part of the first name.
Source: https://timesketch.org/guides/user/import-from-json-csv/ (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from pathlib import Path

from ashiato.engine.api import ALL_TABLES, Outcome
from ashiato.exports.feeds.json_lines import write_lines
from ashiato.exports.feeds.told_events import TOLD_EVENTS, told_events
from ashiato.exports.sheet import Sheet, write_sheet
from ashiato.terms.times import iso_of

_EVENTS = next(table for table in ALL_TABLES if table.name == "events")
#: Columns that the three of Timesketch's own say already.
_TOLD_BY_NAME = ("start_us", "message")
_OF_EVENTS = tuple(name for name in _EVENTS.columns if name not in _TOLD_BY_NAME)
_FOUND = ("source", "places", "rules", "intrusion_path", "intruder", "intrusion_confidence", "intrusion_why")
_DESCRIPTIONS = {
    "http": "Request",
    "sql": "Statement",
    "connection": "Connection",
    "auth": "Sign-in",
    "api": "Call",
    "app": "Application",
    "host": "Host",
}
_OTHER = "Log message"
#: What happened, as one line of SQL: the log's own message, or what was asked and how it was answered.
_MESSAGE = """coalesce(told.message, nullif(concat_ws(' ',
    coalesce(told.database_user_name, told.actor_user_name, told.src_endpoint_ip),
    coalesce(told.http_request_method, told.api_operation, told.activity_name),
    coalesce(told.http_request_target, told.databucket_file_path, told.query_text),
    CAST(told.http_response_code AS VARCHAR), told.status, told.error_text), ''), told.event_kind, 'event')"""
_DESCRIPTION = "CASE told.event_kind {} ELSE '{}' END".format(
    " ".join(f"WHEN '{kind}' THEN '{word}'" for kind, word in _DESCRIPTIONS.items()), _OTHER
)
_SELECTED = f"""
    SELECT {_MESSAGE} AS message, coalesce(told.start_us, 0) AS datetime, {_DESCRIPTION} AS timestamp_desc,
        {", ".join(f"told.{name}" for name in (*_OF_EVENTS, *_FOUND))}
    FROM ({TOLD_EVENTS}) AS told ORDER BY told.event_id
"""
_SHEET = Sheet(
    "timesketch.csv",
    ("message", "datetime", "timestamp_desc", *_OF_EVENTS, *_FOUND),
    _SELECTED,
    times=("datetime",),
    by_event=True,
    mark=b"",
)


def write_timesketch(outcome: Outcome, folder: Path) -> list[Path]:
    """Write every event as JSON lines and as CSV; return the paths."""
    lines = _lines(outcome, outcome.zone)
    return [
        write_lines(folder / "timesketch.jsonl", lines),
        write_sheet(_SHEET, outcome.store, outcome.zone, folder),
    ]


def _lines(outcome: Outcome, zone: tzinfo) -> Iterator[dict[str, object]]:
    for event in told_events(outcome.store, _SELECTED):
        time_us = event["datetime"]
        shown = iso_of(time_us, zone) if isinstance(time_us, int) else None
        yield event | {"datetime": shown, "timestamp": time_us}
