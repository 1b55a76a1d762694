"""Who is alive: a lock that the system lets go of when its holder dies, and a clock that nobody can set."""

from __future__ import annotations

import fcntl
import os
import secrets
import socket
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from ashiato.terms.times import us_of

_BOOT = Path("/proc/sys/kernel/random/boot_id")


class Clock(Protocol):
    """Tells the time twice: as calendars have it, which may jump, and as seconds that only go on."""

    def now(self) -> datetime:
        """Return the aware moment, for what people read."""
        ...

    def steady(self) -> float:
        """Return seconds that never jump and go on while the machine sleeps, for what safety rests on."""
        ...

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        ...


class MachineClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        """Return the moment of the wall clock."""
        return datetime.fromtimestamp(time.time(), UTC)

    def steady(self) -> float:
        """Return the seconds since the machine started, those asleep among them where it tells."""
        clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
        return time.clock_gettime(clock)

    def wait(self, seconds: float) -> None:
        """Sleep."""
        time.sleep(seconds)


def now_us() -> int:
    """Return the moment of the wall clock in microseconds."""
    return us_of(MachineClock().now())


def machine_id() -> str:
    """Name this machine as it runs now: after a restart it is another, whose processes are all new."""
    boot = _BOOT.read_text().strip() if _BOOT.exists() else "?"
    return f"{socket.gethostname()[:40]} {boot}"


def host_of(machine: str) -> str:
    """Return a machine's name, whichever of its starts is meant."""
    return machine.partition(" ")[0]


def new_name() -> str:
    """Name a worker as no other is named."""
    return f"worker-{os.getpid()}-{secrets.token_hex(4)}"


@contextmanager
def held_lock(path: Path) -> Generator[None]:
    """Hold a lock that is let go of when this process ends, however it ends; those it starts may join."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("xb") as file:
        path.chmod(0o600)
        fcntl.flock(file, fcntl.LOCK_SH)
        yield
        # Of one that ends by an error the file stays, unlocked: that proves its death.
        path.unlink(missing_ok=True)


@contextmanager
def shared_lock(path: Path) -> Generator[None]:
    """Hold another process's lock beside it: it is not dead before this one is."""
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


def is_surely_dead(machine: str, lock_file: str) -> bool:
    """Tell whether a worker's process has ended: proven by its lock on this machine, or by a restart of it.

    False where it cannot be told from here.
    """
    here = machine_id()
    if machine != here:
        return host_of(machine) == host_of(here)
    try:
        with Path(lock_file).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except FileNotFoundError:
        return False
    return True
