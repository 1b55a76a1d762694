"""Records written by hand or by dice: a small estate whose truth is known."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ashiato.datamap.model import DataMap
from ashiato.engine import events
from ashiato.engine.store import Row, Store
from ashiato.engine.tables import EVIDENCE, READINGS, RECORDS, Table
from ashiato.engine.workspace import Workspace
from ashiato.terms.ids import sha256_text

SECOND = 1_000_000
START = 1_780_000_000 * SECOND
Said = dict[str, Any]


@dataclass
class LogBook:
    """One log file: its records in order, each on a line of its own."""

    file: str
    records: list[Said] = field(default_factory=list)
    lines: int = 0
    cut_off: bool = False
    spoken: dict[object, int] = field(default_factory=dict)

    def tell(self, kind: str, time_us: int, **said: object) -> int:
        """Add a record and return its line."""
        self.lines += 1
        self.records.append({"record_kind": kind, "time_us": time_us, "line_first": self.lines} | said)
        return self.lines

    @property
    def sha256(self) -> str:
        """The hash of the content; the name has no part in it."""
        return sha256_text(json.dumps(self.records, sort_keys=True))


def rows_of(table: Table, said: Iterable[Said]) -> list[Row]:
    """Return rows of a table from dictionaries."""
    return [tuple(one.get(column) for column in table.columns) for one in said]


def join(
    folder: Path, books: Sequence[LogBook], datamap: DataMap | None = None, *, engine: str = "duckdb"
) -> Store:
    """Write the books as evidence and records, join them, and return the open store."""
    store = Store(folder, engine)
    ids = [sha256_text(book.file, str(place))[:16] for place, book in enumerate(books)]
    store.write(EVIDENCE, rows_of(EVIDENCE, (_sealed(book, ids[n]) for n, book in enumerate(books))))
    store.write(
        RECORDS, rows_of(RECORDS, (r for n, book in enumerate(books) for r in _records(book, ids[n])))
    )
    store.write(READINGS, rows_of(READINGS, (_reading(book, ids[n]) for n, book in enumerate(books))))
    events.build(Workspace(folder, ZoneInfo("Asia/Tokyo"), datamap or DataMap(), (), store))
    return store


def _sealed(book: LogBook, evidence_id: str) -> Said:
    return {"evidence_id": evidence_id, "file": book.file, "content_sha256": book.sha256}


def _reading(book: LogBook, evidence_id: str) -> Said:
    times = [record["time_us"] for record in book.records]
    last = max(times, default=None)
    return {"evidence_id": evidence_id, "last_us": last, "cut_off": book.cut_off, "lines": book.lines}


def _records(book: LogBook, evidence_id: str) -> Iterable[Said]:
    for record in book.records:
        line = record["line_first"]
        place = {"evidence_id": evidence_id, "line_last": line, "byte_first": line, "byte_last": line}
        yield {"time_step_us": 1000} | place | record


def request(**said: object) -> Said:
    """Return what a request line says, with plain defaults."""
    target = str(said.get("http_request_target", "/"))
    path, mark, query = target.partition("?")
    plain = {
        "src_endpoint_ip": "192.0.2.7",
        "http_request_method": "GET",
        "http_request_target": target,
        "http_request_path": path,
        "http_request_query": query if mark else None,
        "http_response_code": 200,
        "http_response_body_bytes": 512,
        "source_format": "combined",
    }
    return plain | said


def executed(book: LogBook, start_us: int, text: str, **said: object) -> int:
    """Write statement, audit and duration lines of one execution; return the statement's line."""
    lasting = int(said.pop("lasting_us", 2_000))  # type: ignore[call-overload]
    line = book.tell(
        "sql-statement", start_us, query_text=text, activity_name="statement", **numbered(book, said)
    )
    book.tell(
        "sql-audit", start_us + lasting, query_text=text, query_rows=1,
        unmapped=json.dumps({"statement_id": line, "substatement_id": 1}), **numbered(book, said),
    )  # fmt: skip
    book.tell("sql-duration", start_us + lasting, duration_us=lasting, **numbered(book, said))
    return line


def started(book: LogBook, start_us: int, text: str, **said: object) -> int:
    """Write the line of a statement that starts, and no other; return it."""
    return book.tell(
        "sql-statement", start_us, query_text=text, activity_name="statement", **numbered(book, said)
    )


def finished(book: LogBook, end_us: int, text: str, *, lasting_us: int, **said: object) -> int:
    """Write the line of a statement that ends, with its text and how long it took; return it."""
    return book.tell("sql-duration", end_us, query_text=text, duration_us=lasting_us, **numbered(book, said))


def numbered(book: LogBook, said: Said) -> Said:
    """Return what a line of a connection says, with its number in that connection."""
    session = said.get("database_session_uid")
    book.spoken[session] = book.spoken.get(session, 0) + 1
    return {"source_format": "postgresql-csvlog", "database_session_line": book.spoken[session]} | said
