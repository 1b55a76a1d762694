"""The pet insurer's evidence with a part taken away, in a folder of its own.

``python -m tests.journeys.ablations SET PART``: investigate it and print the figures; PART is one of
``PARTS``.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from tests.journeys.pet_insurer import SHIPPED, Journey, investigate

# Two hours of the morning in which an enumeration ran, as both access logs write their times.
_MORNING = re.compile(rb"09/Jun/2026:0[89]:|2026-06-09T0[89]:")
_LITERAL = re.compile(r"'(?:[^']|'')*'|(?<![\w.$])[0-9]+(?:\.[0-9]+)?(?![\w.])")
_RUN = re.compile(r"(?:statement: |AUDIT: SESSION,[0-9,]+,[A-Z]+,[A-Z ]+,,,)", re.DOTALL)
_MESSAGE = 13


def without_database_log(evidence: Path) -> None:
    """Take the database's whole log away."""
    shutil.rmtree(evidence / "postgresql")


def without_two_hours_of_web_log(evidence: Path) -> None:
    """Take two hours out of both access logs, as a lost file of a rotation would."""
    for file in sorted((evidence / "nginx").glob("access*")):
        lines = _read(file).splitlines(keepends=True)
        _write(file, b"".join(line for line in lines if not _MORNING.search(line)))


def without_values(evidence: Path) -> None:
    """Put placeholders in the place of all values of the database's log, as where binds are not logged."""
    for file in sorted((evidence / "postgresql").glob("*.csv*")):
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(_without_values(_read(file).decode()))
        _write(file, out.getvalue().encode())


PARTS: dict[str, Callable[[Path], None]] = {
    part.__name__: part for part in (without_database_log, without_two_hours_of_web_log, without_values)
}


def investigate_without(part: str, insurer: Path, folder: Path) -> Journey:
    """Investigate a copy of the set that lacks a part, with the shipped data map."""
    copy = folder / "set"
    shutil.copytree(insurer, copy, copy_function=shutil.copyfile)
    PARTS[part](copy / "evidence")
    return investigate(copy, folder, SHIPPED)


def _without_values(text: str) -> Iterator[list[str]]:
    for row in csv.reader(io.StringIO(text, newline="")):
        if len(row) > _MESSAGE and (found := _RUN.match(row[_MESSAGE])):
            row[_MESSAGE] = found[0] + _with_placeholders(row[_MESSAGE][found.end() :])
        yield row


def _with_placeholders(statement: str) -> str:
    numbers = count(1)
    return _LITERAL.sub(lambda _: f"${next(numbers)}", statement)


def _read(file: Path) -> bytes:
    return gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()


def _write(file: Path, content: bytes) -> None:
    file.write_bytes(gzip.compress(content, mtime=0) if file.suffix == ".gz" else content)


def main() -> None:
    """Print the figures of one ablation."""
    with tempfile.TemporaryDirectory() as folder:
        journey = investigate_without(sys.argv[2], Path(sys.argv[1]) / "pet-insurer", Path(folder))
        sys.stdout.write("\n".join([f"== pet-insurer {sys.argv[2]}", *journey.lines(), ""]))


if __name__ == "__main__":
    main()
