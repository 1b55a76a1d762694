"""The worker: claim, compose, hand over, record; again until nothing is left or it is told to stop.

What keeps a notice from going out twice or never, step by step:

1. Its lock is held before it is known; whoever finds the lock free knows that it is dead (``living``).
2. A claim is committed before anything of it is offered (``services.claiming``).
3. A claim is used for so many seconds and no longer, by a clock that nobody can set; what was not offered by
   then is given back, which its own process alone may say.
4. Whatever became of an offer is recorded, again and again until the database takes it; nothing new is
   claimed before. If the process dies first, what it had claimed is in doubt, for good or until asked.
5. A claim whose commit was not answered may stand: what is claimed and not held is given back unoffered.
6. Others' claims are put in doubt when their worker is surely dead, or showed no sign of life for longer
   than a claim may be used.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

from django.db import Error

from ashiato.rooms.enduring import Patience
from ashiato.rooms.living import Clock, held_lock, is_surely_dead, machine_id, new_name
from ashiato.rooms.notifying.handing import Hands, Turn
from ashiato.rooms.notifying.models import Campaign, Gate, Notice, Worker
from ashiato.rooms.notifying.rests import Rests
from ashiato.rooms.notifying.services import claiming, gating, leaving, receiving, recording, working
from ashiato.rooms.notifying.services.moving import Because
from ashiato.rooms.notifying.services.recording import Offered
from ashiato.rooms.notifying.states import State

_T = TypeVar("_T")
_P = ParamSpec("_P")

Offering = Future[tuple[list[Offered], bool]]


@dataclass(frozen=True)
class Pace:
    """How much is taken at once, and by how many hands; seconds for the rest.

    ``usable``: how long a claim may be offered from. ``silent``: without a sign of life for so long a worker
    of another machine is dead; longer than ``usable`` and the longest wait for an answer together.
    ``record``: how many are offered and recorded together; ``lanes``: how many such parts are on their way at
    once. While the outside takes nothing, ``idle`` is waited before the next try, then twice as long each
    time, ``longest`` at most.
    """

    claim: int = 500
    record: int = 50
    hands: int = 4
    lanes: int = 1
    usable: float = 240.0
    silent: float = 1_200.0
    beat: float = 2.0
    idle: float = 1.0
    longest: float = 300.0


@dataclass
class Progress:
    """What a worker did so far; ``left``: how many waited in open waves when counted, less what it did.

    ``trouble``: what the outside said when it took nothing last; empty once it takes something again.
    """

    handed: int = 0
    failed: int = 0
    doubted: int = 0
    deferred: int = 0
    left: int = 0
    closed: tuple[str, ...] = ()
    trouble: str = ""

    def and_then(self, later: Progress) -> Progress:
        """Return this and what was done after it."""
        return Progress(
            self.handed + later.handed,
            self.failed + later.failed,
            self.doubted + later.doubted,
            self.deferred + later.deferred,
            later.left,
            later.closed,
            later.trouble,
        )


@dataclass
class SendingWorker:
    """One worker of one campaign; ``tell`` hears how far it is, ``stopped`` says whether to finish.

    ``watch``: whatever else may close a gate, asked as often as the rates are counted.
    """

    campaign: Campaign
    handing: Hands
    clock: Clock
    locks: Path
    pace: Pace = field(default_factory=Pace)
    stopped: Callable[[], bool] = lambda: False
    tell: Callable[[Progress], None] = lambda _: None
    watch: Callable[[datetime], object] = lambda _: None

    def run(self) -> Progress:
        """Work until nothing is left that may be sent, a gate is closed, or it is stopped."""
        self._progress, self._seen = Progress(), dict[str, tuple[int, float]]()
        self._troubles, self._is_held, self._rests = 0, False, Rests(self.clock)
        self._channels: dict[int, str] = {}
        self._beaten = self._watch_at = 0.0
        name = new_name()
        path = self.locks / f"{name}.lock"
        with (
            held_lock(path),
            ThreadPoolExecutor(self.pace.hands) as self._threads,
            ThreadPoolExecutor(self.pace.lanes) if self.pace.lanes > 1 else _Inline() as self._lanes,
        ):
            self._worker = self._insist(lambda: self._enlist(name, path))
            self._progress.left = self._insist(self._count_left)
            while not self.stopped() and self._round():
                pass
            self._insist(self._leave)
        return self._progress

    def _enlist(self, name: str, path: Path) -> Worker:
        found = Worker.objects.filter(name=name).first()
        now = self.clock.now()
        return found or working.enlist(name, machine=machine_id(), lock_file=str(path), at=now)

    def _leave(self) -> None:
        working.bury(self._worker, self._because("left with it claimed"))

    def _round(self) -> bool:
        """Take one batch through; False when there is nothing more to do."""
        if not self._rests.awake(self.handing.channels):
            self._wait_until(self._rests.first_end())
            return True
        try:
            self._look_after_others()
            batch = self._claim()
        except Error as error:
            self._patience().endure(error)
            return True
        if not batch:
            return self._wait_for_more()
        self._hand(batch)
        self._let_pass()
        return True

    def _claim(self) -> list[Notice]:
        because = self._because("claimed by an answer that was lost; never offered")
        working.give_back(self._worker, because)
        self._claimed_at = self.clock.steady()
        now = self.clock.now()
        self._progress.closed = tuple(gate.kind for gate in self._gates(now))
        wanted = claiming.Wanted(
            self.campaign, self._rests.awake(self.handing.channels), self.pace.claim, now
        )
        claimed = claiming.claim(self._worker, wanted)
        left = leaving.list_left_alone(self.campaign, claimed)
        if left:
            spared = [_spared(pk, why) for pk, why in left.items()]
            self._insist(partial(self._record, spared))
        return [each for each in claimed if each.pk not in left]

    def _gates(self, now: datetime) -> list[Gate]:
        """Count for the gates, a twentieth of the time at most: what they count grows with what was sent."""
        began = self.clock.steady()
        if began < self._watch_at:
            return gating.list_closed(self.campaign)
        self.watch(now)
        closed = gating.watch_gates(self.campaign, now)
        self._watch_at = began + 20 * (self.clock.steady() - began)
        return closed

    def _hand(self, batch: Sequence[Notice]) -> None:
        under_way: set[Offering] = set()
        self._is_held, self._channels = False, {each.pk: each.channel for each in batch}
        try:
            self._offer_parts(batch, under_way)
        finally:
            for each in under_way:
                each.cancel()
        rest = self._because("not offered: the outside is in trouble, or the claim too old")
        self._insist(lambda: working.give_back(self._worker, rest))

    def _let_pass(self) -> None:
        """Wait for an outside that takes nothing and asks for no time of its own, longer each time."""
        if not self._is_held:
            self._troubles = 0
            return
        self.tell(self._progress)
        pause = min(self.pace.idle * (1 << min(self._troubles, 16)), self.pace.longest)
        self._troubles += 1
        self._wait_until(self.clock.steady() + pause)

    def _wait_until(self, until: float) -> None:
        while not self.stopped() and self.clock.steady() < until:
            self._insist(self._beat)
            self.clock.wait(self.pace.idle)

    def _offer_parts(self, batch: Sequence[Notice], under_way: set[Offering]) -> None:
        each = self.pace.record
        parts = deque(batch[start : start + each] for start in range(0, len(batch), each))
        while parts or under_way:
            # One more than the lanes can take, each, so that none waits while the ledger is written.
            while parts and len(under_way) < 2 * self.pace.lanes - 1:
                under_way.add(self._lanes.submit(self._offer, parts.popleft()))
            done, _ = wait(under_way, return_when=FIRST_COMPLETED)
            under_way -= done
            if self._take_in(done) or self._is_spent():
                parts.clear()
                under_way -= {part for part in under_way if part.cancel()}

    def _take_in(self, done: Iterable[Offering]) -> bool:
        """Record what became of parts; returns whether the outside is in trouble."""
        results = [each.result() for each in done]
        offered = [each for part, _ in results for each in part]
        self._insist(partial(self._record, offered))
        trouble = any(trouble for _, trouble in results)
        nothing = _took_nothing(offered, in_trouble=trouble)
        self._progress.trouble = offered[0].why if nothing else ""
        asking = [each for each in offered if each.wait_s]
        for each in asking:
            self._rests.ask(self._channels[each.notice], each.wait_s)
        self._is_held = nothing and not asking
        self.tell(self._progress)
        return trouble or nothing

    def _offer(self, part: Sequence[Notice]) -> tuple[list[Offered], bool]:
        until = self._claimed_at + self.pace.usable
        turn = Turn(self._worker, self.clock.now, self._is_spent, self._threads, until)
        return self.handing.offer_all(part, turn)

    def _is_spent(self) -> bool:
        return self.clock.steady() - self._claimed_at > self.pace.usable

    def _record(self, offered: Sequence[Offered]) -> None:
        recording.record_offered(self._worker, offered, self.clock.now())
        receiving.apply_waiting(self.campaign, self.clock.now())
        self._beat()
        for each in offered:
            self._count(each.new)

    def _count(self, new: State) -> None:
        progress = self._progress
        progress.handed += new is State.HANDED
        progress.failed += new is State.BOUNCED
        progress.doubted += new is State.UNKNOWN
        progress.deferred += new is State.PLANNED
        progress.left -= new is not State.PLANNED

    def _wait_for_more(self) -> bool:
        """Wait where something is due later; else there is nothing to do."""
        if self._progress.closed:
            return False
        self._progress.left = self._count_left()
        if not self._progress.left:
            return False
        self.tell(self._progress)
        self.clock.wait(self.pace.idle)
        return True

    def _count_left(self) -> int:
        waves = claiming.list_open_waves(self.campaign, self.clock.now())
        channels = self.handing.channels
        return Notice.objects.filter(wave__in=waves, state=State.PLANNED, channel__in=channels).count()

    def _beat(self) -> None:
        if self.clock.steady() - self._beaten > self.pace.beat:
            working.beat(self._worker)
            self._beaten = self.clock.steady()

    def _look_after_others(self) -> None:
        self._beat()
        for other in working.list_others(self._worker):
            if self._is_dead(other):
                working.bury(other, self._because(f"{other.name} died with it claimed"))

    def _is_dead(self, other: Worker) -> bool:
        if is_surely_dead(other.machine, other.lock_file):
            return True
        now = self.clock.steady()
        beats, since = self._seen.setdefault(other.name, (other.beats, now))
        if beats != other.beats:
            self._seen[other.name] = (other.beats, now)
            return False
        return now - since > self.pace.silent

    def _because(self, why: str) -> Because:
        name = self._worker.name if hasattr(self, "_worker") else "worker"
        return Because(why, name, self.clock.now())

    def _insist(self, do: Callable[[], _T]) -> _T:
        """Do something with the database until it is done; one that is away is waited for."""
        return self._patience().insist(do)

    def _patience(self) -> Patience:
        return Patience(self.clock, self.stopped, self.pace.idle)


def _took_nothing(offered: Sequence[Offered], *, in_trouble: bool) -> bool:
    """Whether the outside took nothing: it said that it takes nothing, or answered for none of several."""
    if not offered or any(each.new in (State.HANDED, State.BOUNCED) for each in offered):
        return False
    return in_trouble or (len(offered) > 1 and all(each.new is State.UNKNOWN for each in offered))


def _spared(notice: int, why: str) -> Offered:
    return Offered(notice, State.BOUNCED, f"never offered: {why}", is_spared=True)


class _Inline(Executor):
    """One lane: a part is offered in the worker's own thread."""

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """Do it, and return what came of it."""
        done: Future[_T] = Future()
        done.set_result(fn(*args, **kwargs))
        return done
