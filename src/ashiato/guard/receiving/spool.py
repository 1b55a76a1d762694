"""The file that received lines are written to: on the disk before anybody is told so, and never too large."""

from __future__ import annotations

import os
from pathlib import Path

from ashiato.guard.following.generations import Generation, list_generations
from ashiato.guard.state import STATE_FILE, State

_SEGMENT_BYTES = 64 << 20
_PARTS = 8
_NEWEST = 1


class SpoolFullError(Exception):
    """Nothing more can be taken: what is there was not read yet, or the disk is full."""


class Spool:
    """Appends lines to one file, which is set aside when it is large and removed when it was read.

    The guard follows it as any log that is rotated; its place there says what was read.
    """

    def __init__(self, folder: Path, live: Path, most_bytes: int) -> None:
        """``folder`` is the guard's, ``most_bytes`` what the file and those set aside may take together."""
        self._folder = folder
        self._live = live
        self._most = most_bytes
        self._segment = min(_SEGMENT_BYTES, most_bytes // _PARTS)
        live.parent.mkdir(mode=0o700, exist_ok=True)
        self._aside = sum(each.path.stat().st_size for each in self._others())
        self._descriptor = self._open()
        self._size = os.fstat(self._descriptor).st_size
        self._is_torn = self._size > 0 and not self._ends_whole()

    def append(self, lines: list[bytes]) -> None:
        """Write lines; they are on the disk when this returns. Raises: SpoolFullError: they may not be.

        Of what is refused some may be there all the same: a sender that sends again is told of twice.
        """
        content = b"".join(line + b"\n" for line in lines)
        if self._aside + self._size + len(content) > self._most:
            self._remove_read()
            if self._aside + self._size + len(content) > self._most:
                raise SpoolFullError
        if self._size >= self._segment:
            self._set_aside()
        try:
            self._write(b"\n" + content if self._is_torn else content)
            os.fsync(self._descriptor)
        except OSError as error:
            self._is_torn = True
            raise SpoolFullError from error

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)

    def _write(self, content: bytes) -> None:
        view = memoryview(content)
        while view:
            written = os.write(self._descriptor, view)
            self._size += written
            view = view[written:]
        self._is_torn = False

    def _open(self) -> int:
        opened = os.open(self._live, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        folder = os.open(self._live.parent, os.O_RDONLY | os.O_CLOEXEC)
        os.fsync(folder)
        os.close(folder)
        return opened

    def _ends_whole(self) -> bool:
        return os.pread(self._descriptor, 1, self._size - 1) == b"\n"

    def _others(self) -> list[Generation]:
        return [each for each in list_generations(self._live) if each.path != self._live]

    def _set_aside(self) -> None:
        """Rename the file, those set aside before it first, and begin a new one."""
        begin = f"{self._live.name}."
        numbers = [each.path.name.removeprefix(begin) for each in self._others()]
        for number in sorted((int(each) for each in numbers if each.isdigit()), reverse=True):
            before = self._live.with_name(f"{begin}{number}")
            before.rename(self._live.with_name(f"{begin}{number + 1}"))
        self._live.rename(self._live.with_name(f"{begin}1"))
        os.close(self._descriptor)
        self._aside += self._size
        self._descriptor, self._size = self._open(), 0
        self._remove_read()

    def _remove_read(self) -> None:
        """Remove what the guard has read to its end, but the newest of it, by which it knows its place."""
        if not (self._folder / STATE_FILE).exists():
            return
        with State(self._folder) as state:
            place = state.place_of(str(self._live))
        generations = list_generations(self._live)
        here = next((n for n, each in enumerate(generations) if place and each.inode == place.inode), 0)
        for each in generations[: max(0, here - _NEWEST)]:
            each.path.unlink(missing_ok=True)
        self._aside = sum(each.path.stat().st_size for each in self._others())
