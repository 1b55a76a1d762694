"""False alarms a day: honest traffic of the exercise range played through the guard.

``python -m benchmarks.honest_days RETIMED DATAMAP``: RETIMED is what ``python -m range retime`` wrote of a
run of honest traffic that went faster than the clock, DATAMAP the site's. The logs are given to the guard
ten minutes at a time, with a clock that says the time of the last line, so that days take minutes and every
window slides on the lines' own time. Prints each alarm, and how many of them a server would have answered by
stopping somebody, with every kind of stopping going by itself.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import defaultdict
from contextlib import closing
from datetime import datetime
from ipaddress import ip_network
from pathlib import Path

from ashiato.guard.running import Guard
from ashiato.guard.settings import load_settings
from ashiato.guard.state import State
from ashiato.rooms.containing.policy import Policy
from ashiato.terms.alarms import Alarm
from ashiato.terms.times import us_of
from benchmarks.guarded_site import settings_of
from range.loopback import OFFICE

_LOGS = ("nginx/access_json.log", "app/auth.log")
_CHUNK_US = 600_000_000
_DAY_US = 86_400_000_000


def main(retimed: Path, datamap: Path) -> None:
    """Play, and print what was told."""
    lines = _lines(retimed)
    with tempfile.TemporaryDirectory() as name:
        told = _play(Path(name), lines, datamap)
    days = (max(lines)[0] - min(lines)[0]) / _DAY_US
    for alarm in told:
        print(f"{alarm.rule}: {', '.join(f'{each.kind} {each.value}' for each in alarm.actors)}")
    policy = Policy(networks=(ip_network(OFFICE),))
    stopping = [alarm for alarm in told if alarm.actors and not policy.waits_for_a_person(alarm)]
    print(f"{len(lines):,} lines of {days:.1f} days: {len(told) / days:.2f} alarms a day (goal under 2)")
    print(f"{len(stopping)} of the {len(told)} would have stopped somebody (goal 0)")


def _lines(retimed: Path) -> list[tuple[int, str, str]]:
    """Every line with its time and its log, in the order of time."""
    return sorted(
        (us_of(datetime.fromisoformat(json.loads(line)["time"])), log, line)
        for log in _LOGS
        for line in (retimed / log).read_text("utf-8").splitlines(keepends=True)
    )


def _play(folder: Path, lines: list[tuple[int, str, str]], datamap: Path) -> list[Alarm]:
    for log in _LOGS:
        (folder / log).parent.mkdir()
        (folder / log).touch()
    said = settings_of(datamap, *(folder / log for log in _LOGS))
    (folder / "guard.yaml").write_text(said, "utf-8")
    chunks = defaultdict[int, list[tuple[int, str, str]]](list)
    for line in lines:
        chunks[line[0] // _CHUNK_US].append(line)
    told, now = list[Alarm](), [lines[0][0]]
    settings = load_settings(folder)
    with State(folder) as state, closing(Guard(settings, state, told.append, lambda: now[0])) as guard:
        for _, chunk in sorted(chunks.items()):
            for log in _LOGS:
                with (folder / log).open("a", encoding="utf-8") as stream:
                    stream.writelines(line for _, its, line in chunk if its == log)
            now[0] = chunk[-1][0]
            while guard.step():
                pass
    return told


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("retimed", type=Path)
    parser.add_argument("datamap", type=Path)
    asked = parser.parse_args()
    main(asked.retimed, asked.datamap)
