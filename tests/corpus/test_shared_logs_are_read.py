"""Reading the shared sets: what other teams' programs found in the same lines is found here too."""

from __future__ import annotations

import bz2
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ashiato.terms.times import moment_of
from tests.corpus.rates import Rate
from tests.engine.reading.reading_desk import Desk, Tables, check_every_line_stands_once


def _content(path: Path) -> bytes:
    opener = {".gz": gzip.decompress, ".bz2": bz2.decompress}.get(path.suffix, bytes)
    return opener(path.read_bytes())


def _read(folder: Path, tmp_path: Path, *patterns: str, zone: str = "UTC") -> Tables:
    paths = sorted(path for pattern in patterns for path in folder.glob(pattern) if path.is_file())
    assert paths
    tables = Desk(tmp_path, zone=zone).read({p.relative_to(folder).as_posix(): _content(p) for p in paths})
    check_every_line_stands_once(tables)
    lines = sum(row["lines"] for row in tables.readings)
    read = sum(row["record_lines"] for row in tables.readings)
    print(f"{folder.name}: {read} of {lines} lines read")  # noqa: T201 - one rate per set
    return tables


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("web-elastic-apache", "apache_logs"),
        ("web-slrbl", "access.log*"),
        ("web-honeynet-2004", "access_log*"),
        ("case-blind-sqli-bool", "access.log"),
    ],
)
def test_every_line_of_real_access_logs_is_read(
    corpus: Path, tmp_path: Path, name: str, pattern: str
) -> None:
    tables = _read(corpus / name, tmp_path, pattern)
    assert all(row["record_lines"] + row["blank_lines"] == row["lines"] for row in tables.readings)
    assert all(row["record_kind"] == "web-request" and row["src_endpoint_ip"] for row in tables.records)


@pytest.mark.parametrize("file", ["nginx/access/test/test.log", "apache/access/test/test.log"])
def test_filebeat_finds_the_same_in_access_logs(corpus: Path, tmp_path: Path, file: str) -> None:
    folder = corpus / "expected-filebeat"
    expected: list[dict[str, Any]] = json.loads((folder / f"{file}-expected.json").read_text("utf-8"))
    by_byte = {each["log.offset"]: each for each in expected}
    tables = _read(folder, tmp_path, file)
    # Two lines of the nginx file are in formats of their own: several addresses in quotes, or two fields.
    assert len(tables.records) >= len(expected) - 2
    for row in tables.records:
        wanted = by_byte[row["byte_first"]]
        assert moment_of(row["time_us"]).strftime("%Y-%m-%dT%H:%M:%S.000Z") == wanted["@timestamp"]
        assert row["http_response_code"] == wanted["http.response.status_code"]
        assert row["http_response_body_bytes"] == wanted.get("http.response.body.bytes")
        assert row["http_request_target"] == wanted.get("url.original")


@pytest.mark.parametrize("file", ["9.6-debian-with-slowlog", "9.6-multi-core", "9.6-new-timestamp"])
def test_filebeat_finds_the_same_in_postgres_logs(corpus: Path, tmp_path: Path, file: str) -> None:
    name = f"postgresql/log/test/postgresql-{file}.log"
    folder = corpus / "expected-filebeat"
    expected: list[dict[str, Any]] = json.loads((folder / f"{name}-expected.json").read_text("utf-8"))
    tables = _read(folder, tmp_path, name)
    rows = {row["byte_first"]: row for row in tables.records}
    # Filebeat keeps STATEMENT and DETAIL lines apart; here they belong to the message before them.
    heads = [each for each in expected if each["log.level"] not in ("STATEMENT", "DETAIL", "HINT", "CONTEXT")]
    assert rows.keys() == {each["log.offset"] for each in heads}
    for each in heads:
        row = rows[each["log.offset"]]
        assert row["database_user_name"] == _known(each.get("user.name"))
        assert row["database_name"] == _known(each.get("postgresql.log.database"))
        if "event.duration" in each:
            assert abs(row["duration_us"] - each["event.duration"] / 1000) < 1


def _known(name: str | None) -> str | None:
    return None if name == "unknown" else name


@pytest.mark.slow
def test_pgbadger_counts_the_same(corpus: Path, tmp_path: Path) -> None:
    tables = _read(corpus / "db-postgres-pgbadger", tmp_path, "*.log", "*.bz2", "*.gz")
    files = {row["evidence_id"]: row["file"] for row in tables.readings}
    records = [(files[row["evidence_id"]], row) for row in tables.records]
    rate = Rate("db-postgres-pgbadger")
    for label, expected, told in _pgbadger_counts(records):
        rate.count(label, {"told": expected}, {"told": told})
    rate.close()


_FROM_CATALOGUE = "select datname from pg_database where not datistemplate and datallowconn;"


def _pgbadger_counts(records: list[tuple[str, dict[str, Any]]]) -> Iterator[tuple[str, object, object]]:
    """What pgBadger's own tests expect (the set's EXPECTED.md), and what our columns say."""
    light = [r for f, r in records if f.startswith("light.") and r["database_name"] == "postgres"]
    yield "light: queries", 629, sum(row["record_kind"] == "sql-statement" for row in light)
    heroku = [row for file, row in records if file == "logplex.gz" and row["duration_us"]]
    with_cte = [row["duration_us"] for row in heroku if (row["query_text"] or "").startswith("WITH ")]
    yield "logplex: time in common table expressions", 21_761_546, sum(with_cte)
    several = [row for row in heroku if "WHERE missions.checker_id = " in row["query_text"]]
    yield (
        "logplex: a query over several lines",
        [True],
        [row["line_last"] > row["line_first"] for row in several],
    )
    rds = [row for f, row in records if f.startswith("rds.") and row["src_endpoint_ip"] != "192.168.1.201"]
    yield (
        "rds: one query's time",
        2667,
        sum(row["duration_us"] or 0 for row in rds if (row["query_text"] or "").lower() == _FROM_CATALOGUE),
    )
    # pgBadger's report names each of these twice; the log has it in one bind and one execute.
    binds = [row["query_binds"] or "" for file, row in records if file == "multiline_param.log"]
    yield "parameters with line ends", 2, sum(text.count("njvarchar\nbye") for text in binds)
    slow = [row["duration_us"] for file, row in records if file.startswith("csv_statement")]
    yield "durations", [None, 688_786_283], sorted(slow, key=lambda us: us or 0)


@pytest.mark.slow
def test_pet_insurer_reads_whole(corpus: Path, tmp_path: Path) -> None:
    truth = json.loads((corpus / "pet-insurer" / "truth" / "counts.json").read_text("utf-8"))["log_lines"]
    tables = _read(corpus / "pet-insurer" / "evidence", tmp_path, "**/*", zone="Asia/Tokyo")
    lines = {Path(row["file"]).name: row for row in tables.readings}
    for name, count in truth.items():
        row = lines.get(name) or lines.get(f"{name}.gz")
        if row is not None and row["source_format"] is not None:
            assert (row["lines"], row["record_lines"]) == (count, count), name
