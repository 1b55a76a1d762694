"""What a case gains meanwhile is in its backup, and what cannot be in it is refused or named."""

from __future__ import annotations

import errno
import json
import os
import resource
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from ashiato.engine.api import create_case
from ashiato.terms.errors import ServerError
from ashiato.web.backups.manifest import MANIFEST, read_manifest
from ashiato.web.backups.server import back_up_server, files_named
from ashiato.web.backups.taking import Holding, take_backup
from ashiato.web.configuration import Configuration
from tests.web.backups.holdings import AT, Files, Held
from tests.web.console.scenes import casefile


@pytest.fixture
def held(tmp_path: Path) -> Held:
    return Held(tmp_path)


def test_whatever_a_ledger_names_is_in_the_archive_with_it(held: Held) -> None:
    for number in range(300):
        (held.case / "snapshots" / f"{number}").mkdir()
    with _growing(held.case):
        held.back_up()
    files: Files = {}
    held.forge(files.update)
    lines = files["cases/night/ledger.jsonl"].splitlines()
    named = {f"cases/night/evidence/{json.loads(line)['file']}" for line in lines if b'"file"' in line}
    assert named
    assert named <= set(files)


def test_as_many_files_are_told_when_it_is_made_as_when_it_comes_back(held: Held) -> None:
    told, files = held.back_up().manifest.files, Files()
    held.forge(files.update)
    assert set(told) == set(files) - {MANIFEST}
    assert set(told) == set(read_manifest(files[MANIFEST]).files)


@contextmanager
def _growing(case: Path) -> Iterator[None]:
    """Add evidence without end: first the file, then the line that names it."""
    is_over, begun = threading.Event(), threading.Event()

    def grow() -> None:
        for number in count():
            (case / "evidence" / f"{number}.log").write_bytes(b"x")
            with (case / "ledger.jsonl").open("a") as ledger:
                ledger.write(json.dumps({"hash": "0", "file": f"{number}.log"}) + "\n")
            begun.set()
            if is_over.is_set():
                return

    grower = threading.Thread(target=grow)
    grower.start()
    begun.wait()
    try:
        yield
    finally:
        is_over.set()
        grower.join()


def test_a_case_that_comes_while_the_database_is_copied_is_in_the_archive(held: Held) -> None:
    create_case(held.folder / "late", "Asia/Tokyo", lambda: 0)
    asked = iter(({"night": held.case}, {"night": held.case, "late": held.folder / "late"}))
    holding = Holding("public", Configuration(held.home), lambda: next(asked))
    assert set(take_backup(holding, held.archive, held.recipient, AT).manifest.cases) == {"night", "late"}


@pytest.mark.parametrize("place", ["home/backups", "case/evidence"])
def test_an_archive_does_not_hold_itself(held: Held, place: str) -> None:
    held.archive = held.folder / place / "a.age"
    held.archive.parent.mkdir(exist_ok=True)
    with pytest.raises(ServerError, match="would stand in what is backed up"):
        held.back_up()
    assert not list(held.archive.parent.iterdir())


def test_files_elsewhere_are_named(held: Held) -> None:
    held.named = (held.home / "mail.pass", Path("/etc/ssl/dkim.key"), held.home / "../sms.token")
    elsewhere = (str(held.home / "../sms.token"), "/etc/ssl/dkim.key")
    assert held.back_up().manifest.elsewhere == tuple(sorted(elsewhere))
    provider = {"name": "ses", "secrets": {"key": "c"}, "webhook_certificate_files": ["e"]}
    mail = {"host": "h", "password_file": "a", "dkim": [{"key_file": "b"}], "provider": provider}
    assert sorted(files_named({"mail": mail})) == ["a", "b", "c", "e"]


def test_what_was_broken_off_is_named_and_what_is_full_too(held: Held) -> None:
    partial = held.archive.with_name(".a.age.partial")
    partial.touch()
    with pytest.raises(ServerError, match="under way, or was broken off"):
        held.back_up()
    partial.unlink()
    (held.case / "evidence" / "big.log").write_bytes(os.urandom(1 << 20))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 18, limits[1]))
    try:
        with pytest.raises(ServerError, match="the archive cannot be written"):
            held.back_up()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not any("a.age" in path.name for path in held.folder.iterdir())


def test_a_disk_without_links_takes_an_archive_too(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_names: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")  # as exFAT and vfat answer

    monkeypatch.setattr(os, "link", refuse)
    held.back_up()
    assert {path.name for path in held.folder.iterdir()} == {"a.age", "backup.key", "case", "home"}
    held.restore()


@pytest.mark.usefixtures("database")
def test_a_case_destroyed_on_purpose_is_left_out_by_name(held: Held) -> None:
    name = casefile(held.case).name
    with pytest.raises(ServerError, match="it is backed up"):
        back_up_server(held.archive, held.recipient, AT, [name])
    shutil.rmtree(held.case)
    with pytest.raises(ServerError, match="is not there"):
        back_up_server(held.archive, held.recipient, AT)
    with pytest.raises(ServerError, match="no case `other`"):
        back_up_server(held.archive, held.recipient, AT, [name, "other"])
    assert back_up_server(held.archive, held.recipient, AT, [name]).manifest.cases == {}
