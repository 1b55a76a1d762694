"""What proves that nobody else was reached, what is missing for it, and what could be read, at every edge."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ashiato.datamap.model import DataMap, DataTable, System
from ashiato.engine.api import Store
from ashiato.exports.explaining.absence import absence_as_json, gather_absence, tell_absence
from ashiato.exports.facts import Facts, gather_facts
from ashiato.exports.report.contents import contents_of
from ashiato.exports.sheet import write_sheet
from ashiato.exports.sheets.reachable import REACHABLE_SHEET
from ashiato.exports.summary import summary_of
from ashiato.exports.words import Language, words_in
from tests.exports.sample_run import START, TOKYO, write_run

MAP = DataMap(systems={"shop": System("shop", tables={"members": DataTable("members", person=True)})})
_WAY = {"system": "shop", "start_us": START, "end_us": START + 9, "first_us": START, "last_us": START + 9,
        "source": "db/log"}  # fmt: skip
_READ = {"path": "p1", "system": "shop", "way_kind": "database-user", "way": "app"}
ROWS: dict[str, list[dict[str, Any]]] = {
    "absences": [
        {"system": "shop", "table_name": "members", "start_us": START, "end_us": START + 9, "proves": True,
         "source": "db/log", "events": 12, "reasons": ""},
        {"system": "shop", "table_name": "staff", "start_us": START, "end_us": START + 9, "proves": False,
         "reasons": "role-unknown(user=app);starts-late(source=db/log)"},
    ],
    "coverage": [
        {**_WAY, "way_kind": "database", "way": "shop", "proves": True, "reasons": ""},
        {**_WAY, "way_kind": "database-user", "way": "app", "proves": False,
         "reasons": "role-unknown(user=app)"},
    ],
    "reachable": [
        {**_READ, "table_name": "members", "person_table": "members", "column_names": "name;email",
         "ground": "grant;row-security"},
        {**_READ, "table_name": "notes", "person_table": "members", "column_names": "*", "ground": "grant"},
        {**_READ, "table_name": "orders", "person_table": "members", "column_names": "*", "ground": "owner"},
        {**_READ, "table_name": "staff", "person_table": "staff", "column_names": "*",
         "ground": "member-of(readers)"},
    ],
    "touched": [{"system": "shop", "table_name": "members", "record_key": "4"}],
}  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Store]:
    """The sample run with a proven table, and one without records whose proof lacks something."""
    with write_run(tmp_path / "run", ROWS) as opened:
        yield opened


@pytest.fixture
def facts(run: Store) -> Facts:
    return gather_facts(run, TOKYO, MAP)


def test_summary_tells_proofs_and_what_they_lack(facts: Facts) -> None:
    proven, lacking = summary_of(facts)["absences"]
    assert (proven["proven"], proven["statements"]["value"], proven["not_reached"]["value"]) == (True, 12, 2)
    assert (lacking["proven"], lacking["missing"]) == (
        False, ["role-unknown(user=app)", "starts-late(source=db/log)"],
    )  # fmt: skip


def test_how_many_could_be_read_is_open_without_a_snapshot(run: Store, facts: Facts, tmp_path: Path) -> None:
    told = {reach["people_table"]: reach["records"] for reach in summary_of(facts)["reachable"]}
    assert (told["members"]["value"], told["members"]["bound"], told["staff"]) == (6, "at most", None)
    with write_sheet(REACHABLE_SHEET, run, TOKYO, tmp_path).open(encoding="utf-8-sig", newline="") as file:
        rows = {row["table"]: row["records_at_most"] for row in csv.DictReader(file)}
    assert rows == {"members": "6", "notes": "6", "orders": "6", "staff": ""}
    members, staff = contents_of(facts, Language.EN)["reach"].rows
    assert (members[-1], staff[-1]) == ("6", "not known")


@pytest.mark.parametrize("language", list(Language))
def test_report_puts_codes_into_words(facts: Facts, language: Language) -> None:
    words, part = words_in(language), contents_of(facts, language)
    gaps = words.section("proof_gaps")
    assert [row[1] for row in part["absence_gaps"].rows] == [gaps["role-unknown"], gaps["starts-late"]]
    grounds = words.section("right_grounds")
    assert part["reach"].rows[0][3] == ", ".join(grounds[name] for name in ("grant", "row-security", "owner"))
    assert part["reach"].rows[1][3] == grounds["member-of"]


def test_record_is_explained_by_proof_touch_or_lack(run: Store) -> None:
    def told(table: str, key: str) -> tuple[bool, str]:
        note = gather_absence(run, "shop", table, key)
        assert note is not None
        assert absence_as_json(note, TOKYO) is not None
        return note.proven, "\n".join(tell_absence(note, words_in(Language.EN), TOKYO))

    assert told("members", "5")[0]
    assert "database user app" in told("members", "5")[1]
    assert told("members", "4")[0] is False
    assert "may do so" in told("members", "4")[1]
    assert told("staff", "1")[0] is False
    assert "role-unknown(user=app)" in told("staff", "1")[1]
    assert gather_absence(run, "shop", "orders", "1") is None
