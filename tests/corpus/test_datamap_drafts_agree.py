"""A draft of the pet insurer's snapshot agrees with the shipped map; the agreement is printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashiato.datamap.check import check_datamap
from ashiato.datamap.draft import draft_datamap
from ashiato.datamap.load import load_datamap, parse_datamap
from ashiato.datamap.snapshots import list_columns

SHIPPED = Path(__file__).resolve().parents[2] / "examples" / "pet-insurer" / "datamap.yaml"


def _share(agreeing: int, all_of_them: int) -> str:
    return f"{agreeing}/{all_of_them} ({agreeing / all_of_them:.0%})"


@pytest.mark.slow
@pytest.mark.parametrize("with_schema", [True, False], ids=["schema and contents", "contents alone"])
def test_a_draft_agrees_with_the_shipped_map(corpus: Path, tmp_path: Path, *, with_schema: bool) -> None:
    snapshot = corpus / "pet-insurer" / "snapshot"
    folder = snapshot if with_schema else tmp_path
    for file in () if with_schema else snapshot.glob("*.csv"):
        (tmp_path / file.name).symlink_to(file)
    draft = draft_datamap({"petdb": folder})
    drafted, shipped = draft.datamap.systems["petdb"], load_datamap(SHIPPED).systems["petdb"]
    people = [table.person == drafted.tables[name].person for name, table in shipped.tables.items()]
    keys = [table.key == drafted.tables[name].key for name, table in shipped.tables.items()]
    hangs = [table.belongs == drafted.tables[name].belongs for name, table in shipped.tables.items()]
    categories = [
        column.category == drafted.tables[name].columns[column.name].category
        for name, table in shipped.tables.items()
        for column in table.columns.values()
    ]
    found = {"people": people, "keys": keys, "belongs": hangs, "categories": categories}
    print("\n" + ", ".join(f"{what} {_share(sum(held), len(held))}" for what, held in found.items()))  # noqa: T201
    assert parse_datamap(draft.text) == draft.datamap
    assert all(people)
    assert all(keys)
    assert all(hangs)
    assert sum(categories) >= 0.9 * len(categories)


def test_the_shipped_map_fits_the_snapshot(corpus: Path) -> None:
    columns = list_columns(corpus / "pet-insurer" / "snapshot")
    assert check_datamap(SHIPPED, {"petdb": columns}) == []
