"""The real command line in a process of its own: what it prints, how long it takes, how much memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ASHIATO = Path(sys.executable).with_name("ashiato")
_MOST_SECONDS = 1800
_WEIGHER = """
import os, subprocess, sys
with subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL) as child:
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
print(child.returncode, used.ru_utime, used.ru_stime, used.ru_maxrss)
"""


@dataclass(frozen=True)
class Told:
    """What a command did."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Cost:
    """What a command cost: wall seconds, seconds of all processors, and peak memory in bytes."""

    wall: float
    processor: float
    memory: int


def surroundings() -> dict[str, str]:
    """Return this process's settings without those that make a child slower or talk another language."""
    kept = {**os.environ, "LC_ALL": "C.UTF-8"}  # noqa: TID251 - a child process inherits its settings
    return {name: value for name, value in kept.items() if not name.startswith("COV")}


def tell(*words: object, settings: Mapping[str, str] | None = None) -> Told:
    """Run ``ashiato`` with these words to its end; ``settings`` come on top of this process's."""
    done = subprocess.run(
        [ASHIATO, *map(str, words)],
        env={**surroundings(), **(settings or {})},
        capture_output=True,
        check=False,
        timeout=_MOST_SECONDS,
    )
    return Told(done.returncode, done.stdout.decode(), done.stderr.decode())


def must(*words: object, settings: Mapping[str, str] | None = None) -> Told:
    """Run ``ashiato`` and insist that it succeeds; ``settings`` come on top of this process's."""
    told = tell(*words, settings=settings)
    assert told.code == 0, f"ashiato {' '.join(map(str, words))}: {told.err}"
    return told


def weigh(*words: object) -> Cost:
    """Run ``ashiato``, insist that it succeeds, and return what it cost.

    A small process starts it: a child begun by a large one (a test run, say) is told its parent's peak
    memory as its own, because Linux counts the memory a process had before it became another program.
    """
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-I", "-c", _WEIGHER, ASHIATO, *map(str, words)],
        env=surroundings(),
        capture_output=True,
        check=False,
        timeout=_MOST_SECONDS,
    )
    wall = time.monotonic() - begun
    status, user, system, peak = done.stdout.split()
    assert int(status) == 0, (words, done.stderr.decode())
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(wall, float(user) + float(system), int(peak) * unit)
