"""The logs of a run that went faster than the clock, told in the run's own time.

What was written at ``begin + t`` is told as of ``since + pace * t``. Lines outside the run are left out. The
combined log is made from the JSON one, whose times are finer than a second; MariaDB's has whole seconds
alone, so at a pace of 60 its statements fall on whole minutes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from range.truth import read

Retold = Callable[["Stretch", Path], Iterator[str]]
_POSTGRESQL = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}) UTC ")
_MARIADB = re.compile(r"^(\d{6} [ \d]\d:\d\d:\d\d)\t")


@dataclass(frozen=True)
class Stretch:
    """A run's time, from ours to its own."""

    begin: datetime
    end: datetime
    since: datetime
    pace: float

    def retold(self, at: datetime) -> datetime | None:
        """Return the run's time for one of ours, in UTC; None outside the run."""
        if not self.begin <= at <= self.end:
            return None
        return (self.since + (at - self.begin) * self.pace).astimezone(UTC)


def write_retimed(truth: Path, out: Path) -> list[Path]:
    """Write a run's logs and its truth with the run's times under a new folder; returns the files."""
    begin, *_, end = lines = list(read(truth))
    ours = [datetime.fromisoformat(line["at"]) for line in (begin, end)]
    options = begin["options"]
    stretch = Stretch(ours[0], ours[1], datetime.fromisoformat(options["since"]), options["pace"])
    site = truth.parents[1] / begin["site"]
    out.mkdir(parents=True)
    written = []
    for name, source, retell in _FILES:
        if (site / source).exists():
            place = out / name
            place.parent.mkdir(exist_ok=True)
            with place.open("w", encoding="utf-8") as file:
                file.writelines(retell(stretch, site / source))
            written.append(place)
    told = out / "truth.jsonl"
    told.write_text("".join(_truth(stretch, lines)), "utf-8")
    return [*written, told]


def _truth(stretch: Stretch, lines: list[dict[str, Any]]) -> Iterator[str]:
    for line in lines:
        at = stretch.retold(datetime.fromisoformat(line["at"]))
        yield _line({**line, "at": at.isoformat(timespec="microseconds") if at else line["at"]})


def _objects(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8", errors="surrogateescape") as file:
        yield from map(json.loads, file)


def _requests(stretch: Stretch, path: Path) -> Iterator[tuple[datetime, dict[str, Any]]]:
    for line in _objects(path):
        at = stretch.retold(datetime.fromtimestamp(line["msec"], UTC))
        if at:
            yield at, line


def _json_log(stretch: Stretch, path: Path) -> Iterator[str]:
    for at, line in _requests(stretch, path):
        yield _line({**line, "time": at.isoformat(timespec="seconds"), "msec": round(at.timestamp(), 3)})


def _combined(stretch: Stretch, path: Path) -> Iterator[str]:
    for at, line in _requests(stretch, path):
        asked = f"{line['method']} {line['uri']} HTTP/1.1"
        told = f'{line["status"]} {line["body_bytes"]} "{line["ref"] or "-"}" "{line["ua"]}"'
        yield f'{line["ip"]} - - [{at:%d/%b/%Y:%H:%M:%S %z}] "{asked}" {told}\n'


def _accounts(stretch: Stretch, path: Path) -> Iterator[str]:
    for line in _objects(path):
        at = stretch.retold(datetime.fromisoformat(line["time"]))
        if at:
            yield _line({**line, "time": at.isoformat(timespec="milliseconds")})


def _postgresql(stretch: Stretch, path: Path) -> Iterator[str]:
    yield from _stamped(stretch, path, _POSTGRESQL, "%Y-%m-%d %H:%M:%S.%f", 3)


def _mariadb(stretch: Stretch, path: Path) -> Iterator[str]:
    yield from _stamped(stretch, path, _MARIADB, "%y%m%d %H:%M:%S", 0)


def _stamped(stretch: Stretch, path: Path, stamp: re.Pattern[str], form: str, cut: int) -> Iterator[str]:
    """Yield a log's lines with their stamps retold; a line without one is of the time of the one before."""
    inside = False
    with path.open(encoding="utf-8", errors="surrogateescape", newline="\n") as file:
        for line in file:
            found = stamp.match(line)
            if found is None:
                if inside:
                    yield line
                continue
            at = stretch.retold(datetime.strptime(found[1], form).replace(tzinfo=UTC))
            inside = at is not None
            if at:
                text = at.strftime(form)
                yield (text[: -6 + cut] if cut else text) + line[found.end(1) :]


def _line(said: dict[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False) + "\n"


_FILES: tuple[tuple[str, str, Retold], ...] = (
    ("nginx/access_json.log", "nginx/access_json.log", _json_log),
    ("nginx/access.log", "nginx/access_json.log", _combined),
    ("app/auth.log", "app/auth.log", _accounts),
    ("postgresql/postgresql.log", "postgresql/postgresql.log", _postgresql),
    ("mariadb/general.log", "mariadb/general.log", _mariadb),
)
