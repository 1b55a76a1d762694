"""The truth of a run, from the replies alone: a line for each, with the people whose records were in it.

Nothing here looks at a log or a database, so a log that lies and a guard that miscounts are both found out.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from range.client import Client, Reply, now

_KEYED = re.compile(rb'data-key="(\d+)"')
FOLDER = "truth"


@dataclass
class Truth:
    """A file being written; many clients may write to it at once."""

    file: TextIO
    site: str
    key: str
    _one: threading.Lock = field(default_factory=threading.Lock)

    def note(
        self, client: Client, reply: Reply, *, people: list[int] | None = None, **more: object
    ) -> list[int]:
        """Write down a reply and return the people in it, unless its reader alone can tell and does."""
        found = people_in(reply, self.key) if people is None else people
        self._write(
            event="reply", at=reply.at.isoformat(timespec="microseconds"), address=client.address,
            session=client.session, method=reply.method, path=reply.path, status=reply.status,
            bytes=len(reply.body), people=found, **more,
        )  # fmt: skip
        return found

    def say(self, event: str, **more: object) -> None:
        """Write down that something other than a reply happens now."""
        self._write(event=event, at=now().isoformat(timespec="microseconds"), **more)

    def deduce(self, at: datetime, person: int) -> None:
        """Write down somebody known from several replies together, the last of which came at ``at``."""
        self._write(event="deduced", at=at.isoformat(timespec="microseconds"), people=[person])

    def _write(self, **line: object) -> None:
        with self._one:
            self.file.write(json.dumps(line, ensure_ascii=False) + "\n")
            self.file.flush()


@contextmanager
def written(path: Path, site: str, key: str, **options: object) -> Iterator[Truth]:
    """Write a run's truth to a new file, between a line that begins and a line that ends it."""
    path.parent.mkdir(exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        truth = Truth(file, site, key)
        truth.say("begin", site=site, **options)
        yield truth
        truth.say("end")


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of a truth file."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def people_by_time(path: Path) -> list[tuple[datetime, int]]:
    """Return each person the run received, once, with when first, in order of time."""
    first: dict[int, datetime] = {}
    for line in read(path):
        at = datetime.fromisoformat(line["at"])
        for person in line.get("people", ()):
            first[person] = min(at, first.get(person, at))
    return sorted((at, person) for person, at in first.items())


def people_in(reply: Reply, key: str) -> list[int]:
    """Return the keys of the people whose records a reply carries, in its order."""
    if reply.status != 200:
        return []
    if reply.kind == "text/html":
        return [int(found) for found in _KEYED.findall(reply.body)]
    if reply.kind == "application/json":
        said = json.loads(reply.body)
        return [int(row[key]) for row in (said if isinstance(said, list) else [said])]
    if reply.kind == "text/csv":
        return _in_csv(reply.body.decode(), key)
    if reply.kind == "application/gzip":
        return _in_csv(gzip.decompress(reply.body).decode(), key)
    return []


def _in_csv(text: str, key: str) -> list[int]:
    return [int(row[key]) for row in csv.DictReader(io.StringIO(text))]
