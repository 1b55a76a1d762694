"""Three days of the pet insurer played through the guard: what honest people raise, and what a thief gets."""

from __future__ import annotations

import csv
import gzip
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from ipaddress import ip_network
from pathlib import Path

import pytest

from ashiato.guard.running import Guard
from ashiato.guard.settings import load_settings
from ashiato.guard.state import State
from ashiato.rooms.containing.policy import Policy
from ashiato.terms.alarms import Alarm
from ashiato.terms.times import us_of
from tests.guard.watched import catch_up

pytestmark = pytest.mark.slow
MAP = Path(__file__).parents[2] / "examples" / "pet-insurer" / "datamap.yaml"
WEB, AUTH = "nginx/access_json.log", "app/auth.log"
_TIME = re.compile(rb'"(?:time|ts)": ?"([^"]+)"')
_KEY = re.compile(rb'"uri":"/(?:api|admin)/owners/(\d+)[^"]*","status":200')
_PAGE = re.compile(rb'"uri":"/admin/owners\?[^"]*","status":200')
_ADDRESS = re.compile(rb'"ip":"([^"]+)"')
#: What the example's data map says.
OFFICE = "198.51.100.20"
_ROWS = 50
_CHUNK_US = 3_600_000_000
#: What datamap-hints.md says of the lists.
SETTINGS = """\
datamap: datamap.yaml
configs: [nginx.conf]
staff_roles: [staff, claims]
replies: [{path: /admin/owners, people: 50}, {path: /admin/claims, people: 30}]
"""


class Line:
    """One line of the set: of which log, when, and whose attack it is part of, if any's."""

    def __init__(self, log: str, content: bytes, attack: str) -> None:
        """``log`` is the name without rotation."""
        found = _TIME.search(content)
        self.log, self.content, self.attack = log, content, attack
        self.time_us = us_of(datetime.fromisoformat(found[1].decode())) if found else 0


def _lines(case: Path, log: str) -> Iterator[Line]:
    attacks: dict[str, dict[int, str]] = defaultdict(dict)
    with (case / "truth" / "attacker_requests.csv").open(encoding="utf-8-sig") as stream:
        for row in csv.DictReader(stream):
            attacks[row["file"]][int(row["line"])] = row["attack"]
    for ending in (".3.gz", ".2.gz", ".1.gz", ""):
        path = case / "evidence" / f"{log}{ending}"
        if path.exists():
            content = gzip.decompress(path.read_bytes()) if ending else path.read_bytes()
            known = attacks[f"evidence/{log}{ending}"]
            for number, line in enumerate(content.splitlines(keepends=True), 1):
                yield Line(log, line, known.get(number, "")[:2])


def _play(folder: Path, case: Path, lines: list[Line]) -> list[Alarm]:
    """Write the lines as they came, an hour at a time, with a guard that follows."""
    sources = "".join(
        f"  - {{files: {folder / log}, from: beginning, silent_after: 9d}}\n" for log in (WEB, AUTH)
    )
    (folder / "guard.yaml").write_text(f"{SETTINGS}sources:\n{sources}", encoding="utf-8")
    (folder / "datamap.yaml").write_bytes(MAP.read_bytes())
    (folder / "nginx.conf").write_bytes((case / "evidence/nginx/nginx.conf").read_bytes())
    told: list[Alarm] = []
    now = [lines[0].time_us]
    with (
        State(folder) as state,
        closing(Guard(load_settings(folder), state, told.append, lambda: now[0])) as guard,
    ):
        chunks: dict[int, list[Line]] = defaultdict(list)
        for line in lines:
            chunks[line.time_us // _CHUNK_US].append(line)
        for _, chunk in sorted(chunks.items()):
            for log in (WEB, AUTH):
                path = folder / log
                path.parent.mkdir(exist_ok=True)
                with path.open("ab") as stream:
                    stream.writelines(line.content for line in chunk if line.log == log)
            now[0] = chunk[-1].time_us
            catch_up(guard)
    return told


def test_honest_people_raise_little_and_thieves_get_little(corpus: Path, tmp_path: Path) -> None:
    case = corpus / "pet-insurer"
    lines = sorted([*_lines(case, WEB), *_lines(case, AUTH)], key=lambda line: line.time_us)
    told = _play(tmp_path, case, lines)
    # The guard's files hold their lines in the order of their time; of sign-ins the truth names addresses.
    web = [line for line in lines if line.log == WEB]
    hostile = {found[1].decode() for line in web if line.attack and (found := _ADDRESS.search(line.content))}
    of_web = [alarm for alarm in told if WEB in alarm.lines[-1]]
    tripped = [int(alarm.lines[-1].rpartition(":")[2]) for alarm in of_web]
    honest = [alarm for alarm, number in zip(of_web, tripped, strict=True) if not web[number - 1].attack]
    honest += [
        alarm
        for alarm in told
        if alarm not in of_web and not hostile & {actor.value for actor in alarm.actors}
    ]
    policy = Policy(networks=(ip_network(OFFICE),))
    stopped = [alarm.rule for alarm in honest if not policy.waits_for_a_person(alarm)]
    days = (lines[-1].time_us - lines[0].time_us) / 86_400_000_000
    out = {
        attack: _out(web[: next(n for n in tripped if web[n - 1].attack == attack)], attack)
        for attack in ("a2", "a4")
    }
    print(  # noqa: T201 - the figures of the set
        f"guard on pet-insurer: {len(honest)} alarms on honest traffic in {days:.1f} days"
        f" {[alarm.rule for alarm in honest]}, of which {len(stopped)} would have stopped somebody;"
        f" records out before the first alarm, at most: {out}"
    )
    assert len(honest) / days < 2
    assert not stopped
    assert out["a2"] <= 300
    assert out["a4"] <= 1000


def _out(lines: list[Line], attack: str) -> int:
    """How many records left at most: keys, and fifty for each page of the list."""
    own = [line.content for line in lines if line.attack == attack]
    keys = {found[1] for content in own if (found := _KEY.search(content))}
    pages = {found[0] for content in own if (found := _PAGE.search(content))}
    return len(keys) + _ROWS * len(pages)
