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
import shutil
import unicodedata
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import FileIO
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from ashiato.engine.api import Custody, add_evidence, open_case
from ashiato.rooms.accounts.api import Staff, record_entry
from ashiato.rooms.cases.models import Arrival, CaseFile, Upload
from ashiato.terms.errors import AshiatoError, Place, ServerError

_LONGEST_NAME = 200
_MOST_OPEN = 100
_CHUNK_BYTES = 1 << 20
_SPARE_BYTES = 64 << 20
#: What nobody went on with for so long is given up.
_DAYS_TO_GO_ON = 7
_NO_ROOM = "the server's disk is full"
_MORE_ROOM = "free room there, then send the same file again: it goes on from where it stood"


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


class NoRoomError(ServerError):
    """The disk has no room; what is here stays."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(_NO_ROOM, fix=_MORE_ROOM)


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
    _need_room(said.size_bytes, Path(case.folder))
    token = secrets.token_hex(16)
    return Upload.objects.create(case=case, staff=staff, token=token, begun_at=at, **same)


def _refuse_name(name: str) -> None:
    is_odd = any(unicodedata.category(char) in ("Cc", "Cs") for char in name)
    if not name.strip(". ") or is_odd or set(name) & set("/\\"):
        fix = "give the file a plain name: no slash, no control characters"
        raise ServerError("this is no name for a file", fix=fix)
    if len(name.encode()) > _LONGEST_NAME:
        raise ServerError(f"the name is longer than {_LONGEST_NAME} bytes", fix="give the file a shorter one")


def _need_room(size: int, case_folder: Path) -> None:
    """Refuse what would not fit: once as it arrives, and once more as it is sealed."""
    places = (Path(settings.ASHIATO_HOME), case_folder)
    is_one = places[0].stat().st_dev == places[1].stat().st_dev
    need = (2 if is_one else 1) * size + _SPARE_BYTES
    if any(shutil.disk_usage(place).free < need for place in places):
        raise NoRoomError


def size_here(upload: Upload) -> int:
    """Return how many bytes of it arrived."""
    try:
        return _part(upload).stat().st_size
    except FileNotFoundError:
        return 0


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
    path = _part(upload)
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
        _remove(fresh)
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
    return upload.stand in (Arrival.WHOLE, Arrival.SEALED) and upload.sha256 == sha256.lower()


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
        _end(upload, Arrival.RECEIVING, Arrival.REFUSED, fault, at)


def discard(upload: Upload, at: datetime) -> bool:
    """Throw away what arrived and is not sealed; False where it is over."""
    return any(_end(upload, stand, Arrival.DISCARDED, "", at) for stand in (Arrival.RECEIVING, Arrival.WHOLE))


def list_whole() -> list[Upload]:
    """Return what waits to be sealed, the first begun first."""
    return list(Upload.objects.filter(stand=Arrival.WHOLE).select_related("case", "staff").order_by("pk"))


def seal(upload: Upload, clock: Callable[[], int], at: datetime) -> bool:
    """Seal what arrived into its case, an entry of both ledgers; False, with the reason kept, where it waits.

    ``clock`` dates the entry of the case, in microseconds.
    A case that a run writes to is sealed into afterwards. Sealed twice by a worker that died in between, the
    engine knows the bytes and adds nothing.
    """
    path = _part(upload)
    try:
        os.utime(path, ns=(upload.modified_us * 1000, upload.modified_us * 1000))
        case = open_case(Path(upload.case.folder), clock)
        sealing = add_evidence(case, [path], Custody(upload.source, upload.custodian))
    except (AshiatoError, OSError) as error:
        what = error.what if isinstance(error, AshiatoError) else f"it cannot be read: {error.strerror}"
        _whole(upload).update(fault=what)
        return False
    if sealing.skipped:
        _whole(upload).update(fault=sealing.skipped[0].reason)
        return False
    with transaction.atomic():
        is_first = _end(upload, Arrival.WHOLE, Arrival.SEALED, "", at)
        if is_first:
            why = f"{upload.name} SHA-256 {upload.sha256}"
            record_entry(upload.staff, "evidence sent", upload.case.name, at=at, why=why)
    return is_first


def sweep(at: datetime) -> None:
    """Give up what nobody goes on with, and remove what is left of uploads that are over."""
    old = Upload.objects.filter(stand=Arrival.RECEIVING, begun_at__lt=at - timedelta(days=_DAYS_TO_GO_ON))
    for upload in old:
        discard(upload, at)
    known = set(
        Upload.objects.filter(stand__in=(Arrival.RECEIVING, Arrival.WHOLE)).values_list("token", flat=True)
    )
    for folder in _folder().glob("*"):
        if folder.name not in known:
            shutil.rmtree(folder, ignore_errors=True)


def _end(upload: Upload, before: Arrival, after: Arrival, fault: str, at: datetime) -> bool:
    rows = Upload.objects.filter(pk=upload.pk, stand=before)
    is_first = bool(rows.update(stand=after, ended_at=at, fault=fault))
    if is_first:
        transaction.on_commit(lambda: _remove(upload))
    return is_first


def _remove(upload: Upload) -> None:
    shutil.rmtree(_part(upload).parent, ignore_errors=True)


def _open(upload: Upload) -> QuerySet[Upload]:
    return Upload.objects.filter(pk=upload.pk, stand=Arrival.RECEIVING)


def _whole(upload: Upload) -> QuerySet[Upload]:
    return Upload.objects.filter(pk=upload.pk, stand=Arrival.WHOLE)


def _folder() -> Path:
    return Path(settings.ASHIATO_HOME) / "uploads"


def _part(upload: Upload) -> Path:
    return _folder() / upload.token / upload.name
