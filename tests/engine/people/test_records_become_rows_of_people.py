from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from ashiato.datamap.model import DataMap
from ashiato.engine.people import build
from ashiato.engine.store import Row, Store
from ashiato.engine.tables import ABSENCES, EVENTS, EXPOSURES, INTRUSION, LIMITS, MASTER, PEOPLE, TOUCHED
from ashiato.engine.workspace import Workspace

Tell = Callable[..., dict[tuple[str, str], Row]]
CLERK = ("shop", "clerks", "1")
MEMBER = ("shop", "members", "1")


def _reached(record: Row, field: str, how: tuple[int, str], reasons: str = "", *, path: str = "P1") -> Row:
    grade, rung = how
    return (*record, path, field, rung, grade, None, reasons)


@pytest.fixture
def tell(tmp_path: Path) -> Iterator[Tell]:
    """Build `people` from records of the master and from exposures; rows by table and key."""
    with Store(tmp_path / "run") as store:

        def built(
            master: Sequence[Row],
            exposures: Sequence[Row],
            absences: Sequence[Row] = (),
            touched: Sequence[Row] = (),
        ) -> dict[tuple[str, str], Row]:
            store.write(MASTER, [(*row, None) for row in master])
            store.write(EXPOSURES, list(exposures))
            store.write(ABSENCES, list(absences))
            store.write(TOUCHED, list(touched))
            store.write(INTRUSION, [])
            store.write(EVENTS, [])
            build(Workspace(tmp_path, ZoneInfo("UTC"), DataMap(), (), store))
            names = ", ".join(list(PEOPLE.columns)[3:8])
            return {
                row[:2]: row[2:] for row in store.rows(f"SELECT table_name, record_key, {names} FROM people")
            }

        yield built


def test_same_key_in_two_tables_is_two_persons(tell: Tell) -> None:
    people = tell([(*CLERK, "clerk"), (*MEMBER, "member")], [])
    ids = [row[0] for row in people.values()]
    assert sorted(ids) == ["shop/clerks/1", "shop/members/1"]
    assert {row[2] for row in people.values()} == {1}


def test_best_grade_of_each_field_is_told(tell: Tell) -> None:
    exposures = [
        _reached(MEMBER, "members.name", (2, "L1")),
        _reached(MEMBER, "members.name", (4, "L3"), path="P2"),
        _reached(MEMBER, "members.mail", (3, "L2")),
    ]
    _, persona, grade, fields, reasons = tell([(*MEMBER, "member")], exposures)["members", "1"]
    assert (persona, grade, reasons) == ("member", 4, "")
    assert fields == "members.mail=probable/L2;members.name=confirmed/L3"


def test_reasons_name_each_code_once(tell: Tell) -> None:
    exposures = [
        _reached(MEMBER, "members.name", (3, "L3"), "drift;value-changed"),
        _reached(MEMBER, "members.mail", (3, "L3"), "drift"),
        _reached(MEMBER, "members.city", (3, "L3"), "drift;masked(column=a;b)", path="P2"),
    ]
    row = tell([(*MEMBER, "member")], exposures)["members", "1"]
    assert row[-1] == "drift;masked(column=a;b);value-changed"


def test_record_no_table_holds_is_a_row_too(tell: Tell) -> None:
    found = ("shop", "export.csv", "17")
    people = tell([(*MEMBER, "member")], [_reached(found, "export.csv.name", (4, "L4"), "whose")])
    assert people["export.csv", "17"] == (
        "shop/export.csv/17", None, 4, "export.csv.name=confirmed/L4", "not-in-master;whose",
    )  # fmt: skip
    assert people["members", "1"][2] == 1


PROVEN, UNPROVEN = (("shop", "members", 1, 9, proves, "db", 5, "") for proves in (True, False))


@pytest.mark.parametrize(
    ("absences", "touched", "reached", "grade"),
    [
        ([PROVEN], [], [], 0),
        ([UNPROVEN], [], [], 1),
        ([], [], [], 1),
        ([PROVEN], [MEMBER], [], 1),
        ([PROVEN], [CLERK], [], 0),
        ([PROVEN], [], [_reached(MEMBER, "members.name", (2, "L1"))], 2),
        ([("crm", *PROVEN[1:])], [], [], 1),
    ],
)
def test_not_reached_wants_a_proof_and_no_trace(
    tell: Tell, absences: list[Row], touched: list[Row], reached: list[Row], grade: int
) -> None:
    people = tell([(*MEMBER, "member"), (*CLERK, "clerk")], reached, absences, touched)
    assert people["members", "1"][2] == grade
    assert people["clerks", "1"][2] == 1


def test_limits_count_each_code_by_itself(tmp_path: Path) -> None:
    from ashiato.engine.exposures.limits import Limits  # noqa: PLC0415 - the stage is not under test here

    with Store(tmp_path / "run") as store:
        exposures = [
            _reached(MEMBER, "members.name", (3, "L3"), "drift;value-changed"),
            _reached(MEMBER, "members.mail", (3, "L3"), "drift"),
            _reached(CLERK, "clerks.name", (3, "L3"), "drift"),
        ]
        store.write(EXPOSURES, exposures)
        texts = pa.array([], pa.string())
        nothing = pa.table({"reason": texts, "name": texts, "events": pa.array([], pa.int64())})
        store.write_as("unseen_writes", nothing)
        rows = Limits().rows(store)
    assert [(row[1], row[list(LIMITS.columns).index("records")]) for row in rows] == [
        ("drift", 2),
        ("value-changed", 1),
    ]
