"""Hands in processes of their own: writing and signing a message takes more than the ledger's core can give.

The worker claims and records; a sender offers what it is given, and knows no database. While one lives its
worker is not dead: it holds the worker's lock too, and takes it before it offers anything. Once its worker
has ended it offers nothing more. A sender that dies leaves in doubt what it had been given.
"""

from __future__ import annotations

import os
import queue
import socket
import subprocess
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Self

from ashiato.rooms.living import MachineClock, shared_lock
from ashiato.rooms.notifying.handing import Hands, Turn
from ashiato.rooms.notifying.models import Notice, Worker
from ashiato.rooms.notifying.services.recording import Offered
from ashiato.rooms.notifying.states import State
from ashiato.terms.errors import ServerError

_SECONDS_TO_END = 30.0
_DIED = "the process that offered it died"


@dataclass(frozen=True)
class Task:
    """Notices to offer for a worker: dated ``at``, not after ``until`` (seconds of the machine's clock)."""

    notices: Sequence[Notice]
    worker: Worker
    at: datetime
    until: float


class Senders:
    """Hands of some channels, as processes; each is started when it is first needed.

    ``command`` starts one, whose standard input is the line to it: it calls ``serve``.
    """

    def __init__(self, channels: tuple[str, ...], command: Sequence[str]) -> None:
        """Nothing is started before the first notice."""
        self.channels = channels
        self._command = tuple(command)
        self._idle: queue.LifoQueue[_Sender] = queue.LifoQueue()

    def __enter__(self) -> Self:
        """Use them in a ``with``: its end ends them."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let those that wait end."""
        while not self._idle.empty():
            self._idle.get_nowait().end()

    def offer_all(self, notices: Sequence[Notice], turn: Turn) -> tuple[list[Offered], bool]:
        """Offer notices by a sender that waits, or a new one; safe for many threads.

        Raises: ServerError: none can be started; nothing was offered.
        """
        try:
            sender = self._idle.get_nowait()
        except queue.Empty:
            sender = _Sender(self._command)
        try:
            done = sender.offer(Task(notices, turn.worker, turn.now(), turn.until))
        except (EOFError, OSError):
            sender.end()
            return [Offered(each.pk, State.UNKNOWN, _DIED) for each in notices], True
        self._idle.put(sender)
        return done


class _Sender:
    """One such process, and the line to it."""

    def __init__(self, command: Sequence[str]) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            # A session of its own: Ctrl-C is its worker's to hear, who lets it finish.
            self._process = subprocess.Popen(  # noqa: S603 - our own words
                command, stdin=theirs.fileno(), stdout=subprocess.DEVNULL, start_new_session=True
            )
        self._line = Connection(ours.detach())
        try:
            self._line.recv()
        except (EOFError, OSError):
            self.end()
            raise ServerError(
                "a process that hands messages over could not be started", fix="what it said stands above"
            ) from None

    def offer(self, task: Task) -> tuple[list[Offered], bool]:
        self._line.send(task)
        done: tuple[list[Offered], bool] = self._line.recv()
        return done

    def end(self) -> None:
        self._line.close()
        try:
            self._process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def serve(hands: Hands, threads: int) -> None:
    """Offer what comes in by standard input, until the worker lets go of it or ends."""
    line, worker = Connection(os.dup(0)), os.getppid()
    line.send(None)
    lock = ""
    with ExitStack() as held, ThreadPoolExecutor(threads) as pool:
        while (task := _next(line)) is not None:
            if task.worker.lock_file != lock:
                lock = task.worker.lock_file
                held.pop_all().close()
                held.enter_context(shared_lock(Path(lock)))
            turn = _turn(task, worker, pool if threads > 1 else None)
            done = hands.offer_all(task.notices, turn)
            with suppress(OSError):
                line.send(done)


def _next(line: Connection) -> Task | None:
    try:
        task: Task = line.recv()
    except (EOFError, OSError):
        return None
    return task


def _turn(task: Task, worker: int, threads: Executor | None) -> Turn:
    """Nothing is offered once the claim is too old, or the process whose it is has ended."""
    clock = MachineClock()

    def is_spent() -> bool:
        return clock.steady() > task.until or os.getppid() != worker

    return Turn(task.worker, lambda: task.at, is_spent, threads, task.until)
