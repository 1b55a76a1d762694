"""An archive that is not as it was made is refused, what is wrong is named, and nothing is put anywhere."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from ashiato.terms.errors import IntegrityError, ServerError
from ashiato.web.backups.archives import make_key
from tests.web.backups.holdings import Files, Held

_LEDGER, _COPY = "cases/night/ledger.jsonl", "database/server.sqlite3"


@pytest.fixture
def held(tmp_path: Path) -> Held:
    made = Held(tmp_path)
    made.back_up()
    return made


def _change_key(files: Files) -> None:
    files["home/keys/case-1.key"] = b"j" * 32


def _remove_case_file(files: Files) -> None:
    del files["cases/night/case.json"]


def _add_a_file(files: Files) -> None:
    files["home/keys/other.key"] = b"x"


def _remove_manifest(files: Files) -> None:
    del files["manifest.json"]


def _spoil_manifest(files: Files) -> None:
    files["manifest.json"] = b"[]"


def _claimed(files: Files, name: str, content: bytes) -> None:
    """Change a file and what the manifest says of it."""
    said = json.loads(files["manifest.json"])
    said["files"][name] = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    files[name], files["manifest.json"] = content, json.dumps(said).encode()


def _rewrite_ledger(files: Files) -> None:
    _claimed(files, _LEDGER, files[_LEDGER].replace(b"Asia/Tokyo", b"Asia/Seoul"))


def _cut_ledger(files: Files) -> None:
    _claimed(files, _LEDGER, b"")


def _name_a_case(files: Files, name: str) -> None:
    """Put the case, and what the manifest says of it, under another name."""
    said = json.loads(files["manifest.json"])
    said["cases"] = {name: said["cases"]["night"]}
    files["manifest.json"] = json.dumps(said).encode()


def _climb_out(files: Files) -> None:
    _name_a_case(files, "../home/evil")
    for name in ("case.json", "ledger.jsonl"):
        _claimed(files, f"home/evil/{name}", files[f"cases/night/{name}"])


def _spoil_database(files: Files) -> None:
    _claimed(files, _COPY, files[_COPY][:4096] + b"\xff" * (len(files[_COPY]) - 4096))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (_change_key, "home/keys/case-1.key was changed"),
        (_remove_case_file, "cases/night/case.json is missing"),
        (_add_a_file, "home/keys/other.key was added"),
        (_remove_manifest, "has no manifest.json"),
        (_spoil_manifest, "manifest.json is not of our form"),
        (_rewrite_ledger, "the ledger of the case night: line 1 does not fit its hash"),
        (_cut_ledger, "the ledger of the case night ends elsewhere than its head"),
        (_climb_out, "`../home/evil` is no name of a case"),
        (_spoil_database, "the database is damaged"),
    ],
)
def test_a_forged_archive_is_refused(held: Held, change: Callable[[Files], None], named: str) -> None:
    held.forge(change)
    with pytest.raises(IntegrityError, match=re.escape(named)):
        held.restore()
    assert _left(held) == {"a.age", "backup.key", "case", "home"}


def test_rows_taken_out_are_missed(held: Held, tmp_path: Path) -> None:
    def drop(files: Files) -> None:
        copy = tmp_path / "copy"
        copy.write_bytes(files[_COPY])
        with closing(sqlite3.connect(copy)) as made, made:
            made.execute("DROP TABLE b")
        _claimed(files, _COPY, copy.read_bytes())
        copy.unlink()

    held.forge(drop)
    with pytest.raises(IntegrityError, match="other tables, or other rows"):
        held.restore()


@pytest.mark.parametrize(
    "name",
    ["../out", "home/../../out", "/out", "out", "home", "home//x", "cases/./x", "home/x\0y", "home/x/"],
)
def test_nothing_is_written_elsewhere(held: Held, name: str) -> None:
    entry = tarfile.TarInfo(name)
    held.seal([(entry, b"")])
    with pytest.raises(IntegrityError):
        held.restore()
    assert _left(held) == {"a.age", "backup.key", "case", "home"}


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices_are_refused(held: Held, kind: bytes) -> None:
    entry = tarfile.TarInfo("home/x")
    entry.type, entry.linkname = kind, "/etc/passwd"
    held.seal([(entry, b"")])
    with pytest.raises(IntegrityError, match="no backup of ours"):
        held.restore()


@pytest.mark.parametrize("place", [0, 60, 300, 5_000, -1])
def test_one_byte_of_the_sealed_file_is_enough(held: Held, place: int) -> None:
    sealed = bytearray(held.archive.read_bytes())
    sealed[place] ^= 1
    held.archive.write_bytes(sealed)
    with pytest.raises(IntegrityError, match="does not open"):
        held.restore()
    assert _left(held) == {"a.age", "backup.key", "case", "home"}


def test_a_sealed_file_that_breaks_off_is_refused(held: Held) -> None:
    whole = held.archive.read_bytes()
    for length in (0, 100, len(whole) // 2, len(whole) - 1):
        held.archive.write_bytes(whole[:length])
        with pytest.raises(IntegrityError, match="does not open"):
            held.restore()


def test_another_key_and_no_key_open_nothing(held: Held, tmp_path: Path) -> None:
    held.key = tmp_path / "other.key"
    make_key(held.key)
    with pytest.raises(IntegrityError, match="another key"):
        held.restore()
    held.key.write_text("AGE-SECRET-KEY-1NONE\n")
    with pytest.raises(ServerError, match="no key of age"):
        held.restore()


def test_another_archive_than_the_one_meant_is_refused(held: Held) -> None:
    with pytest.raises(IntegrityError, match="another archive"):
        held.restore("0" * 64)
    held.restore(hashlib.sha256(held.archive.read_bytes()).hexdigest().upper())


def _left(held: Held) -> set[str]:
    return {path.name for path in held.folder.iterdir()}
