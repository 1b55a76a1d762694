from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ashiato.datamap.model import DataMap
from ashiato.engine.api import Store
from ashiato.engine.tables import RECOVERED
from ashiato.exports.cell import unshield
from ashiato.exports.facts import gather_facts
from ashiato.exports.sheet import Sheet, write_sheet
from ashiato.exports.sheets.exposures import EXPOSURES_SHEET
from ashiato.exports.sheets.intrusion import INTRUSION_SHEET
from ashiato.exports.sheets.paths import PATHS_SHEET
from ashiato.exports.sheets.persons import PERSONS_SHEET
from ashiato.exports.sheets.recovered import RECOVERED_SHEET
from ashiato.exports.sheets.timeline import TIMELINE_SHEET
from ashiato.exports.writing import SHEETS
from tests.exports.sample_run import ROWS, TOKYO, write_run

COLUMNS = {
    "persons.csv": "system,table,key,person_id,persona,grade,fields,reasons",
    "people.csv": "person_id,grade,records,personas,states,sensitivity,identifiable,harms,because"
    ",addressee_id,language,channels,contact_reasons",
    "exposures.csv": "system,table,key,path,fields,reasons,evidence",
    "paths.csv": "path,title,intruder,system,first_time,last_time,events"
    ",records_at_least,records_at_most,evidence",
    "intrusion.csv": "file,line,time,intruder,path,confidence,why",
    "recovered.csv": "path,table,row,field,value,state",
    "coverage.csv": "system,table,kind,way,source,window_first,window_last,source_first,source_last,proves,"
    "missing",
    "reachable.csv": "path,system,kind,way,table,columns,ground,people_table,records_at_most",
    "excluded.csv": "file,line,time,confidence,why,analyst,because",
    "spared.csv": "system,table,key,would_be,stays,analyst,because",
    "objects.csv": "path,bucket,object,version,state,requests,bytes,bytes_sent,content,copy,records,evidence",
}


def rows_of(sheet: Sheet, store: Store, folder: Path) -> list[dict[str, str]]:
    path = write_sheet(sheet, store, TOKYO, folder)
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_file_is_utf8_with_bom_and_crlf(sheet: Sheet, store: Store, tmp_path: Path) -> None:
    path = write_sheet(sheet, store, TOKYO, tmp_path)
    written = path.read_bytes()
    assert written.startswith(b"\xef\xbb\xbf")
    assert written.count(b"\n") == written.count(b"\r\n")
    assert written.endswith(b"\r\n")
    assert path.stat().st_mode & 0o777 == 0o600
    if sheet.name in COLUMNS:
        assert written.split(b"\r\n")[0].decode("utf-8-sig") == COLUMNS[sheet.name]


def test_persons_hold_every_record_with_its_grade(store: Store, tmp_path: Path) -> None:
    rows = rows_of(PERSONS_SHEET, store, tmp_path)
    assert len(rows) == len(ROWS["people"])
    grades = {(row["table"], row["key"]): row["grade"] for row in rows}
    assert grades["members", "3"] == "possible"
    assert grades["members", "4"] == "not shown"
    assert grades["members", "5"] == "not reached"


def test_exposures_group_fields_and_lines(store: Store, tmp_path: Path) -> None:
    rows = {(row["key"], row["path"]): row for row in rows_of(EXPOSURES_SHEET, store, tmp_path)}
    first = rows["1", "p1"]
    assert first["fields"] == "members.email=confirmed/L3;members.name=confirmed/L3"
    assert first["evidence"] == "db/part%3Bone%3Aa%7Cb%.csv:3-6;web/access.log:5-7"
    second = rows["2", "p1"]
    assert second["reasons"] == "drift(column=city);order-unknown"
    assert rows["2", "p2"]["fields"] == "orders.total=confirmed/L3:1-3"
    assert rows["2", "p2"]["evidence"] == "web/access.log:9;web/access.log:11"


def test_paths_state_both_bounds_in_records(store: Store, tmp_path: Path) -> None:
    rows = {row["path"]: row for row in rows_of(PATHS_SHEET, store, tmp_path)}
    assert (rows["p2"]["records_at_least"], rows["p2"]["records_at_most"]) == ("1", "2")
    assert rows["p2"]["first_time"] == "2026-06-10T23:05:00+09:00"
    assert rows["p2"]["evidence"] == "web/access.log:9;web/access.log:12"


def test_intrusion_has_one_row_per_hostile_line(store: Store, tmp_path: Path) -> None:
    rows = rows_of(INTRUSION_SHEET, store, tmp_path)
    assert len(rows) == len(ROWS["witnesses"])
    assert {row["file"] for row in rows} == {"web/access.log", "db/part%3Bone%3Aa%7Cb%.csv"}


def test_recovered_value_is_told_once_and_not_run(store: Store, tmp_path: Path) -> None:
    (row,) = rows_of(RECOVERED_SHEET, store, tmp_path)
    assert row["value"] == '\'=HYPERLINK("http://x.example")'
    assert unshield(row["value"]) == '=HYPERLINK("http://x.example")'


_HOSTILE = st.text(st.sampled_from("=+-@'\\\",;\r\n\t\x00\x1b\u202e\u3000aあ<>&"), max_size=10)


@pytest.mark.slow
@settings(max_examples=20)
@given(values=st.lists(_HOSTILE, min_size=1, max_size=20, unique=True))
def test_any_value_comes_back_from_the_file(
    values: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("hostile")
    held = [("p", "members", "1", str(n), value, "complete", n) for n, value in enumerate(values)]
    with Store(folder / "run") as store:
        store.write(RECOVERED, held)
        rows = rows_of(RECOVERED_SHEET, store, folder)
    assert {row["field"]: unshield(row["value"]) for row in rows} == {
        str(n): value for n, value in enumerate(values)
    }


@pytest.mark.slow
@settings(max_examples=2)
@given(order=st.randoms(use_true_random=False))
def test_row_order_of_tables_changes_no_byte(order: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("order")
    shuffled = {name: order.sample(rows, len(rows)) for name, rows in ROWS.items()}
    written = []
    for name, rows in (("a", ROWS), ("b", shuffled)):
        (folder / name).mkdir()
        with write_run(folder / name / "run", rows) as store:
            written.append([write_sheet(s, store, TOKYO, folder / name).read_bytes() for s in SHEETS])
    assert written[0] == written[1]


def test_line_ranges_agree_with_a_slow_twin(store: Store, tmp_path: Path) -> None:
    lines: dict[tuple[str, str], set[tuple[str, int]]] = {}
    labels = {row["evidence_id"]: row["label"] for row in ROWS["evidence"]}
    for proof in ROWS["proofs"]:
        for seen in ROWS["witnesses"]:
            if seen["event_id"] == proof["event_id"]:
                span = range(seen["line_first"], seen["line_last"] + 1)
                found = lines.setdefault((proof["record_key"], proof["path"]), set())
                found |= {(labels[seen["evidence_id"]], line) for line in span}
    for row in rows_of(EXPOSURES_SHEET, store, tmp_path):
        told = set()
        for place in row["evidence"].split(";"):
            file, _, numbers = place.rpartition(":")
            first, _, last = numbers.partition("-")
            told |= {(file, line) for line in range(int(first), int(last or first) + 1)}
        assert told == lines[row["key"], row["path"]]


def test_timeline_tells_what_was_found_twice_once(tmp_path: Path) -> None:
    seen = {**ROWS["findings"][0], "rule": "record-enumeration"}
    findings = [
        {**seen, "finding_id": "account", "why": "records=9"},
        {**seen, "finding_id": "visit", "why": "records=8"},
        {**seen, "finding_id": "other events", "why": "records=8"},
        {**seen, "finding_id": "no events", "why": "records=8"},
    ]
    events = {"account": (5, 6, 9), "visit": (5, 6, 9), "other events": (5, 7, 8)}
    members = [{"finding_id": name, "event_id": n} for name, numbers in events.items() for n in numbers]
    with write_run(tmp_path / "run", {"findings": findings, "finding_events": members}) as store:
        rows = rows_of(TIMELINE_SHEET, store, tmp_path)
        (fact,) = gather_facts(store, TOKYO, DataMap()).findings
    assert (fact.findings, fact.events) == (3, 5)
    found = [row["why"] for row in rows if row["kind"] == "finding"]
    assert found == ["records=8"] * 3
