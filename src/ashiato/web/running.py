"""The worker of runs: takes up what staff asked for, one run at a time, each in a process of its own."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings

from ashiato.engine.api import forget_holder
from ashiato.rooms.cases import api
from ashiato.rooms.ending.api import take_times
from ashiato.rooms.enduring import Patience
from ashiato.rooms.living import (
    MachineClock,
    held_lock,
    host_of,
    is_surely_dead,
    machine_id,
    new_name,
)
from ashiato.terms.errors import AshiatoError
from ashiato.terms.times import us_of
from ashiato.web.alarming import tell_until
from ashiato.web.sealing import seal_until

_SECONDS_BETWEEN = 1.0
#: A run that is asked to stop has so long until it is killed; it can go on from there all the same.
_SECONDS_TO_STOP = 30.0
#: A worker of another machine is held for dead when its run's beats have stood still for so long.
_SECONDS_OF_SILENCE = 120.0
#: A run whose case another writes to, for a moment or for hours, is tried again after so long.
_SECONDS_TO_TRY_AGAIN = 10.0
_ROOM = "most often the machine had no memory left: give it more and start the run again; it goes on"
_Asked = Callable[[], bool]
_T = TypeVar("_T")
_LOG = logging.getLogger(__name__)


def work(stopped: _Asked) -> None:
    """Take up runs and seal what was sent until told to stop; a run at hand waits for the next worker."""
    path = Path(settings.ASHIATO_HOME) / "workers" / f"{new_name()}.lock"
    over = threading.Event()
    with held_lock(path), ThreadPoolExecutor(2) as threads:
        beside = [
            threads.submit(seal_until, over.wait, MachineClock()),
            threads.submit(tell_until, over.wait, MachineClock(), str(path)),
        ]

        def is_to_stop() -> bool:
            for each in beside:
                if each.done():
                    each.result()
            return stopped()

        # A run at hand goes on to its end, whatever became of what is done beside it.
        worker = Worker(api.Holder(machine_id(), str(path)), stopped)
        try:
            while not is_to_stop():
                if not worker.take_one():
                    worker.clock.wait(_SECONDS_BETWEEN)
        finally:
            over.set()


@dataclass
class Worker:
    """One worker: it looks through the open runs, and runs the first that is free."""

    holder: api.Holder
    stopped: _Asked
    clock: MachineClock = field(default_factory=MachineClock)
    _heard: dict[int, tuple[int, float]] = field(default_factory=dict)
    _not_before: dict[int, float] = field(default_factory=dict)

    def take_one(self) -> bool:
        """Run one that waits, its dead holders' among them; False where there is none."""
        for asked in self._insist(api.list_open):
            if asked.stand == api.Stand.RUNNING and self._is_dead(asked):
                self._insist(partial(api.release_dead, asked, self.clock.now()))
            if self._waits(asked):
                continue
            if self._insist(partial(api.claim, asked, self.holder, self.clock.now())):
                self._run(asked)
                return True
        return False

    def _insist(self, do: Callable[[], _T]) -> _T:
        return Patience(self.clock, self.stopped).insist(do)

    def _waits(self, asked: api.Investigation) -> bool:
        return self.clock.steady() < self._not_before.get(asked.pk, 0.0)

    def _is_dead(self, asked: api.Investigation) -> bool:
        if is_surely_dead(asked.machine, asked.lock_file):
            return True
        beats, since = self._heard.get(asked.pk, (-1, 0.0))
        if beats != asked.beats:
            self._heard[asked.pk] = asked.beats, self.clock.steady()
            return False
        # A lock that was not taken along, as by a backup, tells as little as one of another machine.
        is_told = asked.machine == self.holder.machine and Path(asked.lock_file).exists()
        return not is_told and self.clock.steady() - since > _SECONDS_OF_SILENCE

    def _run(self, asked: api.Investigation) -> None:
        self._forget_gone(asked)
        child = _Child(asked.case.folder, self.holder.lock_file, us_of(asked.asked_at))
        stopping = None
        while child.goes_on(_SECONDS_BETWEEN):
            is_to_stop = self._insist(partial(api.note_step, asked, self.holder, api.Step(*child.step)))
            if stopping is None and (is_to_stop or self.stopped()):
                stopping = self.clock.steady()
                child.stop()
            elif stopping is not None and self.clock.steady() - stopping > _SECONDS_TO_STOP:
                child.kill()
        was_stopped = stopping is not None
        self._insist(lambda: self._end(asked, child.end, was_stopped=was_stopped))

    def _forget_gone(self, asked: api.Investigation) -> None:
        """Take a worker of another machine, whose run this was, out of the case's lock."""
        host, here = host_of(asked.machine), host_of(self.holder.machine)
        if host not in {"", here} and forget_holder(Path(asked.case.folder), host):
            _LOG.warning("%s: let go of the case for %s, which is gone", asked.case, host)

    def _end(self, asked: api.Investigation, end: dict[str, Any], *, was_stopped: bool) -> None:
        now = self.clock.now()
        if "run" in end:
            api.end_done(asked, self.holder, int(end["run"]), now)
            self._keep_times(asked.case)
        elif was_stopped:
            api.end_stopped(asked, self.holder, now)
        else:
            fault = api.Fault(end["fault"], end.get("where", ""), end.get("fix", ""))
            is_held = end.get("is_held", False)
            self._not_before[asked.pk] = self.clock.steady() + (_SECONDS_TO_TRY_AGAIN if is_held else 0)
            (api.end_held if is_held else api.end_failed)(asked, self.holder, fault, now)

    def _keep_times(self, case: api.CaseFile) -> None:
        """Take the case's time figures by its new run; a case that cannot be read just now costs no run."""
        try:
            take_times(case, self.clock.now())
        except AshiatoError as error:
            _LOG.warning("%s: its time figures were not taken: %s", case, error)


class _Child:
    """The process of one run: what it said last of how far it is, and how it ended."""

    def __init__(self, folder: str, lock_file: str, since_us: int) -> None:
        """Start it, out of reach of what is typed at the worker's terminal, and listen."""
        words = [sys.executable, "-m", "ashiato.web.investigator", folder, lock_file, str(since_us)]
        pipe = subprocess.PIPE
        self.step = ("", 0, 0)
        self.end: dict[str, Any] = {}
        self._process = subprocess.Popen(words, stdin=pipe, stdout=pipe, start_new_session=True)  # noqa: S603 - our own words, no shell
        self._ear = threading.Thread(target=self._listen, daemon=True)
        self._ear.start()

    def _listen(self) -> None:
        for line in self._process.stdout or ():
            told = json.loads(line)
            if "stage" in told:
                self.step = told["stage"], told["done"], told["total"]
            else:
                self.end = told

    def goes_on(self, seconds: float) -> bool:
        """Wait a while; tell whether it still runs. Of one that ended, how is known."""
        with suppress(subprocess.TimeoutExpired):
            code = self._process.wait(seconds)
            self._ear.join()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()
            self.end = self.end or {"fault": f"the run's process was killed (code {code})", "fix": _ROOM}
            return False
        return True

    def stop(self) -> None:
        """Ask it to stop: it hears that nobody listens to it any more."""
        if self._process.stdin is not None:
            self._process.stdin.close()

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
