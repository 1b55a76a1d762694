"""A case whose answer was written by hand over really sealed lines: quick, and free of every stage."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ashiato.engine.api import Case, add_evidence, add_snapshot, create_case, list_sealed
from ashiato.engine.runs import key_of, open_run
from tests.exports.sample_run import ROWS, write_run

MAP = """
name: Bookshop
systems:
  shop:
    tables:
      members:
        person: true
        key: id
        persona: member
        columns: {id: {}, name: {category: identity}, email: {category: contact}}
"""

MEMBERS = "id,name,email\n1,Aoi Mori,aoi@shop.example\n2,Ben,b@x.example\n"
LINES = [
    '203.0.113.7 - - [10/Jun/2026:23:01:00 +0900] "GET /members/1 HTTP/1.1" 200 120 "-" "curl"',
    '203.0.113.7 - - [10/Jun/2026:23:02:00 +0900] "GET /m?q=aoi%40shop.example%27 HTTP/1.1" 200 1 "-" "x"',
    '203.0.113.7 - - [10/Jun/2026:23:03:00 +0900] "GET /m/Aoi+Mori?x=[bold]1[/] HTTP/1.1" 200 1 "-" "x"',
    '203.0.113.7 - - [10/Jun/2026:23:04:00 +0900] "GET /\x1b]0;owned\x07\x1b[2J HTTP/1.1" 200 1 "-" "\u202e"',
]

#: Who stands behind the members of the small case; what a real run adds to its tables.
PERSONS: dict[str, list[dict[str, Any]]] = {
    "persons": [
        {
            "person_id": f"shop/members/{number}",
            "widest_person_id": f"shop/members/{number}",
            "grade": grade,
            "records": 1,
            "personas": "member",
            "states": states,
            "is_reachable": number < 3,
        }
        for number, grade, states in ((1, 4, "minor;past"), (2, 4, ""), (3, 2, ""))
    ],
    "sensitivities": [{"person_id": "shop/members/2", "sensitivity": 3}],
}


def make_case(folder: Path, more: dict[str, list[dict[str, Any]]] | None = None) -> Case:
    """Make the case: one sealed log, one snapshot, a data map, and a finished run (with ``more`` tables)."""
    sources = folder / "sources"
    (sources / "web").mkdir(parents=True)
    (sources / "web" / "access.log").write_bytes("".join(f"{line}\n" for line in LINES).encode())
    (sources / "dump").mkdir()
    (sources / "dump" / "members.csv").write_text(
        "id,name,email\n1,Aoi Mori,aoi@shop.example\n2,Ben,b@x.example\n"
    )
    (sources / "map.yaml").write_text(MAP)
    case = create_case(folder / "case", "Asia/Tokyo", lambda: 0, sources / "map.yaml")
    add_evidence(case, [sources / "web"])
    add_snapshot(case, sources / "dump", "2026-06-11T00:00:00+09:00", "shop")
    finish_by_hand(case, more)
    return case


def finish_by_hand(case: Case, more: dict[str, list[dict[str, Any]]] | None = None) -> None:
    """Write the sample run's tables over the sealed log, and pin them as a finished run."""
    run = open_run(case, key_of(case))
    with write_run(run.folder, _rows(case) | (more or {})) as store:
        run.finish(store)


def _rows(case: Case) -> dict[str, list[dict[str, Any]]]:
    (sealed,) = list_sealed(case.folder)
    about = {
        "evidence_id": sealed.evidence_id,
        "file": sealed.file,
        "label": sealed.label,
        "kept_as": sealed.kept_as,
        "compression": sealed.compression,
        "content_lines": sealed.content_lines,
    }
    seen, start = [], 0
    for number, line in enumerate(LINES, 1):
        end = start + len(line.encode()) + 1
        place = {"line_first": number, "line_last": number, "byte_first": start, "byte_last": end - 1}
        seen.append({"event_id": number, "evidence_id": sealed.evidence_id, "role": "request", **place})
        start = end
    people = [row for row in ROWS["people"] if row["table_name"] == "members"]
    proven = {"system": "shop", "table_name": "members", "record_key": "1", "path": "p1", "shows": "request"}
    return {
        "evidence": [about],
        "witnesses": seen,
        "people": people,
        "proofs": [proven | {"event_id": number} for number in range(1, len(LINES) + 1)],
        "readings": [],
        "unread": [],
    }
