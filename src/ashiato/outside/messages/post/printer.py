"""A batch handed to a printer: files put into the printer's folder, whole, by one renaming, once for ever.

The folder holds the batches the printer takes; beside them ``.staging`` what is not whole yet, and
``.handed`` one file of hashes for each batch ever handed over, for the printer may take a batch away. A batch
that is made in ``.staging``, or anywhere on that file system, is written once; from elsewhere it is copied.
The order makes every interruption plain: a batch is staged, then recorded, then renamed; a recorded batch
that still stands in staging was not handed over, and one that does not was. What was asked for and not handed
over is thrown away, so that it never is. Only a disk that fails leaves doubt.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ashiato.outside.messages.outcomes import (
    TOO_LATE,
    Accepted,
    InDoubt,
    MessageError,
    NotAccepted,
    Outcome,
    Still,
    always,
    shown,
)
from ashiato.terms.errors import Place

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SUMS = "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class PrintBatch:
    """A folder of files for the printer (letters, manifest), and the name it is known by."""

    name: str
    folder: Path


class Printer:
    """The folder a printer takes batches from; on one file system, safe for many processes."""

    def __init__(self, folder: Path) -> None:
        """Raises MessageError: there is no such folder."""
        if not folder.is_dir():
            raise MessageError(
                "the printer's folder is missing", where=Place(str(folder)), fix="make it, or mount it"
            )
        self._folder = folder

    def staging(self) -> Path:
        """Return where a batch is made best, in a folder of its own name: there it is only renamed."""
        place = self._folder / ".staging"
        place.mkdir(mode=0o700, exist_ok=True)
        return place

    def send(self, message: PrintBatch, still: Still = always) -> Outcome:
        """Hand over one batch, whose folder is moved; another one under a name that was used is refused."""
        try:
            sums = _sums(message)
        except MessageError as error:
            return NotAccepted(str(error), permanent=True, about="message")
        except OSError as error:
            return self._after(message.name, error)
        try:
            with self._locked():
                if still():
                    return self._send(message, sums)
                self._discard(message.name)
                return TOO_LATE
        except OSError as error:
            return self._after(message.name, error)

    def find(self, reference: str) -> Accepted | NotAccepted | None:
        """Return whether a batch was handed over, by its name; one that was not is thrown away."""
        if not _NAME.fullmatch(reference):
            return None
        try:
            with self._locked():
                return self._found(reference)
        except OSError:
            return None

    def _send(self, batch: PrintBatch, sums: str) -> Outcome:
        record, staged = self._record(batch.name), self._staged(batch.name)
        if record.exists():
            if record.read_text(encoding="ascii") != sums:
                cause = "another batch was handed over under this name"
                return NotAccepted(cause, permanent=True, about="message")
            if not staged.exists():
                return Accepted(batch.name)
        _stage(batch, staged, sums)
        _write_whole(record, sums)
        staged.rename(self._folder / batch.name)
        _sync(self._folder)
        return Accepted(batch.name)

    def _after(self, name: str, error: OSError) -> Outcome:
        """A disk that failed: what stands on it tells, if it can still be read."""
        cause = shown(error.strerror or type(error).__name__)
        found = self.find(name)
        if found is None:
            return InDoubt(f"the printer's folder cannot be read: {cause}")
        return found if isinstance(found, Accepted) else NotAccepted(cause, permanent=False)

    def _found(self, name: str) -> Accepted | NotAccepted:
        if self._record(name).exists() and not self._staged(name).exists():
            return Accepted(name)
        self._discard(name)
        return NotAccepted("the batch was not handed over", permanent=False)

    def _discard(self, name: str) -> None:
        """Throw away what was not handed over: its record first, which alone would say that it was."""
        record, staged = self._record(name), self._staged(name)
        if record.exists():
            record.unlink()
            _sync(record.parent)
        for left in (staged, staged.with_name(f".{name}.part")):
            if left.exists():
                shutil.rmtree(left)

    def _record(self, name: str) -> Path:
        return self._folder / ".handed" / name

    def _staged(self, name: str) -> Path:
        return self._folder / ".staging" / name

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One process at a time."""
        self.staging()
        handed = self._folder / ".handed"
        handed.mkdir(mode=0o700, exist_ok=True)
        with (handed / ".lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _sums(batch: PrintBatch) -> str:
    """The hash and name of each file, as ``sha256sum`` checks them."""
    if not _NAME.fullmatch(batch.name):
        raise MessageError("a batch is named by letters, digits, dots and hyphens")
    lines = []
    for path in sorted(batch.folder.iterdir()):
        if path.is_symlink() or not path.is_file() or not _NAME.fullmatch(path.name) or path.name == _SUMS:
            raise MessageError("a batch holds plain files of plain names alone", where=Place(str(path)))
        with path.open("rb") as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.name}\n")
    if not lines:
        raise MessageError("the batch is empty", where=Place(str(batch.folder)))
    return "".join(lines)


def _stage(batch: PrintBatch, staged: Path, sums: str) -> None:
    """Bring the files beside the printer's own, and to the disk; what a crash left there is thrown away."""
    if batch.folder != staged:
        if staged.exists():
            shutil.rmtree(staged)
        if batch.folder.stat().st_dev == staged.parent.stat().st_dev:
            batch.folder.rename(staged)
        else:
            _copy(batch, staged, sums)
    staged.chmod(0o750)
    for name in _names(sums):
        (staged / name).chmod(0o640)
        _sync(staged / name)
    _write_whole(staged / _SUMS, sums)
    _sync(staged.parent)


def _copy(batch: PrintBatch, staged: Path, sums: str) -> None:
    staged.mkdir(mode=0o750)
    for name in _names(sums):
        shutil.copyfile(batch.folder / name, staged / name)
    _check(staged, sums)
    shutil.rmtree(batch.folder)


def _names(sums: str) -> list[str]:
    return [line.partition("  ")[2] for line in sums.splitlines()]


def _check(staged: Path, sums: str) -> None:
    """What was copied is what was hashed."""
    for line in sums.splitlines():
        digest, _, name = line.partition("  ")
        with (staged / name).open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                raise OSError(0, "the batch changed while it was copied")


def _write_whole(path: Path, text: str) -> None:
    """Write a small file so that it is there whole, or not at all."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text, encoding="ascii")
    _sync(beside)
    beside.rename(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
