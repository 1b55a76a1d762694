"""A value read blind belongs to the record it fits; where several fit, or none, the answer says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashiato.datamap.model import DataMap, DataTable, System
from ashiato.engine.exposures.state import State, StateTable
from ashiato.engine.exposures.transcripts.rebuilding import Rebuilt
from ashiato.engine.exposures.transcripts.sought import Part, Sought
from ashiato.engine.exposures.transcripts.telling import tell_rows
from ashiato.engine.store import Row, Station, Store

_KINDS = {"id": "BIGINT", "name": "VARCHAR", "city": "VARCHAR"}
_MEMBERS = DataTable("members", key=("id",), person=True)
_SYSTEM = System("shop", tables={"members": _MEMBERS})
_MAP = DataMap(systems={"shop": _SYSTEM})
_ROWS = "VALUES (0, '1', 1, 'Aoi', 'Tokyo'), (1, '2', 2, 'Ben', 'Osaka'), (2, '3', 3, 'Aoi', 'Kyoto')"


def _state(store: Store) -> State:
    sql = (
        "SELECT o AS _ord, k AS _key, 'members' AS _person_table, k AS _person, CAST(i AS BIGINT) AS id, "
        f"n AS name, c AS city FROM ({_ROWS}) AS t (o, k, i, n, c)"
    )
    store.run(Station("state0_members", sql))
    table = StateTable("shop", "members", "state0_members", _KINDS, "members", 3, ("id",), "insertion")
    return State(_SYSTEM, 0, {"members": table})


def _value(
    column: str, value: str, offset: int, *, state: str = "complete", known: str = "", ordered: bool = False
) -> Rebuilt:
    sought = Sought(
        key=f"{column}|{offset}",
        table="members",
        source="members",
        parts=(Part(column),),
        row=f"row {offset}",
        place=f"offset={offset}",
        selectors=(),
        default=None,
        offset=offset,
        order=(("id", False),) if ordered else (),
    )
    return Rebuilt("P1", sought, value, state, known, (7,))


def _told(folder: Path, *values: Rebuilt, snapshot: bool = True) -> list[Row]:
    with Store(folder) as store:
        states = (_state(store),) if snapshot else ()
        tell_rows(store, states, _MAP, list(values))
        sql = "SELECT record_key, field, rung, grade, part, reasons FROM transcripts_exposures ORDER BY ALL"
        return store.rows(sql)


def test_values_of_one_row_settle_whose_they_are(tmp_path: Path) -> None:
    told = _told(tmp_path, _value("name", "Aoi", 0), _value("city", "Kyoto", 0))
    assert told == [
        ("3", "members.city", "L4", 4, None, ""),
        ("3", "members.name", "L4", 4, None, ""),
    ]


def test_value_of_several_records_is_probable_where_its_place_says_so(tmp_path: Path) -> None:
    told = _told(tmp_path, _value("name", "Aoi", 2, ordered=True))
    assert [(row[0], row[3], row[5]) for row in told] == [("1", 2, "whose"), ("3", 3, "whose")]


def test_part_of_a_value_lists_its_characters(tmp_path: Path) -> None:
    told = _told(tmp_path, _value("id", "2", 1), _value("city", "Os", 1, state="partial", known="1-2"))
    assert told == [
        ("2", "members.city", "L4", 4, "characters=1-2", "blind"),
        ("2", "members.id", "L4", 4, None, ""),
    ]


def test_value_only_tried_is_possible_at_most(tmp_path: Path) -> None:
    told = _told(tmp_path, _value("id", "2", 1), _value("city", "", 1, state="tried"))
    assert ("2", "members.city", "L1", 2, None, "blind") in told


def test_changed_value_is_known_by_its_key(tmp_path: Path) -> None:
    told = _told(tmp_path, _value("id", "2", 1), _value("name", "Benedikt", 1))
    assert told == [
        ("2", "members.id", "L4", 4, None, ""),
        ("2", "members.name", "L4", 4, None, "value-changed"),
    ]


@pytest.mark.parametrize("snapshot", [True, False])
def test_value_of_no_record_is_one_of_its_own(snapshot: bool, tmp_path: Path) -> None:
    told = _told(tmp_path, _value("name", "Chika", 5), snapshot=snapshot)
    assert told == [("offset=5", "members.name", "L4", 4, None, "not-in-master")]
