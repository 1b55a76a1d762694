"""Where uploads lie until they are sealed, how they end, and whether the disks have room for them all."""

from __future__ import annotations

import shutil
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from ashiato.rooms.cases.models import Arrival, Upload
from ashiato.terms.errors import ServerError

#: What takes up room: it arrives, or waits to be sealed.
KEPT = (Arrival.RECEIVING, Arrival.WHOLE)
#: What is left free for the database, which often stands on the same disk.
_SPARE_BYTES = 64 << 20
#: What did not move for so long holds no room free; each of its pieces is looked at all the same.
_RESERVED = timedelta(days=1)
_NO_ROOM = "the server's disk is full, or would be with all that is being sent"
_MORE_ROOM = "free room there, then send the same file again: it goes on from where it stood"


class NoRoomError(ServerError):
    """The disk has no room; what is here stays."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(_NO_ROOM, fix=_MORE_ROOM)


def uploads_folder() -> Path:
    """Return the folder with one folder per upload."""
    return Path(settings.ASHIATO_HOME) / "uploads"


def part_of(upload: Upload) -> Path:
    """Return where its bytes lie."""
    return uploads_folder() / upload.token / upload.name


def size_here(upload: Upload) -> int:
    """Return how many bytes of it arrived."""
    try:
        return part_of(upload).stat().st_size
    except FileNotFoundError:
        return 0


def moved_at(upload: Upload) -> datetime:
    """Return when its last byte arrived; of one without any, when it began."""
    try:
        return datetime.fromtimestamp(part_of(upload).stat().st_mtime, UTC)
    except FileNotFoundError:
        return upload.begun_at


def remove_part(upload: Upload) -> None:
    """Remove what arrived."""
    shutil.rmtree(part_of(upload).parent, ignore_errors=True)


def end_upload(upload: Upload, before: Arrival, after: Arrival, fault: str, at: datetime) -> bool:
    """End what stands as ``before``, and remove its bytes; False where it stands otherwise by now."""
    rows = Upload.objects.filter(pk=upload.pk, stand=before)
    is_first = bool(rows.update(stand=after, ended_at=at, fault=fault))
    if is_first:
        transaction.on_commit(lambda: remove_part(upload))
    return is_first


def need_room_for_all(size: int, case_folder: Path, at: datetime) -> None:
    """Refuse what would not fit beside what is on its way: once as it arrives, once more as it is sealed."""
    home = Path(settings.ASHIATO_HOME)
    need = Counter({_disk_of(home): size})
    need[_disk_of(case_folder)] += size
    for other in Upload.objects.filter(stand__in=KEPT).select_related("case"):
        if at - moved_at(other) < _RESERVED or other.stand == Arrival.WHOLE:
            need[_disk_of(home)] += other.size_bytes - size_here(other)
            with suppress(FileNotFoundError):
                need[_disk_of(Path(other.case.folder))] += other.size_bytes
    for place in (home, case_folder):
        _need_free(place, need[_disk_of(place)])


def need_room_for_piece(length: int) -> None:
    """Refuse a piece that would eat what is left free for the database."""
    _need_free(Path(settings.ASHIATO_HOME), length)


def _need_free(place: Path, size: int) -> None:
    if shutil.disk_usage(place).free < size + _SPARE_BYTES:
        raise NoRoomError


def _disk_of(place: Path) -> int:
    return place.stat().st_dev
