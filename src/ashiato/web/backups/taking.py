"""Take a backup while the server runs: the database first, then keys and files: nothing lacks its key."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from ashiato import __version__
from ashiato.terms.errors import Place, ServerError
from ashiato.web.backups.archives import recipient_named, sealing
from ashiato.web.backups.databases import COPIES, copy_database, engine_of
from ashiato.web.backups.manifest import CASES, DATABASE, HOME, MANIFEST, Kept, KeptCase, Manifest
from ashiato.web.configuration import SQLITE, Configuration

#: What of a data folder is made anew, or is copied another way.
_NOT_KEPT = frozenset({SQLITE, f"{SQLITE}-wal", f"{SQLITE}-shm", f"{SQLITE}-journal", "workers", "uploads"})
_WORKING = ".backup-"
#: What of a case belongs to a process that runs.
_OF_PROCESSES = frozenset({"lock", ".spill"})


@dataclass(frozen=True)
class Taken:
    """A finished archive: its size and hash, what it holds."""

    size: int
    sha256: str
    manifest: Manifest


@dataclass(frozen=True)
class Holding:
    """What is backed up: a data folder of a kind (server or public), its cases, and files it names elsewhere.

    ``cases``: asked for case folders by name, again once the database is copied: a case that came meanwhile
    has its folder in the archive, whatever the copy knows of it. ``named``: files the configuration names.
    """

    kind: str
    configuration: Configuration
    cases: Callable[[], Mapping[str, Path]] = dict
    named: tuple[Path, ...] = ()


def take_backup(held: Holding, to: Path, recipient: str, at: datetime) -> Taken:
    """Write one sealed archive of a data folder, its database and its cases.

    Raises: ServerError: the file is there already, or would stand in what is backed up; a folder is missing;
    a file changed while it was read.
    """
    sealed_to, home = recipient_named(recipient), held.configuration.home
    _refuse_inside(to, (home, *_present(held.cases()).values()))
    with TemporaryDirectory(prefix=_WORKING, dir=home) as work, sealing(to, sealed_to) as tar:
        engine = engine_of(held.configuration)
        copy = Path(work, COPIES[engine])
        counted = copy_database(held.configuration, copy)
        book = _Book(tar)
        book.add(f"{DATABASE}/{copy.name}", copy)
        cases = _keep_files(book, home, _present(held.cases()))
        folders = tuple(sorted(book.folders))
        manifest = Manifest(
            held.kind, at.isoformat(), __version__, engine, counted, cases, folders, dict(book.files),
            _elsewhere(held.named, home),
        )  # fmt: skip
        book.write(MANIFEST, manifest.written())
    return Taken(to.stat().st_size, _sha256_of(to), manifest)


def _keep_files(book: _Book, home: Path, cases: Mapping[str, Path]) -> dict[str, KeptCase]:
    apart = {folder.resolve() for folder in cases.values()}
    for path in _files(home, book.folders, HOME, apart):
        book.add(f"{HOME}/{path.relative_to(home).as_posix()}", path)
    return {name: _keep_case(book, name, folder) for name, folder in cases.items()}


def _keep_case(book: _Book, name: str, folder: Path) -> KeptCase:
    """Keep a case: lines that are only added to first, so that whatever they name is there after them."""
    root = f"{CASES}/{name}"
    growing, head = sorted(folder.glob("*.jsonl")), ""
    for path in growing:
        lines = path.read_bytes()
        lines = lines[: lines.rfind(b"\n") + 1]
        book.write(f"{root}/{path.name}", lines)
        head = _newest(lines) if path.name == "ledger.jsonl" else head
    # Folders are looked through only now: what was added since the ledger was read is in as well.
    for path in _files(folder, book.folders, root, set()):
        if path not in growing:
            book.add(f"{root}/{path.relative_to(folder).as_posix()}", path)
    return KeptCase(str(folder), head)


def _newest(lines: bytes) -> str:
    return str(json.loads(lines.splitlines()[-1])["hash"]) if lines else ""


@dataclass
class _Book:
    """Files as they go into the tar, with what the manifest says of each."""

    tar: tarfile.TarFile
    files: dict[str, Kept] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)

    def add(self, name: str, path: Path) -> None:
        """Add a file as it is now; one that went meanwhile was a working file of a process."""
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return
        with file:
            about = os.fstat(file.fileno())
            reading = _Reading(file, path)
            self.tar.addfile(_entry(name, about.st_size, about.st_mode), reading)
        self.files[name] = Kept(about.st_size, reading.digest.hexdigest())

    def write(self, name: str, content: bytes) -> None:
        """Add a file of this content."""
        self.tar.addfile(_entry(name, len(content), 0o600), io.BytesIO(content))
        self.files[name] = Kept(len(content), hashlib.sha256(content).hexdigest())


class _Reading(io.RawIOBase):
    """A file that is hashed as it is read, and may not end before its size."""

    def __init__(self, file: io.BufferedReader, path: Path) -> None:
        super().__init__()
        self._file, self._path = file, path
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, so many as asked for."""
        content = self._file.read(size)
        if size > 0 and len(content) < size:
            what = "a file grew shorter while it was read"
            raise ServerError(what, where=Place(str(self._path)), fix="take the backup again")
        self.digest.update(content)
        return content


def _entry(name: str, size: int, mode: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, stat.S_IMODE(mode) & 0o700
    return entry


def _files(top: Path, folders: set[str], root: str, apart: set[Path]) -> Iterator[Path]:
    """Yield the files of a folder, sorted; its folders are added to ``folders`` under ``root``."""
    for place, below, names in os.walk(top):
        here = Path(place)
        below[:] = sorted(name for name in below if not _is_left_out(here / name, top, apart))
        _refuse_links(here, below)
        inside = here.relative_to(top).as_posix()
        folders.add(root if inside == "." else f"{root}/{inside}")
        yield from (here / name for name in sorted(names) if not _is_left_out(here / name, top, apart))


def _is_left_out(path: Path, top: Path, apart: set[Path]) -> bool:
    if path.name in _OF_PROCESSES or path.resolve() in apart:
        return True
    is_ours = path.name.startswith(_WORKING) or path.name.endswith(".partial")
    return path.parent == top and (is_ours or path.name in _NOT_KEPT)


def _refuse_links(here: Path, names: list[str]) -> None:
    for name in names:
        if (here / name).is_symlink():
            what = "a link to a folder: what is behind it would not be kept"
            raise ServerError(what, where=Place(str(here / name)), fix="put the folder itself there")


def _present(cases: Mapping[str, Path]) -> Mapping[str, Path]:
    for name, folder in cases.items():
        if not folder.is_dir():
            what = f"the folder of the case `{name}` is not there: a backup without it would not be one"
            fix = f"bring it back; where it was destroyed on purpose, --without {name}"
            raise ServerError(what, where=Place(str(folder)), fix=fix)
    return cases


def _refuse_inside(to: Path, kept: tuple[Path, ...]) -> None:
    """Refuse an archive inside what it is of: it would hold itself, and every one before it."""
    for folder in kept:
        if to.resolve().is_relative_to(folder.resolve()):
            what = f"the archive would stand in what is backed up: {folder}"
            raise ServerError(what, where=Place(str(to)), fix="name a file elsewhere, best on another disk")


def _elsewhere(named: tuple[Path, ...], home: Path) -> tuple[str, ...]:
    """Return the files that a configuration names and that stand outside the folder it is in."""
    top = home.resolve()
    return tuple(sorted({str(path) for path in named if not path.resolve().is_relative_to(top)}))


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
