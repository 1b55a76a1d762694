"""Small holdings to back up: a folder, a database by SQLite alone, a case; and archives made by a forger."""

from __future__ import annotations

import io
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pyrage

from ashiato.engine.api import create_case
from ashiato.web.backups.archives import make_key
from ashiato.web.backups.restoring import Destination, restore
from ashiato.web.backups.taking import Holding, Taken, take_backup
from ashiato.web.configuration import SQLITE, Configuration

AT = datetime(2026, 11, 23, tzinfo=UTC)
Files = dict[str, bytes]


class Held:
    """A public folder and a case, the key to their backups, and where they are restored to."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home, self.case = folder, folder / "home", folder / "case"
        self.archive, self.key, self.place = folder / "a.age", folder / "backup.key", folder / "place"
        (self.home / "keys").mkdir(parents=True)
        (self.home / "keys" / "case-1.key").write_bytes(b"k" * 32)
        (self.home / "public.yaml").write_text("hosts: [localhost]\n")
        with closing(sqlite3.connect(self.home / SQLITE)) as made, made:
            made.execute("PRAGMA journal_mode=WAL")
            made.execute("CREATE TABLE a (said TEXT)")
            made.execute("CREATE TABLE b (said TEXT)")
        create_case(self.case, "Asia/Tokyo", lambda: 0)
        self.cases: dict[str, Path] = {"night": self.case}
        self.named: tuple[Path, ...] = ()
        self.recipient = make_key(self.key)

    def back_up(self) -> Taken:
        """Take a backup."""
        held = Holding("public", Configuration(self.home), lambda: self.cases, self.named)
        return take_backup(held, self.archive, self.recipient, AT)

    def restore(self, sha256: str = "") -> None:
        """Bring it back to another place."""
        to = Destination(self.place, {"public": Configuration}, self.folder / "cases")
        restore(self.archive, self.key, to, sha256)

    def forge(self, change: Callable[[Files], None]) -> None:
        """Seal the archive again with other files in it: who knows the recipient can."""
        key = pyrage.x25519.Identity.from_str(self.key.read_text().strip())
        with tarfile.open(fileobj=io.BytesIO(pyrage.decrypt(self.archive.read_bytes(), [key]))) as tar:
            files = {entry.name: (tar.extractfile(entry) or io.BytesIO()).read() for entry in tar}
        change(files)
        self.seal([_entry(name, content) for name, content in files.items()])

    def seal(self, entries: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        """Write an archive of these entries."""
        told = io.BytesIO()
        with tarfile.open(fileobj=told, mode="w") as tar:
            for entry, content in entries:
                tar.addfile(entry, io.BytesIO(content))
        to = pyrage.x25519.Recipient.from_str(self.recipient)
        self.archive.write_bytes(pyrage.encrypt(told.getvalue(), [to]))


def _entry(name: str, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    return entry, content
