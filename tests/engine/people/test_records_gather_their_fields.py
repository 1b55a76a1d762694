from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.datamap.model import DataMap
from ashiato.engine import people
from ashiato.engine.store import Store
from ashiato.engine.tables import ABSENCES, EVENTS, EXPOSURES, INTRUSION, MASTER, TOUCHED
from ashiato.engine.workspace import Workspace

WORDS = {1: "not shown", 2: "possible", 3: "probable", 4: "confirmed"}
RECORDS = [("db", "members", str(number), "member") for number in range(6)]
# More fields than one number has bits.
FIELDS = [f"members.c{number:03}" for number in range(150)]

rows = st.lists(
    st.tuples(
        st.sampled_from(RECORDS[:5]),
        st.sampled_from(["P1", "P2"]),
        st.sampled_from(FIELDS),
        st.integers(1, 4),
        st.integers(2, 4),
        st.sampled_from([None, "1-3"]),
        st.sampled_from(["", "drift", "drift;value-changed"]),
    ),
    max_size=60,
    unique_by=lambda row: (row[0], row[1], row[2]),
)


@pytest.mark.slow
@given(rows)
def test_record_has_each_field_at_its_highest(reached: list[tuple[object, ...]]) -> None:
    with TemporaryDirectory() as folder, Store(Path(folder)) as store:
        store.write(MASTER, [(*row, None) for row in RECORDS])
        store.write(ABSENCES, [])
        store.write(TOUCHED, [])
        store.write(INTRUSION, [])
        store.write(EVENTS, [])
        store.write(
            EXPOSURES,
            [
                (*record[:3], path, field, f"L{rung}", grade, part, reasons)  # type: ignore[index]
                for record, path, field, rung, grade, part, reasons in reached
            ],
        )
        people.build(Workspace(Path(folder), ZoneInfo("UTC"), DataMap(), (), store))
        found = {
            row[0]: row[1:] for row in store.rows("SELECT record_key, grade, fields, reasons FROM people")
        }
    assert found == {record[2]: expected(record, reached) for record in RECORDS}


def expected(record: tuple[str, ...], reached: list[tuple[object, ...]]) -> tuple[int, str, str]:
    """Say it row by row."""
    held: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    codes: set[str] = set()
    for owner, _, field, rung, grade, part, reasons in reached:
        if owner == record:
            held[str(field)].append((int(str(grade)), int(str(rung)), str(part or "")))
            codes |= set(filter(None, str(reasons).split(";")))
    highest = {name: min(found, key=lambda row: (-row[0], -row[1], row[2])) for name, found in held.items()}
    texts = [
        f"{name}={WORDS[grade]}/L{rung}" + (f":{part}" if part else "")
        for name, (grade, rung, part) in sorted(highest.items())
    ]
    best = max((grade for grade, _, _ in highest.values()), default=1)
    return best, ";".join(texts), ";".join(sorted(codes))
