"""What is backed up while others write is of one moment; restoring fills an empty place alone."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from ashiato.engine.api import check_chain
from ashiato.terms.errors import ServerError
from ashiato.web.backups.restoring import Destination, restore
from ashiato.web.configuration import SQLITE, Configuration
from tests.web.backups.holdings import Held


@pytest.fixture
def held(tmp_path: Path) -> Held:
    return Held(tmp_path)


def test_a_transaction_is_in_it_whole_or_not_at_all(held: Held) -> None:
    is_over, begun = threading.Event(), threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(held.home / SQLITE, timeout=30)) as made:
            while not is_over.is_set():
                with made:
                    made.execute("INSERT INTO a VALUES ('x')")
                    made.execute("INSERT INTO b VALUES ('x')")
                begun.set()

    writer = threading.Thread(target=write)
    writer.start()
    begun.wait()
    taken = held.back_up()
    is_over.set()
    writer.join()
    held.restore()
    with closing(sqlite3.connect(held.place / SQLITE)) as brought:
        rows = {name: brought.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in "ab"}
    assert rows["a"] == rows["b"] > 0
    assert rows == taken.manifest.database.rows


def test_everything_but_what_runs_comes_back_as_it_was(held: Held) -> None:
    (held.home / "workers").mkdir()
    (held.home / "workers" / "worker-1").touch()
    (held.case / "lock").write_text("{}")
    with (held.case / "ledger.jsonl").open("ab") as ledger:
        ledger.write(b'{"torn": ')
    held.back_up()
    held.restore()
    assert (held.place / "keys" / "case-1.key").read_bytes() == b"k" * 32
    assert (held.place / "keys" / "case-1.key").stat().st_mode & 0o777 == 0o600
    brought = {path.relative_to(held.folder / "cases" / "night").as_posix() for path in
               (held.folder / "cases" / "night").rglob("*")}  # fmt: skip
    assert brought == {"case.json", "ledger.jsonl", "evidence", "runs", "snapshots"}
    assert not check_chain(held.folder / "cases" / "night")
    assert {path.name for path in held.place.iterdir()} == {"keys", "public.yaml", SQLITE}
    assert not any(path.name.startswith(".") for path in held.home.iterdir())


def test_a_place_that_holds_anything_is_left_alone(held: Held) -> None:
    held.back_up()
    held.place.mkdir()
    (held.place / "mine").touch()
    with pytest.raises(ServerError, match="something here already"):
        held.restore()
    (held.place / "mine").unlink()
    (held.folder / "cases" / "night").mkdir(parents=True)
    (held.folder / "cases" / "night" / "mine").touch()
    with pytest.raises(ServerError, match="where the case `night` goes"):
        held.restore()
    assert not list(held.place.iterdir())


def test_a_configuration_that_stands_there_stays(held: Held) -> None:
    held.back_up()
    held.place.mkdir()
    (held.place / "public.yaml").write_text("hosts: [pages.example]\n")
    held.restore()
    assert (held.place / "public.yaml").read_text() == "hosts: [pages.example]\n"
    assert (held.place / SQLITE).exists()


def test_cases_go_where_they_stood_unless_said_otherwise(held: Held) -> None:
    taken = held.back_up()
    held.case.rename(held.folder / "away")
    to = Destination(held.place, {"public": Configuration})
    with pytest.raises(ServerError, match="nobody said that it is the one you made"):
        restore(held.archive, held.key, to)
    assert not held.place.exists()
    restore(held.archive, held.key, to, taken.sha256)
    assert not check_chain(held.case)


def test_a_backup_is_never_half(held: Held) -> None:
    held.archive.write_bytes(b"mine")
    with pytest.raises(ServerError, match="such a file already"):
        held.back_up()
    assert held.archive.read_bytes() == b"mine"
    held.archive.unlink()
    held.case.rename(held.folder / "away")
    with pytest.raises(ServerError, match="folder of the case `night` is not there"):
        held.back_up()
    (held.folder / "away").rename(held.case)
    (held.case / "evidence" / "elsewhere").symlink_to(held.home)
    with pytest.raises(ServerError, match="a link to a folder"):
        held.back_up()
    assert {path.name for path in held.folder.iterdir()} == {"backup.key", "case", "home"}
