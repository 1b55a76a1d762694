"""The real sqlmap, let loose on a made-up site; what it says it dumped is the truth."""

from __future__ import annotations

import csv
import subprocess
from pathlib import Path

from tests.journeys.databases import find_program

_MOST_SECONDS = 600


def dumped(
    url: str, parameter: str, of: tuple[str, str, str], folder: Path, *words: str
) -> list[dict[str, str]]:
    """Let sqlmap dump a table through a parameter of an address; returns the rows of its own dump.

    ``of``: the kind of database, the schema and the table; ``words``: what else sqlmap is told.
    """
    dbms, schema, table = of
    command = (
        *(find_program("sqlmap"), "-u", url, "-p", parameter, "--batch", "--flush-session"),
        *("--disable-coloring", f"--dbms={dbms}", "-D", schema, "-T", table, "--dump"),
        *("--output-dir", str(folder), *words),
    )
    done = subprocess.run(
        list(map(str, command)),
        capture_output=True,
        text=True,
        check=False,
        timeout=_MOST_SECONDS,
        cwd=folder,
    )
    (folder / "sqlmap.txt").write_text(done.stdout + done.stderr, "utf-8")
    dumps = sorted(folder.rglob(f"dump/**/{table}.csv*"))
    assert dumps, done.stdout[-3000:]
    with dumps[-1].open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
