"""The guard at work: lines in, people counted, alarms kept and handed on, micro-batch by micro-batch."""

from __future__ import annotations

import gc
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from threading import Event
from typing import NamedTuple

import numpy as np
import pyarrow.compute as pc

from ashiato.datamap.model import Route
from ashiato.engine.api import ArrivingLogs, RouteBook, is_success
from ashiato.guard.attempts import found_passwords, is_alone, tries, try_of
from ashiato.guard.counters import WINDOWS, Counter, dump_counter, fresh_counter, load_counter
from ashiato.guard.following.places import Place
from ashiato.guard.learning import Learned
from ashiato.guard.logs import FollowedLog, Logs, Opened, Seen
from ashiato.guard.metrics import write_metrics
from ashiato.guard.requests import NONE, Request, Requests, Truths
from ashiato.guard.settings import Settings, Spender
from ashiato.guard.sights import Look, SightBook
from ashiato.guard.spending import Account, Asked, Asker, Spending, account_of, key_of, plain_address
from ashiato.guard.state import Batch, State
from ashiato.guard.status import status_of
from ashiato.terms.alarms import Alarm, AlarmCode

Tell = Callable[[Alarm], None]


class Handing(NamedTuple):
    """To whom alarms go: ``tell`` hears of each; ``answer``, which may take long, does something about it."""

    tell: Tell
    answer: Tell | None = None


#: What was seen or tried, who asked, and whose budgets that is spent from.
_Plan = tuple[Look, Asker, list[Account]]

BATCH_S = 0.5
_POLL_S = 0.2
_LOOK_S = 1.0
_METRICS_S = 5.0
_TIDY_S = 60.0
_MOST_HELD = 50_000
_ANSWERED = 200
_SECOND_US = 1_000_000
_DAY_US = 86_400 * _SECOND_US
#: How far a line's time may lie ahead of the clock, and behind it, to be believed.
AHEAD_US = 5 * 60 * _SECOND_US
BEHIND_US = 2 * _DAY_US
_KEPT_US = 2 * _DAY_US


def now_us() -> int:
    """Return the clock's time, in microseconds since 1970 UTC."""
    return time.time_ns() // 1000


@contextmanager
def _tidying() -> Iterator[Callable[[], None]]:
    """Look for what is in circles once a minute alone, by what this gives.

    By itself Python would go through all counters whenever some thousands of lines came in, and there are
    hardly any circles among them.
    """
    tidied = time.monotonic()

    def tidy() -> None:
        nonlocal tidied
        if time.monotonic() - tidied >= _TIDY_S:
            gc.collect()
            tidied = time.monotonic()

    gc.disable()
    try:
        yield tidy
    finally:
        gc.enable()


class NotTakenError(Exception):
    """Whoever is told of alarms cannot take one now: it is kept, and handed on again with the next step."""


class Guard:
    """Follows the settings' sources; what it knows is in the state alone, so that it may be killed."""

    def __init__(
        self,
        settings: Settings,
        state: State,
        tell: Tell,
        clock: Callable[[], int] = now_us,
        answer: Tell | None = None,
    ) -> None:
        """``tell`` is called with each alarm, once it is kept; ``clock`` gives the time lines arrive at.

        ``answer``: called with an alarm that was told, to do something about it; that may take long.
        """
        self._settings = settings
        self._state = state
        # Counters that are not at hand are asked for by their places.
        self._state.settle()
        self._tell, self._answer = tell, answer
        self._told: set[str] = set()
        self._clock = clock
        configs = [(str(path), path.read_text("utf-8", "replace")) for path in settings.configs]
        opened = Opened(ArrivingLogs(settings.datamap, configs, settings.zone), clock)
        self._logs = Logs(settings.sources, state, opened)
        self._book = SightBook(settings.datamap, dict(settings.replies))
        taken_up = [Route(path=each.path, methods=each.methods) for each in settings.business_reasons]
        self._reasons = RouteBook(tuple(taken_up))
        self._spending = Spending(settings, Learned(state.peaks()))
        self._counters: OrderedDict[str, Counter] = OrderedDict()
        self._accounts: OrderedDict[str, str] = OrderedDict()
        self._system = next(iter(settings.datamap.systems), "")
        self._most = lru_cache(maxsize=1000)(self._most_of)
        self._looked = 0.0
        self._forgot_us = 0
        self._unmapped = state.told().get("unmapped", {"replies": 0, "bytes": 0})

    def close(self) -> None:
        """Let go of the logs."""
        for log in self._logs.followed.values():
            log.follower.close()

    def seen(self) -> dict[str, Seen]:
        """Return what was seen of each log, by its path."""
        return {str(path): log.seen for path, log in self._logs.followed.items()}

    def waiting_bytes(self) -> int:
        """Return how many bytes of the logs were written and not read yet."""
        return sum(log.follower.waiting_bytes() for log in self._logs.followed.values())

    def run(
        self, stopped: Event, metrics: Path | None = None, beat: Callable[[], None] | None = None
    ) -> None:
        """Follow until told to stop; a batch at hand is finished first.

        ``metrics`` is written anew every few seconds, for Prometheus; ``beat`` is called after every step.
        """
        written = 0.0
        with _tidying() as tidy:
            while not stopped.is_set():
                begun = time.monotonic()
                if metrics is not None and begun - written >= _METRICS_S:
                    written = begun
                    write_metrics(metrics, status_of(self._state, self._clock()))
                self.step()
                if beat is not None:
                    beat()
                tidy()
                # What comes in meanwhile is one batch, kept by one writing to the disk.
                if time.monotonic() - begun < BATCH_S:
                    stopped.wait(_POLL_S)

    def step(self) -> bool:
        """Read what came in, at most for a batch's time; return whether there was anything."""
        batch, until = Batch(), time.monotonic() + BATCH_S
        self._look_for_logs(batch)
        busy = list(self._logs.followed.values())
        any_read = False
        while busy and time.monotonic() < until:
            busy = [log for log in busy if self._read(log, batch)]
            any_read = any_read or bool(busy)
        self._watch_silence(batch)
        if any_read or batch.alarms or batch.places:
            self._keep(batch)
        self.hand_on()
        return any_read

    def hand_on(self) -> None:
        """Tell all alarms that are kept and were not told yet, then answer them, until one is not taken.

        Answers take long: after a batch's time the others wait for the next step, and lines are read first.
        """
        waiting, until = self._state.alarms_to_tell(), time.monotonic() + BATCH_S
        with suppress(NotTakenError):
            for alarm in waiting:
                if alarm.key not in self._told:
                    self._tell(alarm)
                    self._told.add(alarm.key)
            for alarm in waiting:
                if self._answer is not None:
                    self._answer(alarm)
                self._state.mark_told(alarm.key)
                self._told.discard(alarm.key)
                if time.monotonic() >= until:
                    break

    def _look_for_logs(self, batch: Batch) -> None:
        if time.monotonic() - self._looked < _LOOK_S and self._looked:
            return
        self._looked = time.monotonic()
        for log in self._logs.look_for_new():
            log.seen.arrived_us = log.seen.arrived_us or self._clock()
            batch.places[str(log.path)] = log.follower.place
        # From now on, a log that turns up is new from its first line.
        batch.places.setdefault("", Place())

    def _read(self, log: FollowedLog, batch: Batch) -> bool:
        arrived = log.read()
        if arrived is None:
            return False
        arrived_us = self._clock()
        log.seen.arrived_us, log.seen.silent_told_us = arrived_us, 0
        if arrived.records is not None and arrived.records.num_rows:
            self._weigh(log, Requests(arrived.records), arrived_us, batch)
            newest = pc.max(arrived.records.column("time_us")).as_py()
            log.seen.last_us = max(log.seen.last_us, min(newest, arrived_us + AHEAD_US))
        batch.places[str(log.path)] = log.follower.place
        return True

    def _weigh(self, log: FollowedLog, requests: Requests, arrived_us: int, batch: Batch) -> None:
        """Spend the looks among some requests, in their order."""
        sign_ins = requests.sign_ins
        routes = requests.each(self._book.find)
        reasons = requests.each(self._reasons.find)
        takes_up = requests.of_code(reasons, lambda number, code: number >= 0 and is_success(None, code))
        shows = requests.of_code(routes, self._book.shows) & ~requests.is_method("HEAD") & ~sign_ins
        self._note_unmapped(requests, (routes == NONE) & ~sign_ins)
        places = np.flatnonzero(takes_up | shows | tries(requests, routes))
        chosen = requests.at(places)
        chosen_routes, codes = routes[places].tolist(), requests.codes[places].tolist()
        self._know_accounts(request.session for request in chosen if request.session)
        looks = [
            self._book.look(route, request) if is_shown else None
            for request, route, is_shown in zip(chosen, chosen_routes, shows[places].tolist(), strict=True)
        ]
        attempts = [try_of(*each) for each in zip(chosen, codes, chosen_routes, strict=True)]
        plans = [self._plan(request, look) for request, look in zip(chosen, looks, strict=True)]
        trials = [self._plan_try(request, look) for request, look in zip(chosen, attempts, strict=True)]
        self._hold(account for plan in (*plans, *trials) if plan for account in plan[2])
        name = str(log.path)
        for request, plan, trial, is_up in zip(chosen, plans, trials, takes_up[places].tolist(), strict=True):
            time_us = self._believed(request.time_us, arrived_us, log)
            if is_up:
                self._take_up(request, time_us, batch)
            if request.kind == "sign-in":
                self._sign_in(request, batch)
            for each, spend in ((plan, self._spend), (trial, self._spend_try)):
                if each is not None:
                    asked = Asked(each[1], time_us, arrived_us, f"{name}:{request.line}")
                    spend(each[0], asked, each[2], batch)

    def _note_unmapped(self, requests: Requests, unmapped: Truths) -> None:
        answered = unmapped & (requests.codes == _ANSWERED)
        self._unmapped["replies"] += int(answered.sum())
        self._unmapped["bytes"] += int(requests.reply_bytes[answered].sum())

    def _asker(self, request: Request) -> Asker:
        account = request.account or self._accounts.get(request.session, "")
        return Asker(self._system, account, request.session, plain_address(request.address))

    def _plan(self, request: Request, look: Look | None) -> _Plan | None:
        """Who asked, and whose budgets the look is spent from."""
        if look is None:
            return None
        asker = self._asker(request)
        if self._spending.is_machine(asker):
            return None
        return look, asker, self._spending.accounts_of(asker, look.role)

    def _plan_try(self, request: Request, look: Look | None) -> _Plan | None:
        """Who tried, and whose budgets that is spent from."""
        if look is None:
            return None
        alone = Asker(self._system, "", "", plain_address(request.address))
        if not alone.address or self._spending.is_machine(alone):
            return None
        is_in = request.kind == "sign-in" and request.status.lower() == "success"
        asker = alone._replace(session=request.session) if is_in else alone
        return look, asker, [self._spending.account_of_tries(alone, look.role)]

    def _spend_try(self, look: Look, asked: Asked, accounts: list[Account], batch: Batch) -> None:
        counter = self._counters[accounts[0].name]
        if is_alone(look, counter, asked.time_us):
            return
        told = len(batch.alarms)
        self._spend(look, asked, accounts, batch)
        batch.alarms += found_passwords(look, counter, asked, is_told=len(batch.alarms) > told)

    def _spend(self, look: Look, asked: Asked, accounts: list[Account], batch: Batch) -> None:
        held = [(account, self._counters[account.name]) for account in accounts]
        day = asked.time_us // _DAY_US
        for account, counter in held:
            if day > counter.day:
                self._turn_day(account, counter, day, batch)
        if self._settings.canaries:
            batch.alarms += self._canaries(look, asked)
        for account, alarm in self._spending.spend(look, asked, held):
            batch.changed.add(account.name)
            if alarm is not None:
                batch.alarms.append(alarm)

    def _turn_day(self, account: Account, counter: Counter, day: int, batch: Batch) -> None:
        """On a new day keep the peaks of the day before, unless an alarm was raised on it."""
        if counter.day and not counter.told_today:
            for window, peak in zip(WINDOWS, counter.peaks, strict=True):
                if peak:
                    key = (account.role, account.spender.value, window.value, counter.day, peak)
                    batch.peaks[key] = batch.peaks.get(key, 0) + 1
        counter.day, counter.peaks, counter.told_today = day, [0] * len(WINDOWS), False
        # Of a group that counted nothing yet nothing is kept.
        if counter.last_us:
            batch.changed.add(account.name)

    def _canaries(self, look: Look, asked: Asked) -> list[Alarm]:
        individual, time_us = asked.asker.individual, asked.time_us
        touched = sorted({sight.person for sight in look.sights if sight.person in self._settings.canaries})
        day = str(time_us // _DAY_US)
        return [
            Alarm(
                key=key_of("canary", *person, individual.kind, individual.value, day),
                code=AlarmCode.CANARY,
                rule=f"canary/{person[0]}",
                first_us=time_us,
                last_us=time_us,
                decided_us=asked.decided_us,
                actors=asked.asker.actors(),
                people=1,
                people_expected=0,
                window_s=0,
                lines=(asked.line,),
            )
            for person in touched
            if person is not None
        ]

    def _believed(self, time_us: int, arrived_us: int, log: FollowedLog) -> int:
        """The time of an event: the line's own, or when it arrived where that cannot be."""
        if -BEHIND_US <= time_us - arrived_us <= AHEAD_US:
            return time_us
        log.seen.odd_times += 1
        return arrived_us

    def _take_up(self, request: Request, time_us: int, batch: Batch) -> None:
        """Note that somebody of the staff took up work: their looks have a reason for a while."""
        individual = self._asker(request).individual
        roles = sorted(self._settings.staff_roles)
        accounts = [account_of(role, Spender.SESSION, individual) for role in roles]
        self._hold(accounts)
        for account in accounts:
            counter = self._counters[account.name]
            counter.reason_us, counter.last_us = time_us, max(counter.last_us, time_us)
            batch.changed.add(account.name)

    def _sign_in(self, request: Request, batch: Batch) -> None:
        if request.session and request.account and request.status.lower() == "success":
            self._accounts[request.session] = request.account
            batch.sessions[request.session] = (request.account, request.time_us)

    def _know_accounts(self, sessions: Iterable[str]) -> None:
        unknown = {session for session in sessions if session not in self._accounts}
        self._accounts.update(self._state.accounts_of(unknown))
        while len(self._accounts) > _MOST_HELD:
            self._accounts.popitem(last=False)

    def _hold(self, accounts: Iterable[Account]) -> None:
        """Have the counters of these accounts at hand: fresh ones, or as the state keeps them."""
        wanted = {account.name: account for account in accounts}
        missing = [name for name in wanted if name not in self._counters]
        kept = self._state.counters(missing)
        for name in missing:
            most = self._most(wanted[name].role, wanted[name].spender)
            self._counters[name] = load_counter(kept[name], most) if name in kept else fresh_counter(most)
        for name in wanted:
            self._counters.move_to_end(name)

    def _most_of(self, role: str, spender: Spender) -> tuple[int, ...]:
        """How many entries a counter holds: twice what may be seen at all, so that a doubling shows."""
        budgets = (self._settings.budget_of(role, spender, each) for each in WINDOWS)
        return tuple(2 * budget.ceiling + 2 if budget else 1 for budget in budgets)

    def _watch_silence(self, batch: Batch) -> None:
        now = self._clock()
        for log in self._logs.followed.values():
            seen, limit_us = log.seen, log.source.silent_after_s * _SECOND_US
            if seen.silent_told_us or now - seen.arrived_us < limit_us:
                continue
            seen.silent_told_us = now
            batch.places[str(log.path)] = log.follower.place
            batch.alarms.append(
                Alarm(
                    key=key_of("source-silent", str(log.path), str(seen.arrived_us)),
                    code=AlarmCode.SOURCE_SILENT,
                    rule="source-silent",
                    first_us=seen.arrived_us,
                    last_us=now,
                    decided_us=now,
                    actors=(),
                    people=0,
                    people_expected=None,
                    window_s=log.source.silent_after_s,
                    lines=(f"{log.path}:{log.follower.place.number - 1}",),
                )
            )

    def _keep(self, batch: Batch) -> None:
        """Commit the batch, then let go of counters that nobody spent from for long."""
        for name in batch.changed:
            counter = self._counters[name]
            batch.counters[name] = (counter.last_us, dump_counter(counter))
        batch.told["logs"] = {str(path): self._said(log) for path, log in self._logs.followed.items()}
        batch.told["unmapped"] = self._unmapped
        batch.told["guard"] = {"kept_us": self._clock()}
        now = self._clock()
        if now - self._forgot_us > _DAY_US // 24:
            self._forgot_us, batch.forget_before_us = now, now - _KEPT_US
        self._state.commit(batch)
        if batch.forget_before_us is not None:
            self._spending.learn(Learned(self._state.peaks()))
        if self._state.is_full():
            self._state.settle()
            while len(self._counters) > _MOST_HELD:
                self._counters.popitem(last=False)

    def _said(self, log: FollowedLog) -> dict[str, object]:
        return asdict(log.seen) | {
            "source_format": log.source_format,
            "waiting_bytes": log.follower.waiting_bytes(),
            "reading": str(log.follower.path),
            "number": log.follower.place.number,
        }
