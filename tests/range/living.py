"""Which processes of a range are alive."""

from __future__ import annotations

import os
import time
from pathlib import Path


def processes_of(folder: Path) -> set[int]:
    """Whoever names the folder or works in it."""
    found = set()
    for each in Path("/proc").glob("[0-9]*"):
        try:
            said = (each / "cmdline").read_bytes() + os.fsencode((each / "cwd").readlink())
        except OSError:
            continue
        if os.fsencode(folder) in said:
            found.add(int(each.name))
    return found


def await_no_process(folder: Path) -> set[int]:
    """Wait until nobody is left; returns who still is after 20 seconds."""
    until = time.monotonic() + 20
    while (left := processes_of(folder)) and time.monotonic() < until:
        time.sleep(0.1)
    return left
