"""What became of mails handed to a Postfix of ours, from its log: the answer for a mail in doubt.

A line of the queue manager, or of a delivery, is proof that the mail was taken over. No line at all is
proof that it was not only where the log is whole around the attempt: it has lines shortly before and after,
and goes on for long enough, for a server may accept a text long after its client gave up (RFC 1047). A
Message-ID alone tells nothing: Postfix logs it while the text still comes in, and its queue manager may come
to it late. Then the queue itself is asked, before the log is read: what is neither in the one nor in the
other was not taken.
"""

from __future__ import annotations

import gzip
import json
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Literal

from ashiato.outside.messages.email.causes import Cause, cause_of
from ashiato.outside.messages.email.envelope import Envelope
from ashiato.outside.messages.outcomes import Accepted, MessageError, NotAccepted, shown_cause

_SETTLED = timedelta(hours=1)
#: How near lines of the log have to stand on both sides of an attempt.
_NEAR_MINUTES = 10
_LINE = re.compile(
    rb"""\S+(?:[ ]+\d+[ ]\d\d:\d\d:\d\d)?  # RFC 3339, or the old form without year
    [ ]\S+[ ]postfix(?:/[\w-]+)*/(?P<program>[\w-]+)\[\d+\]:[ ]
    (?P<queue_id>[0-9A-Za-z]{5,20}):[ ](?P<text>.*)""",
    re.VERBOSE,
)
_MESSAGE_ID = re.compile(rb"message-id=<?([^<>\s]+)>?")
_DELIVERY = re.compile(
    rb"to=<.*?dsn=([245]\.\d+\.\d+), status=(sent|deferred|bounced|expired|undeliverable) \((.*)\)"
)
#: What makes a log's silence worthless: lines that its writer says it left out.
_LEFT_OUT = re.compile(rb"messages lost|begin to drop|[Ss]uppressed \d+ messages|rate[- ]limit")

Status = Literal["sent", "deferred", "bounced"]


@dataclass(slots=True)
class Trace:
    """What the log says of one mail: each queue id it had, whether it was taken over, its last delivery."""

    queue_ids: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    taken: bool = False
    status: Status | None = None
    dsn: str = ""
    cause: Cause = Cause.UNCLEAR
    words: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of the logs: what they say of the mails asked for, and the minutes they have lines of."""

    traces: Mapping[str, Trace]
    minutes: frozenset[int]
    last: datetime | None
    is_whole: bool
    settled: timedelta = _SETTLED
    queued: frozenset[str] | None = None

    def find(self, reference: str, attempted_at: datetime | None = None) -> Accepted | NotAccepted | None:
        """Return what the log proves of a mail; that it was not taken only for an attempt of known time."""
        trace = self.traces.get(reference, Trace())
        if trace.taken:
            return Accepted(" ".join(sorted(trace.queue_ids)))
        if attempted_at is None or not self._covers(attempted_at):
            return None
        if not trace.queue_ids:
            cause = "the mail log is whole around the attempt and does not hold it"
            return NotAccepted(cause, permanent=False)
        begun = trace.queue_ids - trace.refused.keys()
        if begun and (self.queued is None or begun & self.queued):
            return None
        cause = (
            "it came in part: neither log nor queue holds it whole" if begun else max(trace.refused.values())
        )
        return NotAccepted(cause, permanent=False)

    def _covers(self, at: datetime) -> bool:
        """Whether the log has lines on both sides of an attempt, and goes on until all is settled."""
        minute = int(at.timestamp()) // 60
        before = any(minute - past in self.minutes for past in range(_NEAR_MINUTES + 1))
        after = any(minute + later in self.minutes for later in range(_NEAR_MINUTES + 1))
        return self.is_whole and before and after and self.last is not None and at + self.settled < self.last


@dataclass(frozen=True, slots=True)
class MailLog:
    """The lookup of a Postfix of ours: its logs, oldest file first, and how its queue is asked, if it can be.

    ``settled``: how long after an attempt the log has to go on before its silence means anything.
    """

    paths: tuple[Path, ...]
    envelope: Envelope
    queue: Callable[[], frozenset[str]] | None = None
    settled: timedelta = _SETTLED

    def find(self, reference: str) -> Accepted | NotAccepted | None:
        """Return what the logs know of one mail."""
        return self.find_all({reference: None})[reference]

    def find_all(self, attempts: Mapping[str, datetime | None]) -> dict[str, Accepted | NotAccepted | None]:
        """Return what the logs know of many mails, read once; each with the time of its last attempt."""
        queued = self.queue() if self.queue is not None else None
        found = read_mail_log(self.paths, self.envelope, attempts)
        reading = replace(found, settled=self.settled, queued=queued)
        return {reference: reading.find(reference, at) for reference, at in attempts.items()}


def read_queue() -> frozenset[str]:
    """Return the ids of all mails in the Postfix queue of this machine.

    Raises: MessageError: Postfix does not tell.
    """
    command = ["/usr/sbin/postqueue", "-j"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=600)  # noqa: S603 - a fixed command
    if done.returncode:
        raise MessageError(f"postqueue failed: {shown_cause(done.stderr)}", fix="run it as root or postfix")
    return frozenset(str(json.loads(line)["queue_id"]) for line in done.stdout.splitlines())


def read_mail_log(paths: Iterable[Path], envelope: Envelope, references: Iterable[str]) -> Reading:
    """Read the logs once and return what they say of these mails."""
    reader = _Reader(envelope, frozenset(references))
    for path in paths:
        with _open(path) as file:
            for line in file:
                reader.take(line)
    return Reading(reader.traces, frozenset(reader.minutes), reader.last, reader.is_whole)


class _Reader:
    """What was seen so far; only queue ids of mails asked for are kept."""

    def __init__(self, envelope: Envelope, wanted: frozenset[str]) -> None:
        self._envelope = envelope
        self._wanted = wanted
        self._by_queue_id: dict[bytes, str] = {}
        self.traces: dict[str, Trace] = {}
        self.minutes: set[int] = set()
        self.last: datetime | None = None
        self.is_whole = True

    def take(self, line: bytes) -> None:
        if _LEFT_OUT.search(line):
            self.is_whole = False
        self._clock(line.partition(b" ")[0])
        found = _LINE.match(line)
        if found is None:
            return
        if found["program"] == b"cleanup":
            self._name(found["queue_id"], found["text"])
        reference = self._by_queue_id.get(found["queue_id"])
        if reference is not None:
            _note(self.traces[reference], found)

    def _clock(self, written: bytes) -> None:
        at = _time_of(written)
        if at is None:
            self.is_whole = False  # no year, no zone: no stretch can be told
            return
        if self.last is not None and at < self.last - timedelta(minutes=5):
            self.is_whole = False  # files in the wrong order, or the clock jumped
        self.minutes.add(int(at.timestamp()) // 60)
        self.last = at

    def _name(self, queue_id: bytes, text: bytes) -> None:
        """Postfix uses short queue ids again: a new Message-ID ends the old meaning."""
        found = _MESSAGE_ID.match(text)
        if found is None:
            return
        self._by_queue_id.pop(queue_id, None)
        reference = self._envelope.reference_in(found[1].decode("ascii", "replace"))
        if reference is not None and reference in self._wanted:
            self._by_queue_id[queue_id] = reference
            self.traces.setdefault(reference, Trace()).queue_ids.add(queue_id.decode("ascii"))


def _note(trace: Trace, line: re.Match[bytes]) -> None:
    program, text = line["program"], line["text"]
    if program == b"qmgr":
        trace.taken = trace.taken or b"queue active" in text or text.startswith(b"removed")
    elif program == b"cleanup" and b"reject: END-OF-MESSAGE" in text:
        trace.refused[line["queue_id"].decode("ascii")] = shown_cause(text)
    delivery = _DELIVERY.match(text)
    if delivery:
        trace.taken = True
        trace.dsn = delivery[1].decode("ascii")
        trace.status = _STATUSES[delivery[2]]
        trace.words = shown_cause(delivery[3])
        trace.cause = cause_of(trace.dsn, trace.words)


_STATUSES: dict[bytes, Status] = {
    b"sent": "sent", b"deferred": "deferred", b"bounced": "bounced", b"expired": "bounced",
    b"undeliverable": "bounced",
}  # fmt: skip


def _time_of(written: bytes) -> datetime | None:
    try:
        at = datetime.fromisoformat(written.decode("ascii"))
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else None


def _open(path: Path) -> AbstractContextManager[IO[bytes] | Iterator[bytes]]:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")
