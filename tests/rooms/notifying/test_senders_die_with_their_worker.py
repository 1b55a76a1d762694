"""Processes that hand over: what they took is told or in doubt, and none sends on without its worker."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ashiato.rooms.living import MachineClock, held_lock, is_surely_dead, machine_id
from ashiato.rooms.notifying.handing import Turn
from ashiato.rooms.notifying.models import Notice, Worker
from ashiato.rooms.notifying.senders import Senders
from ashiato.rooms.notifying.states import State
from ashiato.terms.errors import ServerError
from tests.rooms.notifying.scenes import AT
from tests.sinks.running import ROOT

pytestmark = pytest.mark.slow  # each process starts Django


@pytest.fixture
def senders(tmp_path: Path) -> Iterator[Senders]:
    with Senders(("email",), words(tmp_path)) as started:
        yield started


def test_what_a_sender_took_is_told(senders: Senders, tmp_path: Path) -> None:
    with held_lock(tmp_path / "worker.lock"):
        offered, trouble = senders.offer_all([notice(1, "a"), notice(2, "b")], turn(tmp_path))
        assert [(each.notice, each.new, each.outside_reference) for each in offered] == [
            (1, State.HANDED, "id-a"),
            (2, State.HANDED, "id-b"),
        ]
        assert (trouble, taken(tmp_path)) == (False, ["a", "b"])


def test_what_a_sender_took_with_it_is_in_doubt(senders: Senders, tmp_path: Path) -> None:
    with held_lock(tmp_path / "worker.lock"):
        offered, trouble = senders.offer_all(
            [notice(1, "a"), notice(2, "die"), notice(3, "c")], turn(tmp_path)
        )
        assert ({each.new for each in offered}, trouble) == ({State.UNKNOWN}, True)
        again, _ = senders.offer_all([notice(4, "d")], turn(tmp_path))
        assert [each.new for each in again] == [State.HANDED]
    assert taken(tmp_path) == ["a", "die", "d"]


def test_nothing_is_offered_from_a_claim_too_old(senders: Senders, tmp_path: Path) -> None:
    with held_lock(tmp_path / "worker.lock"):
        late = turn(tmp_path, until=MachineClock().steady() - 1)
        assert senders.offer_all([notice(1, "a")], late) == ([], False)
    assert taken(tmp_path) == []


def test_a_worker_is_not_dead_before_its_sender_and_that_one_sends_nothing_more(tmp_path: Path) -> None:
    with subprocess.Popen([*words(tmp_path), "WORKER"], cwd=ROOT) as worker:
        await_until(lambda: taken(tmp_path) == ["a"])
        worker.kill()
    lock = tmp_path / "worker.lock"
    assert not is_surely_dead(machine_id(), str(lock))
    (tmp_path / "wait-b").touch()
    await_until(lambda: is_surely_dead(machine_id(), str(lock)))
    assert taken(tmp_path) == ["a"]


def test_one_that_does_not_start_is_told(tmp_path: Path) -> None:
    words = [sys.executable, "-c", "raise SystemExit(3)"]
    with Senders(("email",), words) as broken, pytest.raises(ServerError, match="could not be started"):
        broken.offer_all([notice(1, "a")], turn(tmp_path))


def words(folder: Path) -> list[str]:
    """What starts a sender that writes into a folder."""
    return [sys.executable, "-m", "tests.rooms.notifying.sender_double", str(folder / "taken")]


def turn(folder: Path, until: float | None = None) -> Turn:
    """A turn of a worker whose lock lies in a folder."""
    worker = Worker(name="worker", lock_file=str(folder / "worker.lock"))
    usable = MachineClock().steady() + 60 if until is None else until
    return Turn(worker, lambda: AT, lambda: False, until=usable)


def notice(number: int, reference: str) -> Notice:
    """A claimed notice."""
    return Notice(pk=number, channel="email", reference=reference)


def taken(folder: Path) -> list[str]:
    """What was taken so far, in order."""
    path = folder / "taken"
    return path.read_text().split() if path.exists() else []


def await_until(holds: Callable[[], bool]) -> None:
    """Wait for something, a minute at most."""
    until = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)
