"""One column name has one type and one meaning in the whole house."""

from __future__ import annotations

from collections import Counter

import pytest

from ashiato.engine.tables import ALL_TABLES, Table
from tests.house.source import ROOT

TABLES = pytest.mark.parametrize("table", ALL_TABLES, ids=lambda table: table.name)
_KNOWN_TYPES = {"VARCHAR", "BIGINT", "INTEGER", "DOUBLE", "BOOLEAN"}
_SUFFIX_TYPES = {"_us": "BIGINT", "_bytes": "BIGINT", "_sha256": "VARCHAR", "_ip": "VARCHAR"}


def test_a_column_name_has_one_type_everywhere() -> None:
    kinds: dict[str, set[str]] = {}
    for table in ALL_TABLES:
        for name, kind in table.columns.items():
            kinds.setdefault(name, set()).add(kind)
    assert not {name: kind for name, kind in kinds.items() if len(kind) > 1}


def test_no_two_tables_share_a_name() -> None:
    assert [name for name, times in Counter(table.name for table in ALL_TABLES).items() if times > 1] == []


@TABLES
def test_a_table_states_its_grain_in_a_phrase(table: Table) -> None:
    assert table.grain.startswith("one row per ")


@TABLES
def test_a_table_is_ordered_by_its_own_columns(table: Table) -> None:
    assert table.order
    assert set(table.order) <= set(table.columns)


@TABLES
def test_types_are_known_and_units_fit_them(table: Table) -> None:
    for name, kind in table.columns.items():
        assert kind in _KNOWN_TYPES, name
        for suffix, wanted in _SUFFIX_TYPES.items():
            assert kind == wanted or not name.endswith(suffix), name


@TABLES
def test_no_column_leaves_its_unit_open(table: Table) -> None:
    vague = {"time", "duration", "size", "start", "end", "timestamp"}
    assert not vague & set(table.columns)


def test_every_table_object_is_among_all_tables() -> None:
    files = sorted((ROOT / "src/ashiato/engine").glob("tables*.py"))
    assert sum(file.read_text("utf-8").count("= Table(") for file in files) == len(ALL_TABLES)
