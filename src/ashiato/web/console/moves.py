"""How counts moved from run to run: per grade at least and at most, as a table and as a picture from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache
from pathlib import Path

from ashiato.engine.api import Case, finished_runs, list_entries, open_case, open_outcome
from ashiato.exports.facts import RECORD_BOUNDS
from ashiato.exports.people_facts import PeopleBounds, gather_people
from ashiato.exports.sheets.paths import OUTSIDE
from ashiato.exports.told_facts import gather_told
from ashiato.rooms.living import now_us
from ashiato.terms.grades import Grade
from ashiato.web.console.picture_facts import Picture

_MOST_RUNS = 12
_MOST_KEPT = 256
_TOLD = (Grade.CONFIRMED, Grade.PROBABLE, Grade.POSSIBLE)
#: All three grades together, beside each of them.
_REACHED = "reached"
COLUMNS = ("run", "ended", "unit", "grade", "at_least", "at_most")


@dataclass(frozen=True)
class Move:
    """What one run counted of one grade, in people or in records; ``ended`` as its case's ledger has it."""

    run: int
    ended: str
    unit: str
    grade: str
    least: int
    most: int


def moves_of(case: Case) -> list[Move]:
    """Return what the newest finished runs counted, the oldest of them first."""
    times = {
        str(entry["hash"]): _told_in(case.zone, str(entry["time"])) for entry in list_entries(case.folder)
    }
    return [
        Move(number, times.get(finished, ""), unit, grade, bounds.at_least, bounds.at_most)
        for number, finished in finished_runs(case)[-_MOST_RUNS:]
        for unit, grade, bounds in _counted(str(case.folder), number, finished)
    ]


def table_of(moves: list[Move]) -> Picture:
    """Lay them out as the table below the picture, which is taken away as CSV."""
    rows = ((move.run, move.ended, move.unit, move.grade, move.least, move.most) for move in moves)
    return Picture("moves", COLUMNS, tuple(rows))


def _told_in(zone: tzinfo, time: str) -> str:
    return datetime.fromisoformat(time).astimezone(zone).isoformat(timespec="seconds")


@lru_cache(maxsize=_MOST_KEPT)
def _counted(folder: str, run: int, finished: str) -> tuple[tuple[str, str, PeopleBounds], ...]:
    """Count a run that its ledger entry ``finished`` pins: it never changes."""
    del finished
    with open_outcome(open_case(Path(folder), now_us), run) as outcome:
        store = outcome.store
        people, told = gather_people(store), gather_told(store)
        counted: dict[int, int] = dict(
            store.rows(f"SELECT grade, count(*) FROM people WHERE NOT {OUTSIDE} GROUP BY grade")
        )
        ((least, most),) = store.rows(f"SELECT {RECORD_BOUNDS} FROM people WHERE NOT {OUTSIDE}")
    records = {_REACHED: PeopleBounds(least, most)}
    records |= {grade.word: PeopleBounds(*(2 * (counted.get(int(grade), 0),))) for grade in _TOLD}
    found = {"records": records}
    if people is not None and told is not None:
        found = {"people": {_REACHED: people.reached} | told.grades} | found
    return tuple((unit, grade, bounds) for unit, held in found.items() for grade, bounds in held.items())


#: The picture's measures, in its own units.
_LEFT, _STEP, _LANE, _ROOM, _BAR, _FOOT = 150, 110, 92, 34, 34, 26


@dataclass(frozen=True)
class Bar:
    """One count in the picture: how high its upper bound stands, and its lower one within."""

    x: int
    floor: int
    high: float
    low: float
    least: int
    most: int

    @property
    def top(self) -> float:
        """Where the upper bound ends."""
        return round(self.floor - self.high, 1)

    @property
    def low_top(self) -> float:
        """Where the lower bound ends."""
        return round(self.floor - self.low, 1)

    @property
    def label_y(self) -> float:
        """Where its numbers stand: above it."""
        return round(self.top - 5, 1)

    @property
    def middle(self) -> float:
        """Across, where its numbers stand."""
        return self.x + _BAR / 2


@dataclass(frozen=True)
class Lane:
    """One grade's part of the picture: where its floor is, and a bar of each run."""

    grade: str
    key: str
    floor: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Drawing:
    """The whole picture: one unit, a lane of each grade, a column of each run."""

    unit: str
    lanes: tuple[Lane, ...]
    runs: tuple[tuple[float, int], ...]
    width: int
    height: int
    bar_width: int = _BAR


def draw_moves(moves: list[Move]) -> Drawing | None:
    """Draw them in people where each run counted people, else in records; None where there is no run."""
    runs = sorted({move.run for move in moves})
    if not runs:
        return None
    in_people = {move.run for move in moves if move.unit == "people"}
    unit = "people" if in_people == set(runs) else "records"
    drawn = [move for move in moves if move.unit == unit]
    grades = list(dict.fromkeys(move.grade for move in drawn))
    lanes = tuple(_lane(place, [m for m in drawn if m.grade == grade]) for place, grade in enumerate(grades))
    columns = tuple((_across(place) + _BAR / 2, run) for place, run in enumerate(runs))
    width, height = _across(len(runs)), _LANE * len(lanes) + _FOOT
    return Drawing(unit, lanes, columns, width, height)


def _lane(place: int, moves: list[Move]) -> Lane:
    floor = _LANE * (place + 1)
    scale = (_LANE - _ROOM) / max(*(move.most for move in moves), 1)
    bars = (
        Bar(
            _across(column),
            floor,
            round(move.most * scale, 1),
            round(move.least * scale, 1),
            move.least,
            move.most,
        )
        for column, move in enumerate(moves)
    )
    return Lane(moves[0].grade, moves[0].grade.replace(" ", "-"), floor, tuple(bars))


def _across(column: int) -> int:
    return _LEFT + _STEP * column
