"""The tables' schemas: what each row is, and each column's type.

Times are whole microseconds since 1970-01-01 UTC in columns ending in ``_us`` (durations too),
sizes are ``_bytes``. Column names follow OCSF 1.8 attribute paths joined by ``_`` where OCSF has a
word (https://schema.ocsf.io/1.8.0, read 2026-11-22). A column name has one type in every table.
Columns are only ever added, at the end.
"""

from __future__ import annotations

from ashiato.engine.saying import SAYING
from ashiato.engine.table import RECORD, texts
from ashiato.engine.table import Table as Table  # noqa: PLC0414 - whoever names a table names its kind
from ashiato.engine.tables_of_persons import CONTACTS, PERSONS, SENSITIVITIES, UNKNOWN_VALUES

_PLACE = {
    "evidence_id": "VARCHAR",
    "line_first": "BIGINT",
    "line_last": "BIGINT",
    "byte_first": "BIGINT",
    "byte_last": "BIGINT",
}


EVIDENCE = Table(
    "evidence",
    "one row per sealed file (or member of a sealed archive)",
    {
        "evidence_id": "VARCHAR",
        "file": "VARCHAR",
        "kept_as": "VARCHAR",
        "original_sha256": "VARCHAR",
        "content_sha256": "VARCHAR",
        "original_bytes": "BIGINT",
        "content_bytes": "BIGINT",
        "content_lines": "BIGINT",
        "compression": "VARCHAR",
        "source_format": "VARCHAR",
        "read_as": "VARCHAR",
        "duplicate_of": "VARCHAR",
        "modified_us": "BIGINT",
        "label": "VARCHAR",
    },
    ("file",),
)

RECORDS = Table(
    "records",
    "one row per parsed log record, as its file has it",
    {**_PLACE, "record_kind": "VARCHAR", "time_us": "BIGINT", "time_step_us": "BIGINT", **SAYING},
    ("evidence_id", "line_first"),
)

UNREAD = Table(
    "unread",
    "one row per line not understood, or read and set aside, with the reason",
    {**_PLACE, "reason": "VARCHAR", "sample": "VARCHAR"},
    ("evidence_id", "line_first"),
)

READINGS = Table(
    "readings",
    "one row per evidence file: how it was read, and what came of it",
    {
        "evidence_id": "VARCHAR",
        "file": "VARCHAR",
        "source_format": "VARCHAR",
        "detected_by": "VARCHAR",
        "log_format": "VARCHAR",
        "zone": "VARCHAR",
        "lines": "BIGINT",
        "records": "BIGINT",
        "record_lines": "BIGINT",
        "blank_lines": "BIGINT",
        "unread_lines": "BIGINT",
        "first_us": "BIGINT",
        "last_us": "BIGINT",
        "backward_steps": "BIGINT",
        "cut_off": "BOOLEAN",
    },
    ("evidence_id",),
)

EVENTS = Table(
    "events",
    "one row per event: a request, a statement's execution, a sign-in, a connection",
    {
        "event_id": "BIGINT",
        "event_kind": "VARCHAR",
        "start_us": "BIGINT",
        "end_us": "BIGINT",
        "time_step_us": "BIGINT",
        "system": "VARCHAR",
        **SAYING,
    },
    ("event_id",),
)

WITNESSES = Table(
    "witnesses",
    "one row per event x log record that tells of it",
    {"event_id": "BIGINT", **_PLACE, "record_kind": "VARCHAR", "role": "VARCHAR"},
    ("event_id", "evidence_id", "line_first"),
)

CAUSES = Table(
    "causes",
    "one row per executed statement x request that may have run it",
    {
        "sql_event_id": "BIGINT",
        "http_event_id": "BIGINT",
        "confidence": "DOUBLE",
        "how": "VARCHAR",
        "candidates": "BIGINT",
    },
    ("sql_event_id", "http_event_id"),
)

HOLES = Table(
    "holes",
    "one row per stretch in which a source is silent, broken off or out of order",
    {
        "source": "VARCHAR",
        "start_us": "BIGINT",
        "end_us": "BIGINT",
        "reason": "VARCHAR",
        "params": "VARCHAR",
    },
    ("source", "start_us", "reason"),
)

CONTRADICTIONS = Table(
    "contradictions",
    "one row per request or call of which two logs say different things",
    {
        "event_id": "BIGINT",
        "other_event_id": "BIGINT",
        "differs": "VARCHAR",
    },
    ("event_id", "other_event_id"),
)

FINDINGS = Table(
    "findings",
    "one row per rule or behaviour hit",
    {
        "finding_id": "VARCHAR",
        "rule": "VARCHAR",
        "rule_kind": "VARCHAR",
        "technique": "VARCHAR",
        "level": "VARCHAR",
        "certainty": "DOUBLE",
        "actor_kind": "VARCHAR",
        "actor": "VARCHAR",
        "start_us": "BIGINT",
        "end_us": "BIGINT",
        "events": "BIGINT",
        "observed": "DOUBLE",
        "expected": "DOUBLE",
        "why": "VARCHAR",
    },
    ("finding_id",),
)

FINDING_EVENTS = Table(
    "finding_events",
    "one row per finding x event it rests on",
    {"finding_id": "VARCHAR", "event_id": "BIGINT"},
    ("finding_id", "event_id"),
)

RULES = Table(
    "rules",
    "one row per Sigma rule or correlation: whether it was used, and how many events it is true for",
    {
        "rule": "VARCHAR",
        "rule_file": "VARCHAR",
        "rule_line": "BIGINT",
        "level": "VARCHAR",
        "technique": "VARCHAR",
        "rule_use": "VARCHAR",
        "refusal": "VARCHAR",
        "events": "BIGINT",
    },
    ("rule_file", "rule_line", "rule", "refusal"),
)

VISITS = Table(
    "visits",
    "one row per request, sign-in or unexplained statement: the visit (one client's unbroken use) it is in",
    {
        "event_id": "BIGINT",
        "visit": "VARCHAR",
        "burst": "VARCHAR",
        "address": "VARCHAR",
        "agent": "VARCHAR",
        "session": "VARCHAR",
        "account": "VARCHAR",
        "start_us": "BIGINT",
    },
    ("event_id",),
)

PINS = Table(
    "pins",
    "one row per event of which an analyst decided whether it is the intruder's",
    {
        "event_id": "BIGINT",
        "verdict": "VARCHAR",
        "analyst": "VARCHAR",
        "because": "VARCHAR",
        "why": "VARCHAR",
    },
    ("event_id",),
)

INTRUSION = Table(
    "intrusion",
    "one row per hostile event",
    {
        "event_id": "BIGINT",
        "path": "VARCHAR",
        "intruder": "VARCHAR",
        "confidence": "DOUBLE",
        "why": "VARCHAR",
    },
    ("event_id",),
)

EXCLUDED = Table(
    "excluded",
    "one row per event that would be held hostile, had an analyst not decided otherwise",
    {
        "event_id": "BIGINT",
        "path": "VARCHAR",
        "intruder": "VARCHAR",
        "confidence": "DOUBLE",
        "why": "VARCHAR",
        "analyst": "VARCHAR",
        "because": "VARCHAR",
    },
    ("event_id",),
)

PATHS = Table(
    "paths",
    "one row per access path: one way in, by one intruder",
    {
        "path": "VARCHAR",
        "intruder": "VARCHAR",
        "technique": "VARCHAR",
        "title": "VARCHAR",
        "start_us": "BIGINT",
        "end_us": "BIGINT",
        "events": "BIGINT",
        "why": "VARCHAR",
    },
    ("path",),
)

MASTER = Table(
    "master",
    "one row per record of every people table, as the newest snapshot has it",
    dict.fromkeys(("system", "table_name", "record_key", "persona", "client"), "VARCHAR"),
    ("system", "table_name", "record_key"),
)

EXPOSURES = Table(
    "exposures",
    "one row per record x access path x field",
    {
        **RECORD,
        "path": "VARCHAR",
        "field": "VARCHAR",
        "rung": "VARCHAR",
        "grade": "INTEGER",
        "part": "VARCHAR",
        "reasons": "VARCHAR",
    },
    ("system", "table_name", "record_key", "path", "field"),
)

PROOFS = Table(
    "proofs",
    "one row per record x access path x event that shows it",
    {
        **RECORD,
        "path": "VARCHAR",
        "event_id": "BIGINT",
        "shows": "VARCHAR",
    },
    ("system", "table_name", "record_key", "path", "event_id"),
)

RECOVERED = Table(
    "recovered",
    "one row per value rebuilt from a transcript",
    {
        **texts("path", "table_name", "record_key", "field", "value", "state"),
        "event_id": "BIGINT",
    },
    ("path", "table_name", "record_key", "field", "event_id"),
)

OBJECTS = Table(
    "objects",
    "one row per access path x object that was asked for: what of it went out, and what is known of it",
    {
        "path": "VARCHAR",
        "databucket_name": "VARCHAR",
        "databucket_file_path": "VARCHAR",
        "databucket_file_version": "VARCHAR",
        "state": "VARCHAR",
        "events": "BIGINT",
        "object_bytes": "BIGINT",
        "sent_bytes": "BIGINT",
        "content": "VARCHAR",
        "copy_evidence_id": "VARCHAR",
        "records": "BIGINT",
        "first_event_id": "BIGINT",
    },
    ("path", "databucket_name", "databucket_file_path", "databucket_file_version", "state"),
)

LIMITS = Table(
    "limits",
    "one row per limit met: what widened which answer, by how many records, and what would shrink it",
    {
        **texts("path", "reason", "params"),
        "events": "BIGINT",
        "records": "BIGINT",
        "remedy": "VARCHAR",
    },
    ("path", "reason", "params"),
)

PEOPLE = Table(
    "people",
    "one row per record of every people table, and per person found only in a log",
    {
        **RECORD,
        **texts("person_id", "persona"),
        "grade": "INTEGER",
        **texts("fields", "reasons", "widest_person_id", "states"),
    },
    ("system", "table_name", "record_key"),
)

MATCH_REVIEWS = Table(
    "match_reviews",
    "one row per pair of records that may be one person and were not joined: a human decides",
    {
        "pair": "VARCHAR",
        **RECORD,
        **{f"other_{name}": kind for name, kind in RECORD.items()},
        "score": "BIGINT",
        **texts("agree", "conflict", "decision"),
    },
    ("pair",),
)

MATCH_WAYS = Table(
    "match_ways",
    "one row per way in which records were paired to be compared: how many, and what was too many",
    {"way": "VARCHAR", **dict.fromkeys(("blocks", "pairs", "large_blocks", "large_records"), "BIGINT")},
    ("way",),
)

SPARED = Table(
    "spared",
    "one row per record x analyst's reason for which events were excluded that would have reached it",
    {
        "system": "VARCHAR",
        "table_name": "VARCHAR",
        "record_key": "VARCHAR",
        "analyst": "VARCHAR",
        "because": "VARCHAR",
        "grade": "INTEGER",
        "grade_without": "INTEGER",
    },
    ("system", "table_name", "record_key", "analyst", "because"),
)

REACHABLE = Table(
    "reachable",
    "one row per access path x way it had (a database user, a route) x table that way can read",
    {
        **texts("path", "system", "way_kind", "way", "table_name"),
        **texts("person_table", "column_names", "ground"),
    },
    ("path", "system", "way_kind", "way", "table_name"),
)

COVERAGE = Table(
    "coverage",
    "one row per way to a system's records x the log that covers it: whether its silence proves absence",
    {
        "system": "VARCHAR",
        "way_kind": "VARCHAR",
        "way": "VARCHAR",
        "source": "VARCHAR",
        "source_format": "VARCHAR",
        "start_us": "BIGINT",
        "end_us": "BIGINT",
        "first_us": "BIGINT",
        "last_us": "BIGINT",
        "proves": "BOOLEAN",
        "reasons": "VARCHAR",
        "table_name": "VARCHAR",
    },
    ("system", "way_kind", "way", "source"),
)

TOUCHED = Table(
    "touched",
    "one row per record that a statement of the log reaches at the upper bound, whoever ran it",
    RECORD,
    ("system", "table_name", "record_key"),
)

ABSENCES = Table(
    "absences",
    "one row per people table: whether a record of it without a trace is proven not reached, or what lacks",
    {
        "system": "VARCHAR",
        "table_name": "VARCHAR",
        "start_us": "BIGINT",
        "end_us": "BIGINT",
        "proves": "BOOLEAN",
        "source": "VARCHAR",
        "events": "BIGINT",
        "reasons": "VARCHAR",
    },
    ("system", "table_name"),
)

ALL_TABLES = (
    EVIDENCE,
    RECORDS,
    UNREAD,
    READINGS,
    EVENTS,
    WITNESSES,
    CAUSES,
    HOLES,
    CONTRADICTIONS,
    FINDINGS,
    FINDING_EVENTS,
    RULES,
    VISITS,
    INTRUSION,
    PATHS,
    MASTER,
    EXPOSURES,
    PROOFS,
    RECOVERED,
    LIMITS,
    PEOPLE,
    OBJECTS,
    REACHABLE,
    COVERAGE,
    TOUCHED,
    ABSENCES,
    MATCH_REVIEWS,
    MATCH_WAYS,
    PINS,
    EXCLUDED,
    SPARED,
    PERSONS,
    CONTACTS,
    SENSITIVITIES,
    UNKNOWN_VALUES,
)
