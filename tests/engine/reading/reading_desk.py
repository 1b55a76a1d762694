"""Reads texts and bytes as the stage would, and gives back its tables."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from ashiato.datamap.model import DataMap
from ashiato.engine.reading import LogFile, read_files
from ashiato.engine.store import Store
from ashiato.engine.tables import READINGS, RECORDS, UNREAD, Table
from ashiato.engine.workspace import Workspace
from ashiato.terms.ids import short_id

Row = dict[str, Any]


@dataclass
class Desk:
    """A place to read files at; ``streams`` may replace how one of them is opened."""

    folder: Path
    zone: str = "Asia/Tokyo"
    datamap: DataMap = field(default_factory=DataMap)
    streams: Mapping[str, BinaryIO] = field(default_factory=dict)

    def read(self, files: Mapping[str, str | bytes]) -> Tables:
        """Read these files together."""
        contents = {n: c.encode() if isinstance(c, str) else c for n, c in files.items()}
        logs = [self._log(name, content) for name, content in contents.items()]
        with Store(self.folder / "run") as store:
            read_files(logs, Workspace(self.folder, ZoneInfo(self.zone), self.datamap, (), store))
            records, unread, readings = (_rows(store, table) for table in (RECORDS, UNREAD, READINGS))
        return Tables(contents, records, unread, readings)

    def read_one(self, content: str | bytes, name: str = "some.log") -> Tables:
        """Read one file."""
        return self.read({name: content})

    def _log(self, name: str, content: bytes) -> LogFile:
        stream = self.streams.get(name)
        return LogFile(short_id(name), name, len(content), lambda: stream or io.BytesIO(content))


@dataclass(frozen=True)
class Tables:
    """What came of reading."""

    contents: dict[str, bytes]
    records: list[Row]
    unread: list[Row]
    readings: list[Row]

    def content_of(self, row: Row) -> bytes:
        """The bytes that a row's byte range points at."""
        content = next(c for name, c in self.contents.items() if short_id(name) == row["evidence_id"])
        return content[row["byte_first"] : row["byte_last"]]

    def reading(self, name: str) -> Row:
        """One file's row of ``readings``."""
        return next(row for row in self.readings if row["file"] == name)

    def reasons(self) -> list[tuple[int, int, str]]:
        """First line, last line and reason of each unread row."""
        return [(row["line_first"], row["line_last"], row["reason"]) for row in self.unread]


def _rows(store: Store, table: Table) -> list[Row]:
    order = ", ".join(table.order)
    rows = store.rows(f"SELECT * FROM {table.name} ORDER BY {order}")
    return [dict(zip(table.columns, row, strict=True)) for row in rows]


def check_every_line_stands_once(tables: Tables) -> None:
    """Assert the law of the stage: each physical line is in one record or one unread row."""
    for name, content in tables.contents.items():
        lines = content.split(b"\n")
        lines = lines[:-1] if lines[-1] == b"" else lines
        rows = [r for r in (*tables.records, *tables.unread) if r["evidence_id"] == short_id(name)]
        covered = [number for r in rows for number in range(r["line_first"], r["line_last"] + 1)]
        assert sorted(covered) == list(range(1, len(lines) + 1)), name
        for row in rows:
            expected = b"\n".join(lines[row["line_first"] - 1 : row["line_last"]])
            assert content[row["byte_first"] : row["byte_last"]] == expected
        reading = tables.reading(name)
        assert reading["lines"] == len(lines)
        assert reading["record_lines"] + reading["blank_lines"] + reading["unread_lines"] == len(lines)
