"""What tests of cases share: a case with a fixed clock, log lines, and a hand that flips bytes."""

from __future__ import annotations

import gzip
from pathlib import Path

from ashiato.engine.case import Case, create_case
from ashiato.engine.sealed import SealedFile, open_content

NOW_US = 1_780_000_000_000_000


def new_case(folder: Path) -> Case:
    """Make a case in Tokyo whose clock stands still."""
    return create_case(folder, "Asia/Tokyo", lambda: NOW_US)


def log_lines(count: int, start: int = 0) -> bytes:
    """Return so many lines of an access log, each different."""
    line = '192.0.2.{} - - [11/Jun/2026:03:{:02}:{:02} +0900] "GET /owners/{} HTTP/1.1" 200 {}\n'
    numbers = range(start, start + count)
    return "".join(line.format(n % 250, n // 60 % 60, n % 60, n, n * 7) for n in numbers).encode()


def packed(content: bytes) -> bytes:
    """Return gzip bytes that are the same on every day."""
    return gzip.compress(content, mtime=0)


def content_of(case_folder: Path, sealed: SealedFile) -> bytes:
    """Return a sealed file's whole content."""
    with open_content(case_folder, sealed) as stream:
        return stream.read()


def flip_byte(path: Path, place: int, bit: int = 1) -> None:
    """Change one bit of one byte in a file, read-only or not, leaving size and mode as they are."""
    mode = path.stat().st_mode
    path.chmod(0o600)
    content = bytearray(path.read_bytes())
    content[place] ^= bit
    path.write_bytes(bytes(content))
    path.chmod(mode)
