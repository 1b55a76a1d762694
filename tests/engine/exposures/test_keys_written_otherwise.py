"""A write's key names its row however it is spelled, and nobody where it cannot be told whose it is."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pytest

from ashiato.datamap.model import System
from ashiato.engine.exposures.deeds import Deed, Write
from ashiato.engine.exposures.keying import settle_keys
from ashiato.engine.exposures.state import State, StateTable
from ashiato.engine.store import Store
from tests.engine.exposures.test_writes_of_several_tables import Said, said

_CODES = StateTable("db", "codes", "codes", {"code": "VARCHAR", "title": "VARCHAR"}, None, 2, ("code",), None)
_DAYS = StateTable("db", "days", "days", {"day": "DATE", "title": "VARCHAR"}, None, 1, ("day",), None)
_UUID = "0a0b0c0d-0000-4000-8000-0123456789ab"


@pytest.mark.parametrize("asked", ["5", "'05'", "5.0", "' 5 '", "+5", "'5.'"])
def test_a_whole_number_names_its_row_in_any_writing(asked: str) -> None:
    assert said(f"DELETE FROM members WHERE id = {asked}", "mariadb") == {("members", "taken", "5", "id")}


@pytest.mark.parametrize("asked", ["'5abc'", "5.4", "'0x5'", "'5e0'", "''", "TRUE", "'" + "9" * 5000 + "'"])
def test_what_is_no_whole_number_names_nobody(asked: str) -> None:
    assert said(f"DELETE FROM members WHERE id = {asked}", "mariadb") == {("members", "taken", None, "")}


def test_what_is_no_whole_number_is_not_what_a_column_holds() -> None:
    odd: set[Said] = {("visits", "set", "7", "member_id")}
    assert said("UPDATE visits SET member_id = '5abc' WHERE id = '07'", "mariadb") == odd
    assert said("INSERT INTO members (id, name) VALUES ('5abc', 'x')", "mariadb") == {
        ("members", "put", None, "name")
    }


def test_a_text_is_not_named_by_a_number() -> None:
    assert said("DELETE FROM codes WHERE code = 5", "mariadb") == {("codes", "taken", None, "")}
    assert said("DELETE FROM codes WHERE code = '5'", "mariadb") == {("codes", "taken", "5", "code")}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store(tmp_path_factory.mktemp("keys")) as made:
        yield made


def settled(store: Store, engine: str, table: StateTable, rows: list[str], *asked: str) -> list[str | None]:
    """Return the keys that writes have, once they are held against a table's rows."""
    store.write_as(table.kept_as, pa.table({"_key": pa.array(rows, pa.string())}))
    found = {table.kept_as: {Write(table.kept_as, n, Deed.TAKEN, key) for n, key in enumerate(asked)}}
    settle_keys(store, State(System("db", engine), 0, {table.name: table}), found)
    return [write.key for write in sorted(found[table.kept_as], key=lambda write: write.time_us)]


def test_keys_that_a_collation_folds_are_nobodys_unless_a_row_is_spelled_so(store: Store) -> None:
    asked = ("C-01", "c-01", "c-02 ", "x-7", "X-7", "y-8", "Ｃ-０２")
    assert settled(store, "mariadb", _CODES, ["C-01", "C-02"], *asked) == [
        "C-01",
        None,
        None,
        None,
        None,
        "y-8",
        None,
    ]


def test_keys_told_by_their_bytes_stay_and_numbers_of_things_fold(store: Store) -> None:
    asked = ("c-01", _UUID.upper(), _UUID)
    assert settled(store, "postgresql", _CODES, ["C-01", _UUID], *asked) == ["c-01", None, _UUID]


def test_a_day_is_named_as_its_row_is_spelled(store: Store) -> None:
    assert settled(store, "postgresql", _DAYS, ["2026-05-06"], "2026-05-06", "2026-5-6") == [
        "2026-05-06",
        None,
    ]
