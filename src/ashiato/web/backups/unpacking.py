"""An archive unpacked beside its place, and judged against what it says of itself."""

from __future__ import annotations

import hashlib
import os
import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from ashiato.engine.api import check_chain, list_entries
from ashiato.terms.errors import AshiatoError, IntegrityError
from ashiato.web.backups.databases import COPIES, count_sqlite
from ashiato.web.backups.manifest import CASES, DATABASE, HOME, MANIFEST, Kept, Manifest, read_manifest

_MOST_NAMED = 10
_CASE_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")
_PIECE = 1 << 20


@dataclass
class Unpacked:
    """Files of an archive in a working folder, each with the hash it came with."""

    folder: Path
    found: dict[str, Kept] = field(default_factory=dict)

    def take(self, tar: tarfile.TarFile) -> None:
        """Write every file of a tar; IntegrityError at the first that is none, or would stand elsewhere."""
        for entry in tar:
            content = tar.extractfile(entry) if entry.isreg() else None
            if content is None or not _is_ours(entry.name) or entry.name in self.found:
                raise IntegrityError(f"the archive holds `{entry.name[:200]}`, which no backup of ours does")
            self.found[entry.name] = _written(self.folder / entry.name, content, entry.mode & 0o700)

    def judged(self) -> Manifest:
        """Return what the archive says of itself; IntegrityError names all that is otherwise."""
        if MANIFEST not in self.found:
            raise IntegrityError(f"the archive has no {MANIFEST}: it breaks off, or is no backup of ours")
        del self.found[MANIFEST]
        manifest = read_manifest((self.folder / MANIFEST).read_bytes())
        flaws = list(self._flaws(manifest))
        if flaws:
            more = f"; and {len(flaws) - _MOST_NAMED} more" if len(flaws) > _MOST_NAMED else ""
            said = "; ".join(flaws[:_MOST_NAMED]) + more
            raise IntegrityError(f"the archive is not as it was made: {said}", fix="take another copy of it")
        for name in manifest.folders:
            (self.folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
        return manifest

    def _flaws(self, manifest: Manifest) -> Iterator[str]:
        for name in sorted(manifest.files.keys() | self.found.keys()):
            said, found = manifest.files.get(name), self.found.get(name)
            if said is None or found is None:
                yield f"{name} {'is missing' if found is None else 'was added'}"
            elif said != found:
                yield f"{name} was changed"
        yield from (f"{name} is no folder of ours" for name in manifest.folders if not _is_ours(f"{name}/-"))
        yield from self._flaws_of_cases(manifest)
        yield from self._flaws_of_database(manifest)

    def _flaws_of_cases(self, manifest: Manifest) -> Iterator[str]:
        for name, said in manifest.cases.items():
            if _CASE_NAME.fullmatch(name) is None:
                yield f"`{name[:100]}` is no name of a case"
                continue
            folder = self.folder / CASES / name
            where = f"the ledger of the case {name}"
            try:
                flaws = check_chain(folder)
                entries = list_entries(folder)
            except AshiatoError as error:
                yield f"{where}: {error.what}"
                continue
            yield from (f"{where}: line {flaw.line} {flaw.what}" for flaw in flaws)
            if (str(entries[-1]["hash"]) if entries else "") != said.head:
                yield f"{where} ends elsewhere than its head"

    def _flaws_of_database(self, manifest: Manifest) -> Iterator[str]:
        copy = self.folder / DATABASE / COPIES.get(manifest.engine, "-")
        if not copy.is_file():
            yield "the database is missing"
        elif manifest.engine == "sqlite":
            try:
                counted = count_sqlite(copy)
            except IntegrityError as error:
                yield error.what
            else:
                yield from flaws_of_counts(manifest, counted.rows, counted.head)


def flaws_of_counts(manifest: Manifest, rows: object, head: str) -> Iterator[str]:
    """Yield how a database differs from what was counted when the backup was taken."""
    if rows != manifest.database.rows:
        yield "the database holds other tables, or other rows, than were counted"
    if head != manifest.database.head:
        yield "the server's ledger ends elsewhere than its head"


def _is_ours(name: str) -> bool:
    parts = PurePosixPath(name).parts
    if name == MANIFEST:
        return True
    is_plain = "/".join(parts) == name and ".." not in parts and "\0" not in name
    return is_plain and len(parts) > 1 and parts[0] in {HOME, CASES, DATABASE}


def _written(path: Path, content: IO[bytes], mode: int) -> Kept:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        while piece := content.read(_PIECE):
            digest.update(piece)
            size += len(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    path.chmod(mode)
    return Kept(size, digest.hexdigest())
