"""How counts moved from run to run: what each run's tables hold, in one unit, as picture, table and CSV."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.urls import reverse

from ashiato.engine.api import Case, finished_runs
from ashiato.rooms.cases.api import Role
from ashiato.web.console.moves import Move, draw_moves, moves_of
from tests.cli.sample_case import PERSONS, finish_by_hand, make_case
from tests.web.console.scenes import casefile, signed_in, staff_named

pytestmark = pytest.mark.usefixtures("database")
#: The first run surely knows member 1 alone, the second the first two; member 3 is possible in both.
GRADES = ({1: 4, 2: 2, 3: 2}, {1: 4, 2: 4, 3: 2})
#: By hand: all that is possible at least, and each grade; members 2 and 3 may be one human.
PEOPLE = (
    {"reached": (1, 3), "confirmed": (1, 1), "probable": (0, 0), "possible": (1, 2)},
    {"reached": (2, 3), "confirmed": (2, 2), "probable": (0, 0), "possible": (0, 1)},
)


def _more(grades: dict[int, int]) -> dict[str, list[dict[str, Any]]]:
    """Tables of one run: its persons, and a record of each."""
    widest = {1: "shop/members/1", 2: "shop/members/2", 3: "shop/members/2"}
    persons = [
        {**person, "grade": grades[number], "widest_person_id": widest[number]}
        for number, person in enumerate(PERSONS["persons"], 1)
    ]
    people = [
        {"system": "shop", "table_name": "members", "record_key": str(number), "grade": grade,
         "person_id": f"shop/members/{number}", "widest_person_id": widest[number], "persona": "member"}
        for number, grade in grades.items()
    ]  # fmt: skip
    return {**PERSONS, "persons": persons, "people": people}


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Case:
    case = make_case(tmp_path_factory.mktemp("twice"), _more(GRADES[0]))
    finish_by_hand(case, _more(GRADES[1]))
    return case


def test_each_run_tells_what_it_counted(twice: Case) -> None:
    moves = moves_of(twice)
    assert [number for number, _ in finished_runs(twice)] == [1, 2]
    for run, expected in enumerate(PEOPLE, 1):
        held = {
            move.grade: (move.least, move.most) for move in moves if (move.run, move.unit) == (run, "people")
        }
        assert held == expected
    records = {move.grade: move.most for move in moves if (move.run, move.unit) == (2, "records")}
    assert records == {"reached": 3, "confirmed": 2, "probable": 0, "possible": 1}
    assert all(move.least <= move.most for move in moves)
    assert all(move.ended.endswith("+09:00") for move in moves)


def test_the_picture_is_in_one_unit_and_within_its_bounds(twice: Case) -> None:
    moves = moves_of(twice)
    drawn, without = (
        draw_moves(moves),
        draw_moves([move for move in moves if (move.run, move.unit) != (1, "people")]),
    )
    assert drawn is not None
    assert without is not None
    assert (drawn.unit, without.unit, draw_moves([])) == ("people", "records", None)
    for lane in drawn.lanes:
        for bar in lane.bars:
            assert lane.floor - 92 < bar.label_y < bar.top <= bar.low_top <= lane.floor
            assert bar.x + drawn.bar_width <= drawn.width


def test_nothing_counted_divides_by_nothing() -> None:
    drawn = draw_moves([Move(1, "", "records", "reached", 0, 0)])
    assert drawn is not None
    assert [(bar.high, bar.low) for lane in drawn.lanes for bar in lane.bars] == [(0, 0)]


def test_the_page_shows_them_and_gives_them_away(twice: Case) -> None:
    staff = staff_named("aoi")
    client, file = signed_in(staff), casefile(twice.folder, (staff, Role.AUDITOR))
    shown = client.get(reverse("runs", args=[file.name])).content.decode()
    assert "How counts moved between runs" in shown
    assert "1 to 3" in shown
    given = client.get(reverse("run_counts", args=[file.name]))
    rows = list(csv.DictReader(io.StringIO(given.content.decode("utf-8-sig"))))
    assert len(rows) == len(moves_of(twice))
    picked = [row for row in rows if (row["run"], row["unit"], row["grade"]) == ("2", "people", "confirmed")]
    assert [(row["at_least"], row["at_most"]) for row in picked] == [("2", "2")]
