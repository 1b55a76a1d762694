"""Percona's reports of MySQL's logs and pgAudit's own regression output, against our columns."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.corpus.rates import Rate
from tests.engine.reading.reading_desk import Desk, check_every_line_stands_once

Row = dict[str, Any]

#: Reports made without options, by their names; the others filter, group or time what they count.
_PLAIN_REPORT = re.compile(r"(?P<log>(?:slow|genlog)\d{3})(?:_report)?\.txt")
_ITEM = re.compile(
    r"^# Query \d+:[^\n]* at byte (?P<byte>\d+)$(?P<body>.*?)(?=^# Query \d+:|\Z)", re.DOTALL | re.MULTILINE
)
_UNITS = {"us": 1, "ms": 1000, "s": 1_000_000}
_SERVER = ("started",)
_DATED = re.compile(r"^(# Time: |SET timestamp=|\d{6} )", re.MULTILINE)


def _microseconds(written: str) -> int | None:
    found = re.fullmatch(r"([\d.]+)(us|ms|s)", written)
    return round(float(found[1]) * _UNITS[found[2]]) if found else None


@pytest.mark.slow
def test_percona_reports_the_same_queries(corpus: Path, tmp_path: Path) -> None:
    rate = Rate("db-mysql-percona")
    folder = corpus / "db-mysql-percona"
    for report in sorted((folder / "pt-query-digest" / "samples").glob("*.txt")):
        named = _PLAIN_REPORT.fullmatch(report.name)
        items = list(_ITEM.finditer(report.read_text("utf-8", "replace")))
        if named is None:
            rate.gaps["queries of reports made with options"] += len(items)
            continue
        log = folder / ("genlogs" if named["log"].startswith("gen") else "slowlogs") / f"{named['log']}.txt"
        tables = Desk(tmp_path / named["log"], zone="UTC").read({log.name: log.read_bytes()})
        check_every_line_stands_once(tables)
        rows = [row for row in tables.records if row["activity_name"] not in _SERVER]
        if not _DATED.search(log.read_text("utf-8", "replace")):
            rate.gaps["queries of a log without any time"] += len(items)
            continue
        for item in items:
            byte = int(item["byte"])
            # A session's end is told with the place behind it, and a server's start belongs to what follows.
            after = [row for row in rows if byte <= row["byte_last"]]
            row = next(iter(after or rows[-1:]), None)
            expected, told = _of_item(item["body"], row, len(rows))
            rate.count(f"{report.name}@{byte}", expected, told)
    rate.close()


def _of_item(body: str, row: Row | None, total: int) -> tuple[Row, Row | None]:
    expected: Row = {"record": True}
    told: Row | None = None if row is None else {"record": True}
    counted = re.search(r"^# Count +(\d+) +(\d+)$", body, re.MULTILINE)
    if told is None or row is None:
        return expected, None
    if counted and row["source_format"] == "mysql-slow":
        # The share is cut to whole percents.
        expected["share"], told["share"] = int(counted[1]), int(counted[2]) * 100 // total
    times = re.search(r"^# Exec time +\d+ +\S+ +\S+ +(?P<max>\S+)", body, re.MULTILINE)
    longest = _microseconds(times["max"]) if times else None
    if longest and row["duration_us"] is not None:
        expected["longest"], told["longest"] = True, abs(row["duration_us"] - longest) <= 0.02 * longest + 1
    if user := re.search(r"^# Users +(\w+)$", body, re.MULTILINE):
        expected["user"], told["user"] = user[1], row["database_user_name"]
    return expected, told


_NOTICE = re.compile(r"^(?:NOTICE|WARNING):  AUDIT: (?=(?:SESSION|OBJECT),)", re.MULTILINE)


def _audits(text: str) -> list[list[str]]:
    """The fields of each audit line; a statement of several lines is one field."""
    found = []
    for notice in _NOTICE.finditer(text):
        fields = next(csv.reader(io.StringIO(text[notice.end() : notice.end() + 20_000], newline="")))
        found.append(fields)
    return found


def _unless_told_before(text: str) -> str | None:
    return None if text == "<previously logged>" else text


def _as_logged(fields: list[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerow(fields)
    lines = f"2026-05-12 00:10:49.250 UTC [77] LOG:  AUDIT: {written.getvalue()[:-1]}".split("\n")
    return "\n\t".join(lines) + "\n"


@pytest.mark.slow
def test_pgaudit_lines_have_their_columns(corpus: Path, tmp_path: Path) -> None:
    rate = Rate("db-pgaudit")
    for path in sorted((corpus / "db-pgaudit").glob("*.out")):
        audits = _audits(path.read_text("utf-8"))
        tables = Desk(tmp_path / path.stem, zone="UTC").read_one("".join(map(_as_logged, audits)))
        check_every_line_stands_once(tables)
        assert len(tables.records) == len(audits)
        for number, (fields, row) in enumerate(zip(audits, tables.records, strict=True)):
            rest = json.loads(row["unmapped"] or "{}")
            kind, statement, part, activity, command, object_type, name, text, *_ = fields
            expected = {
                "kind": kind, "statement": statement, "part": part, "activity": activity, "command": command,
                "object_type": object_type, "object": name, "text": _unless_told_before(text),
            }  # fmt: skip
            told = {
                "kind": rest.get("audit_type"), "statement": str(rest.get("statement_id")),
                "part": str(rest.get("substatement_id")), "activity": row["activity_name"],
                "command": row["query_command"], "object_type": rest.get("object_type", ""),
                "object": row["query_objects"] or "", "text": row["query_text"],
            }  # fmt: skip
            rate.count(f"{path.name}#{number}", expected, told)
    rate.close()
