"""A small fictional run, written by hand: a bookshop, two access paths, seven records of people."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ashiato.engine.api import ALL_TABLES, Store

TOKYO = ZoneInfo("Asia/Tokyo")
MINUTE = 60_000_000
START = 1_781_100_000_000_000  # 2026-06-10T23:00:00+09:00

ROWS: dict[str, list[dict[str, Any]]] = {
    "evidence": [
        {"evidence_id": "e1", "file": "web/access.log", "label": "web/access.log", "content_lines": 40,
         "read_as": "combined"},
        {"evidence_id": "e2", "file": "db/part;one:a|b%.csv", "label": "db/part%3Bone%3Aa%7Cb%.csv",
         "content_lines": 20, "read_as": "csvlog"},
        {"evidence_id": "e3", "file": "notes.txt", "label": "notes.txt", "content_lines": 3},
    ],
    "readings": [
        {"evidence_id": "e1", "file": "web/access.log", "source_format": "combined", "lines": 40,
         "records": 39, "record_lines": 39, "blank_lines": 1, "unread_lines": 0},
        {"evidence_id": "e2", "file": "db/part;one:a|b%.csv", "source_format": "csvlog", "lines": 20,
         "records": 12, "record_lines": 18, "blank_lines": 0, "unread_lines": 2},
        {"evidence_id": "e3", "file": "notes.txt", "source_format": None, "lines": 3,
         "records": 0, "record_lines": 0, "blank_lines": 0, "unread_lines": 3},
    ],
    "unread": [
        {"evidence_id": "e2", "line_first": 19, "line_last": 20, "reason": "cut", "sample": "\x1b[31mred"},
        {"evidence_id": "e3", "line_first": 1, "line_last": 1, "reason": "unknown", "sample": "<b>hello"},
        {"evidence_id": "e3", "line_first": 2, "line_last": 2, "reason": "unknown", "sample": "=1+1"},
        {"evidence_id": "e3", "line_first": 3, "line_last": 3, "reason": "unknown", "sample": "x"},
    ],
    "events": [
        {"event_id": n, "event_kind": "request", "start_us": START + n * MINUTE,
         "end_us": START + n * MINUTE + 1000, "system": "shop", "src_endpoint_ip": "203.0.113.7"}
        for n in range(1, 9)
    ],
    "witnesses": [
        *({"event_id": n, "evidence_id": "e1", "line_first": n + 4, "line_last": n + 4,
           "byte_first": n * 10, "byte_last": n * 10 + 9, "record_kind": "request", "role": "main"}
          for n in range(1, 9)),
        {"event_id": 3, "evidence_id": "e2", "line_first": 3, "line_last": 5, "byte_first": 0,
         "byte_last": 90, "record_kind": "statement", "role": "main"},
        {"event_id": 3, "evidence_id": "e2", "line_first": 6, "line_last": 6, "byte_first": 91,
         "byte_last": 99, "record_kind": "audit", "role": "rows"},
    ],
    "intrusion": [
        {"event_id": n, "path": "p1" if n < 5 else "p2", "intruder": "i1", "confidence": 0.98,
         "why": "sql-injection;address=203.0.113.7"}
        for n in range(1, 9)
    ],
    "paths": [
        {"path": "p1", "intruder": "i1", "technique": "T1213",
         "title": "Records gone through at /members/{id} by 203.0.113.7",
         "start_us": START + MINUTE, "end_us": START + 4 * MINUTE, "events": 4, "why": "order of ids"},
        {"path": "p2", "intruder": "i1", "technique": "T1190",
         "title": "Injection through /search from 203.0.113.7 and 2 more",
         "start_us": START + 5 * MINUTE, "end_us": START + 8 * MINUTE, "events": 4, "why": "union select"},
    ],
    "findings": [
        {"finding_id": "f1", "rule": "sql-injection", "rule_kind": "rule", "technique": "T1190",
         "level": "high", "certainty": 0.99, "actor_kind": "address", "actor": "203.0.113.7",
         "start_us": START + 5 * MINUTE, "end_us": START + 8 * MINUTE, "events": 4, "observed": 4.0,
         "expected": 0.0, "why": "UNION SELECT in a parameter"},
    ],
    "exposures": [
        _exposure := {"system": "shop", "table_name": "members", "record_key": "1", "path": "p1",
                      "field": "members.name", "rung": "L3", "grade": 4, "part": None, "reasons": ""},
        {**_exposure, "field": "members.email", "reasons": "value-changed(column=email)"},
        {**_exposure, "record_key": "2", "field": "members.name"},
        {**_exposure, "record_key": "2", "field": "members.email", "grade": 3, "rung": "L2",
         "reasons": "order-unknown;drift(column=city)"},
        {**_exposure, "record_key": "2", "path": "p2", "field": "orders.total", "part": "1-3"},
        {**_exposure, "record_key": "3", "path": "p2", "grade": 2, "rung": "L1", "reasons": "order-unknown"},
    ],
    "proofs": [
        *({"system": "shop", "table_name": "members", "record_key": key, "path": path, "event_id": event,
           "shows": "returned"}
          for key, path, event in [("1", "p1", 1), ("1", "p1", 2), ("1", "p1", 3), ("2", "p1", 3),
                                   ("2", "p2", 5), ("2", "p2", 7), ("3", "p2", 5)]),
    ],
    "recovered": [
        {"path": "p2", "table_name": "members", "record_key": "2", "field": "members.name",
         "value": '=HYPERLINK("http://x.example")', "state": "complete", "event_id": 5},
        {"path": "p2", "table_name": "members", "record_key": "2", "field": "members.name",
         "value": '=HYPERLINK("http://x.example")', "state": "complete", "event_id": 6},
    ],
    "limits": [
        {"path": "p2", "reason": "order-unknown", "params": "limit=50", "events": 1, "records": 2,
         "remedy": "the order of the heap: a file-level backup of the table"},
    ],
    "holes": [
        {"source": "web/access.log", "start_us": START - 60 * MINUTE, "end_us": START,
         "reason": "silent", "params": ""},
    ],
    "people": [
        _person := {"system": "shop", "table_name": "members", "record_key": "1",
                    "person_id": "shop/members/1", "persona": "member", "grade": 4,
                    "fields": "members.email=confirmed/L3;members.name=confirmed/L3",
                    "reasons": "value-changed(column=email)"},
        {**_person, "record_key": "2", "person_id": "shop/members/2", "grade": 4,
         "fields": "members.email=probable/L2;members.name=confirmed/L3;orders.total=confirmed/L3:1-3",
         "reasons": "drift(column=city);order-unknown"},
        {**_person, "record_key": "3", "person_id": "shop/members/3", "grade": 2,
         "fields": "members.name=possible/L1", "reasons": "order-unknown"},
        {**_person, "record_key": "4", "person_id": "shop/members/4", "grade": 1,
         "fields": "", "reasons": ""},
        {**_person, "record_key": "5", "person_id": "shop/members/5", "grade": 0, "fields": "", "reasons": "",
         "persona": "guest"},
        {**_person, "record_key": "6", "person_id": "shop/members/6", "grade": 0, "fields": "", "reasons": "",
         "persona": "guest"},
        {"system": "shop", "table_name": "db/part;one", "record_key": "5", "person_id": "found/1",
         "persona": None, "grade": 4, "fields": "form.name=confirmed/L4", "reasons": "not-in-master"},
    ],
}  # fmt: skip


def write_run(folder: Path, rows: dict[str, list[dict[str, Any]]] | None = None) -> Store:
    """Write the sample (or a test's own rows of some tables) and return the open store."""
    store = Store(folder)
    held = ROWS | (rows or {})
    for table in ALL_TABLES:
        rows_of_table = held.get(table.name, [])
        store.write(table, [tuple(row.get(name) for name in table.columns) for row in rows_of_table])
    return store
