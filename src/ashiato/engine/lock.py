"""One writer at a time: a lock the system itself releases when its holder dies."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from ashiato.terms.errors import CaseHeldError, Place

LOCK = "lock"


@contextmanager
def hold_lock(case_folder: Path) -> Generator[None]:
    """Hold the case for writing; raise CaseHeldError, naming the holder, when another has it.

    The lock file names process and host while it is held and is empty otherwise. A name left by a
    process of this host that is gone is stale and taken over; one left by another host is refused,
    since network file systems may not carry the system's lock across.
    """
    path = case_folder / LOCK
    with path.open("a+b") as file:
        path.chmod(0o600)
        _take(file, path)
        try:
            _write_holder(file, {"pid": os.getpid(), "host": socket.gethostname()})
            yield
        finally:
            _write_holder(file, None)


def forget_holder(case_folder: Path, host: str) -> bool:
    """Take a process of another host out of the lock whose host is known to be gone; tells whether it was.

    ``host``: its name, or the first 40 characters of it. Only where the system's lock is free as well.
    """
    with (case_folder / LOCK).open("a+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        named = str(_read_holder(file).get("host", ""))
        if host and host in {named, named[:40]}:
            _write_holder(file, None)
            return True
    return False


def _take(file: BinaryIO, path: Path) -> None:
    holder = _read_holder(file)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise _refusal(holder, path, "wait until it is done, or stop it") from error
    holder = _read_holder(file)
    if holder and holder.get("host") != socket.gethostname():
        raise _refusal(holder, path, "if that process is gone, delete the lock file")


def _refusal(holder: dict[str, Any], path: Path, fix: str) -> CaseHeldError:
    who = f"process {holder.get('pid', '?')} on {holder.get('host', '?')}"
    return CaseHeldError(f"the case is being written by {who}", where=Place(str(path)), fix=fix)


def _read_holder(file: BinaryIO) -> dict[str, Any]:
    file.seek(0)
    try:
        holder = json.loads(file.read(4096))
    except ValueError:
        return {}
    return holder if isinstance(holder, dict) else {}


def _write_holder(file: BinaryIO, holder: dict[str, Any] | None) -> None:
    file.seek(0)
    file.truncate()
    if holder is not None:
        file.write(json.dumps(holder, sort_keys=True).encode() + b"\n")
    file.flush()
