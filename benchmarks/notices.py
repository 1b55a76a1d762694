"""Notices from the plan to the sink: planned, approved, composed, signed, handed over, each in the ledger.

``python -m benchmarks.notices [PEOPLE...]`` (10,000 30,000 100,000 unless said), on SQLite. Mails are signed
with RSA-2048 and go to Postfix' smtp-sink where it is installed, else to the tests' own server; letters, a
tenth as many, go into a folder as batches with their manifests. Beside it: Django's ``send_mail`` in a loop,
unsigned and without a ledger. Prints people a second by the wall clock and by the second of processor (ours:
the sink's is not in it), each size's rate beside the first one's, the memory of the largest process, and what
the whole would take on two processors that do nothing else.
"""

from __future__ import annotations

import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ashiato.rooms.private_files import write_private
from benchmarks.mail import EVERYBODY, _django_handed, _pem, _server
from tests.rooms import server

if TYPE_CHECKING:
    from ashiato.rooms.notifying.api import Campaign
    from ashiato.rooms.notifying.scope import PersonFound

_MATTER = Path(__file__).parents[1] / "examples" / "pet-insurer" / "notices.yaml"
_SIZES = (10_000, 30_000, 100_000)
#: The goal for the whole: an hour on two processors.
_GOAL = EVERYBODY / 3_600
_LETTERS = 10
_LOOP = 1_000
_SAID = """mail:
  {{host: 127.0.0.1, port: {port}, security: none, bounce_domain: bounce.example.co.jp,
   dkim: [{{domain: example.co.jp, selector: a1, key_file: dkim.pem}}]}}
"""


@dataclass(frozen=True)
class Took:
    """What one step over so many people took, in seconds."""

    people: int
    wall: float
    processor: float

    @property
    def rate(self) -> float:
        """People a second."""
        return self.people / self.wall

    @property
    def by_processor(self) -> float:
        """People a second of one processor."""
        return self.people / self.processor


def _timed(people: int, work: Callable[[], object]) -> Took:
    wall, processor = time.perf_counter(), _processor()
    work()
    return Took(people, time.perf_counter() - wall, _processor() - processor)


def _processor() -> float:
    """Seconds of processor of this process and of those it started that have ended."""
    used = (resource.getrusage(each) for each in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def _memory() -> int:
    """Most bytes of any of our processes so far."""
    used = (resource.getrusage(each) for each in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    most = max(each.ru_maxrss for each in used)
    return most * (1 if sys.platform == "darwin" else 1_024)


def _people(count: int, channel: str) -> Iterator[PersonFound]:
    from tests.rooms.notifying.scenes import addressed  # noqa: PLC0415 - only once started

    for number in range(count):
        person = addressed("山田 花子", channel)
        contact = {**person.contact, "email": f"person{number}@example.jp"}
        yield replace(person, person_id=f"p{number}", contact=contact)


def _planned(home: Path, people: int, channel: str) -> tuple[Campaign, Took, Took]:
    """Plan and approve; returns how long each took."""
    from ashiato.rooms.accounts.api import add_staff  # noqa: PLC0415 - only once started
    from ashiato.rooms.notifying import api  # noqa: PLC0415

    at = datetime.fromtimestamp(time.time(), UTC)
    campaign = api.open_campaign(home, "tell-people", at)
    api.set_matter(campaign, api.read_matter(_MATTER))
    staff = [add_staff("aoi"), add_staff("ben")]

    def approve() -> None:
        for each in staff:
            api.approve_text(campaign, each, at)
        for wave in api.draft_waves(campaign, api.Desk(agents=100_000), at):
            for each in staff:
                api.approve_wave(wave, each, at)

    planner = api.Planner(campaign, 1, at)
    planned = _timed(people, lambda: planner.take(_people(people, channel)))
    return campaign, planned, _timed(people, approve)


def _sent(home: Path, campaign: Campaign, people: int) -> Took:
    from django.conf import settings  # noqa: PLC0415 - only once started

    from ashiato.rooms.notifying import api  # noqa: PLC0415
    from ashiato.web.configuration import read_configuration  # noqa: PLC0415
    from ashiato.web.workers import run_worker  # noqa: PLC0415

    settings.CONFIGURATION = read_configuration(home)
    took = _timed(people, lambda: run_worker(campaign, ZoneInfo("Asia/Tokyo"), lambda _: None))
    closing = api.closing_sum(campaign)
    if closing.open != {"handed": people} or not closing.holds:
        raise SystemExit(f"not everybody was handed over: {closing}")
    return took


def _walk(people: int, channel: str, said: str) -> dict[str, Took]:
    """Take so many people from the plan to the sink, in a data folder that goes afterwards."""
    home = Path(tempfile.mkdtemp()) / "home"
    try:
        server.home()
        server.use_home(home)
        write_private(home / "dkim.pem", _pem())
        write_private(home / "server.yaml", said.encode())
        (home / "printer").mkdir()
        campaign, planned, approved = _planned(home, people, channel)
        return {"planned": planned, "approved": approved, "sent": _sent(home, campaign, people)}
    finally:
        shutil.rmtree(home.parent)


def _tell(name: str, steps: dict[str, Took], first: dict[str, Took]) -> None:
    for step, took in steps.items():
        growth = took.by_processor / first[step].by_processor
        print(
            f"  {name:8} {step:9} {took.people:9,}   {took.rate:8,.0f}/s   {took.by_processor:8,.0f}/s of one"
            f" processor   {growth:5.2f} of the first size's"
        )
    each = sum(took.processor / took.people for took in steps.values())
    print(
        f"  {name:8} in all    {EVERYBODY:9,} people, {each * 1e3:.2f} ms of processor each:"
        f" {each * EVERYBODY / 2 / 60:,.0f} min on two; largest process {_memory() / 2**20:,.0f} MiB"
    )


def main(sizes: tuple[int, ...]) -> None:
    """Print rates, growth and what the whole would take."""
    print(f"Goal for mails: {EVERYBODY:,} in an hour on two processors, {_GOAL:,.0f}/s")
    with _server() as (name, port):
        print(f"Mails, handed over to {name}")
        first: dict[str, Took] = {}
        for people in sizes:
            steps = _walk(people, "email", _SAID.format(port=port))
            first = first or steps
            _tell("mails", steps, first)
        loop = _timed(_LOOP, lambda: _looped(port))
        ours = steps["sent"]
        wall, processor = ours.rate / loop.rate, ours.by_processor / loop.by_processor
        print(
            f"  Django's send_mail, one by one: {loop.rate:,.0f}/s, {loop.by_processor:,.0f}/s by processor;"
            f" ours is {wall:.1f} times as fast, by processor {processor:.1f}"
        )
    print("Letters, into a folder")
    first = {}
    for people in (max(100, size // _LETTERS) for size in sizes):
        steps = _walk(people, "letter", "letters: {printer_folder: printer}\n")
        first = first or steps
        _tell("letters", steps, first)


def _looped(port: int) -> None:
    from django.conf import settings  # noqa: PLC0415 - only once started

    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    _django_handed(port, _LOOP)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main(tuple(int(each) for each in sys.argv[1:]) or _SIZES)
