"""Files that staff send to be sealed: announced, received piece by piece, held against the sender's hash.

A name is never a path: what arrives lies in a folder under a random token. How much is here is the size of
that file, so that a broken upload goes on from where it stood, whatever broke.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import secrets
import unicodedata
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import FileIO
from pathlib import Path
from typing import Protocol

from django.db.models import QuerySet

from ashiato.engine.api import Custody
from ashiato.rooms.accounts.api import Staff
from ashiato.rooms.cases.models import Arrival, CaseFile, Upload
from ashiato.rooms.cases.parts import (
    KEPT,
    NoRoomError,
    end_upload,
    need_room_for_all,
    need_room_for_piece,
    part_of,
    remove_part,
    size_here,
)
from ashiato.terms.errors import Place, ServerError

_LONGEST_NAME = 200
_MOST_OPEN = 100
_CHUNK_BYTES = 1 << 20
#: What arrived as its sender has it.
_AS_SENT = (Arrival.WHOLE, Arrival.SEALED, Arrival.KNOWN)


class NotThereError(ServerError):
    """A piece that does not follow what is here; ``offset``: how many bytes are."""

    def __init__(self, offset: int) -> None:
        """Say what is here."""
        super().__init__(f"{offset} bytes are here", fix="go on from there")
        self.offset = offset


class BusyError(NotThereError):
    """Somebody else adds to it or reads it whole just now."""


class OverError(ServerError):
    """Nothing is added any more: it is whole, sealed, refused or thrown away; ``upload``: as it stands."""

    def __init__(self, upload: Upload) -> None:
        """Say so."""
        super().__init__(f"{upload.name} takes nothing any more", fix="look at the list of what was sent")
        self.upload = upload


class TooLargeError(ServerError):
    """More than the operator lets in, or than was announced."""


@dataclass(frozen=True)
class Announced:
    """What somebody wants to send: its name there, its size, and when it was changed last."""

    name: str
    size_bytes: int
    modified_us: int = 0


class Stream(Protocol):
    """What a piece is read from."""

    def read(self, size: int = ..., /) -> bytes:
        """Return so many bytes at most; none at the end."""
        ...


def announce(case: CaseFile, staff: Staff, said: Announced, largest: int, at: datetime) -> Upload:
    """Return the upload of a file: the one that was broken off, else a new one.

    Raises: ServerError: a name that is none, nothing in it, too large, no room for it, too many begun.
    """
    _refuse_name(said.name)
    if said.size_bytes < 1:
        raise ServerError("the file is empty", where=Place(said.name), fix="choose one that holds something")
    if said.size_bytes > largest:
        fix = "seal it on the server (`ashiato evidence add`), or raise evidence.largest_bytes in server.yaml"
        raise TooLargeError(f"the file is larger than {largest} bytes", where=Place(said.name), fix=fix)
    mine = Upload.objects.filter(case=case, staff=staff, stand=Arrival.RECEIVING)
    same = {"name": said.name, "size_bytes": said.size_bytes, "modified_us": said.modified_us}
    begun = mine.filter(**same).order_by("pk").first()
    if begun is not None:
        return begun
    if mine.count() >= _MOST_OPEN:
        raise ServerError(f"{_MOST_OPEN} uploads are not over", fix="finish or discard some of them")
    need_room_for_all(said.size_bytes, Path(case.folder), at)
    token = secrets.token_hex(16)
    return Upload.objects.create(case=case, staff=staff, token=token, begun_at=at, **same)


def _refuse_name(name: str) -> None:
    is_odd = any(unicodedata.category(char) in ("Cc", "Cs") for char in name)
    if not name.strip(". ") or is_odd or set(name) & set("/\\"):
        fix = "give the file a plain name: no slash, no control characters"
        raise ServerError("this is no name for a file", fix=fix)
    if len(name.encode()) > _LONGEST_NAME:
        raise ServerError(f"the name is longer than {_LONGEST_NAME} bytes", fix="give the file a shorter one")


def take_piece(upload: Upload, offset: int, piece: Stream, length: int) -> int:
    """Add a piece of so many bytes that begins at ``offset``; returns how many bytes are here after it.

    Of a piece that breaks off, what came is kept. Raises: NotThereError: it does not follow what is here, or
    another piece is being taken; OverError; TooLargeError: it reaches beyond the announced size; NoRoomError.
    """
    with _held(upload) as part:
        here = part.seek(0, os.SEEK_END)
        if offset != here:
            raise NotThereError(here)
        if here + length > upload.size_bytes:
            raise TooLargeError("the piece reaches beyond the announced size", fix="send the file anew")
        need_room_for_piece(length)
        left = length
        while left and (chunk := piece.read(min(left, _CHUNK_BYTES))):
            _write(part, chunk)
            left -= len(chunk)
        return here + length - left


def _write(part: FileIO, chunk: bytes) -> None:
    left = memoryview(chunk)
    try:
        while left:
            left = left[part.write(left) :]
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoRoomError from error
        raise


@contextmanager
def _held(upload: Upload) -> Generator[FileIO]:
    """Open what is here for the one who adds to it or reads it whole, while it takes anything."""
    _refuse_over(upload)
    path = part_of(upload)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    # Unbuffered: what could not be written must not be written later.
    with os.fdopen(handle, "r+b", buffering=0) as part:
        try:
            fcntl.flock(part, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(size_here(upload)) from error
        # It may have ended since, and what was thrown away must not come back.
        _refuse_over(upload)
        yield part


def _refuse_over(upload: Upload) -> None:
    fresh = Upload.objects.get(pk=upload.pk)
    if fresh.stand == Arrival.RECEIVING:
        return
    if fresh.stand != Arrival.WHOLE:
        remove_part(fresh)
    raise OverError(fresh)


def finish(upload: Upload, sha256: str, custody: Custody, at: datetime) -> bool:
    """Hold what arrived against the sender's hash, and let it be sealed; False where they differ.

    What differs is thrown away: it is not what the sender has. Asked again, as by one whom no answer reached,
    it answers the same. Raises: NotThereError: not all of it is here; BusyError: it is still being compared;
    OverError: it was thrown away; ServerError: nobody says whence it comes and who held it.
    """
    if not custody.source or not custody.custodian:
        raise ServerError("source and custodian are missing", fix="say where it comes from and who held it")
    try:
        with _held(upload) as part:
            _compare(upload, part, sha256, custody, at)
    except OverError as over:
        upload = over.upload
        if upload.stand == Arrival.DISCARDED:
            raise
    else:
        upload.refresh_from_db()
    return upload.stand in _AS_SENT and upload.sha256 == sha256.lower()


def _compare(upload: Upload, part: FileIO, sha256: str, custody: Custody, at: datetime) -> None:
    if size_here(upload) != upload.size_bytes:
        raise NotThereError(size_here(upload))
    arrived = hashlib.file_digest(part, "sha256").hexdigest()
    os.fsync(part.fileno())
    if arrived == sha256.lower():
        said = {"source": custody.source[:200], "custodian": custody.custodian[:200]}
        if not _open(upload).update(stand=Arrival.WHOLE, sha256=arrived, **said):
            raise OverError(Upload.objects.get(pk=upload.pk))
    else:
        fault = f"what arrived is not what was sent: SHA-256 {arrived} against {sha256[:64]}"
        end_upload(upload, Arrival.RECEIVING, Arrival.REFUSED, fault, at)


def discard(upload: Upload, at: datetime) -> bool:
    """Throw away what arrived and is not sealed; False where it is over."""
    return any(end_upload(upload, stand, Arrival.DISCARDED, "", at) for stand in KEPT)


def _open(upload: Upload) -> QuerySet[Upload]:
    return Upload.objects.filter(pk=upload.pk, stand=Arrival.RECEIVING)
