"""Reads texts and bytes as the stage would, and gives back its tables."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from ashiato.datamap.model import DataMap
from ashiato.engine.reading import LogFile, read_files
from ashiato.engine.store import Store
from ashiato.engine.tables import READINGS, RECORDS, UNREAD
from ashiato.engine.workspace import Workspace
from ashiato.terms.ids import short_id

Row = dict[str, Any]
_PLACE = ("evidence_id", "line_first", "line_last", "byte_first", "byte_last")


@dataclass
class Desk:
    """A place to read files at; ``streams`` may replace how one of them is opened.

    ``modified_us``: when the files were last changed, if that is known.
    """

    folder: Path
    zone: str = "Asia/Tokyo"
    datamap: DataMap = field(default_factory=DataMap)
    streams: Mapping[str, BinaryIO] = field(default_factory=dict)
    modified_us: int | None = None

    def read(self, files: Mapping[str, str | bytes]) -> Tables:
        """Read these files together."""
        contents = {n: c.encode() if isinstance(c, str) else c for n, c in files.items()}
        logs = [self._log(name, content) for name, content in contents.items()]
        with Store(self.folder / "run") as store:
            read_files(logs, Workspace(self.folder, ZoneInfo(self.zone), self.datamap, (), store))
            kept = [pq.read_table(store.path(table.name)) for table in (RECORDS, UNREAD, READINGS)]
        return Tables(contents, *kept)

    def read_one(self, content: str | bytes, name: str = "some.log") -> Tables:
        """Read one file."""
        return self.read({name: content})

    def _log(self, name: str, content: bytes) -> LogFile:
        stream = self.streams.get(name)
        opener = lambda: stream or io.BytesIO(content)  # noqa: E731 - one for each file
        return LogFile(short_id(name), name, len(content), opener, None, self.modified_us)


@dataclass(frozen=True)
class Tables:
    """What came of reading, in the tables' own order."""

    contents: dict[str, bytes]
    kept_records: pa.Table
    kept_unread: pa.Table
    kept_readings: pa.Table

    @cached_property
    def records(self) -> list[Row]:
        """The rows of ``records``."""
        return list(self.kept_records.to_pylist())

    @cached_property
    def unread(self) -> list[Row]:
        """The rows of ``unread``."""
        return list(self.kept_unread.to_pylist())

    @cached_property
    def readings(self) -> list[Row]:
        """The rows of ``readings``."""
        return list(self.kept_readings.to_pylist())

    def places(self) -> dict[str, list[tuple[int, ...]]]:
        """Where each row of ``records`` and ``unread`` stands, by its file's id, sorted."""
        found: dict[str, list[tuple[int, ...]]] = defaultdict(list)
        for table in (self.kept_records, self.kept_unread):
            columns = [table.column(name).to_pylist() for name in _PLACE]
            for evidence_id, *place in zip(*columns, strict=True):
                found[evidence_id].append(tuple(place))
        return {evidence_id: sorted(rows) for evidence_id, rows in found.items()}

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


def check_every_line_stands_once(tables: Tables) -> None:
    """Assert the law of the stage: each physical line is in one record or one unread row."""
    places = tables.places()
    for name, content in tables.contents.items():
        lines = content.split(b"\n")
        lines = lines[:-1] if lines[-1] == b"" else lines
        rows = places.get(short_id(name), [])
        covered = [number for first, last, _, _ in rows for number in range(first, last + 1)]
        assert covered == list(range(1, len(lines) + 1)), name
        for first, last, byte_first, byte_last in rows:
            assert content[byte_first:byte_last] == b"\n".join(lines[first - 1 : last])
        reading = tables.reading(name)
        assert reading["lines"] == len(lines)
        assert reading["record_lines"] + reading["blank_lines"] + reading["unread_lines"] == len(lines)
