"""Whatever is done to a log while it is followed, every line written is read once, in order."""

from __future__ import annotations

import gzip
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ashiato.guard.following.files import FileFollower
from ashiato.guard.following.places import Place


class RotatedLog(RuleBasedStateMachine):
    """A log that is written, torn, renamed, copied, emptied and compressed; the guard comes and goes."""

    held = 0

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.live = self.folder / "access.log"
        self.live.touch()
        self.written: list[bytes] = []
        self.read: list[bytes] = []
        self.torn = b""
        self.number = 0
        self.kept = Place()
        self.follower = self.begin()

    def begin(self) -> FileFollower:
        """Return a follower from the kept place on."""
        return FileFollower(self.live, self.kept, quiet_ns=0)

    def teardown(self) -> None:
        """Read to the end: everything written is read, once."""
        self.finish_line()
        self.catch_up()
        self.follower.close()
        shutil.rmtree(self.folder)
        assert self.read == self.written
        RotatedLog.held += 1

    def catch_up(self) -> None:
        """Read what is there, and keep the place."""
        while (piece := self.follower.read()) is not None:
            lines = piece.content.split(b"\n")[:-1]
            self.read += lines
            self.follower.take(len(lines), len(piece.content))
        self.kept = self.follower.place

    def append(self, content: bytes) -> None:
        """Write bytes to the live file."""
        with self.live.open("ab") as stream:
            stream.write(content)

    def finish_line(self) -> None:
        """Write the end of a line that was left torn."""
        if self.torn:
            self.append(b"\n")
            self.written.append(self.torn)
            self.torn = b""

    @rule(lines=st.integers(1, 40), junk=st.binary(max_size=20).map(lambda b: b.replace(b"\n", b"\0")))
    def write(self, lines: int, junk: bytes) -> None:
        """Write whole lines."""
        self.finish_line()
        for _ in range(lines):
            self.number += 1
            line = b"%d %s" % (self.number, junk)
            self.append(line + b"\n")
            self.written.append(line)

    @precondition(lambda self: not self.torn)
    @rule()
    def write_half_a_line(self) -> None:
        """Write a line without its end."""
        self.number += 1
        self.torn = b"%d torn" % self.number
        self.append(self.torn)

    @precondition(lambda self: not self.torn)
    @rule()
    def rename_and_create(self) -> None:
        """Rotate as logrotate does with `create`."""
        self.shift()
        self.live.rename(self.folder / "access.log.1")
        self.live.touch()

    @precondition(lambda self: not self.torn)
    @rule()
    def copy_and_empty(self) -> None:
        """Rotate as logrotate does with `copytruncate`."""
        self.shift()
        shutil.copy2(self.live, self.folder / "access.log.1")
        with self.live.open("r+b") as stream:
            stream.truncate()

    def shift(self) -> None:
        """Give each older file the next number."""
        for number in range(20, 0, -1):
            for ending in ("", ".gz"):
                path = self.folder / f"access.log.{number}{ending}"
                if path.exists():
                    path.rename(self.folder / f"access.log.{number + 1}{ending}")

    @rule(number=st.integers(1, 4))
    def compress(self, number: int) -> None:
        """Compress an older file as gzip does."""
        path = self.folder / f"access.log.{number}"
        if path.exists():
            times = path.stat()
            with gzip.open(f"{path}.gz", "wb") as stream:
                stream.write(path.read_bytes())
            os.utime(f"{path}.gz", ns=(times.st_atime_ns, times.st_mtime_ns))
            path.unlink()

    @rule()
    def follow(self) -> None:
        """Let the guard read."""
        self.catch_up()

    @rule()
    def start_anew(self) -> None:
        """Kill the guard and start another."""
        self.follower.close()
        self.follower = self.begin()

    @invariant()
    def nothing_is_read_that_was_not_written(self) -> None:
        """Hold what was read against what was written."""
        assert self.read == self.written[: len(self.read)]


def test_a_log_is_read_whatever_is_done_to_it() -> None:
    assert _stories_held(10) >= 10


@pytest.mark.slow
def test_a_log_is_read_whatever_is_done_to_it_for_long() -> None:
    assert _stories_held(150) >= 150


def _stories_held(examples: int) -> int:
    """Return how many stories of a log ended with each of its lines read once."""
    RotatedLog.held = 0
    run_state_machine_as_test(
        RotatedLog, settings=settings(max_examples=examples, stateful_step_count=25, deadline=None)
    )
    return RotatedLog.held
