"""What is missing for a database log's silence to prove absence over a window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ashiato.datamap.model import DataMap
from ashiato.engine.coverage.log_facts import Log
from ashiato.engine.coverage.settings import LogSettings
from ashiato.engine.log_names import is_named_by
from ashiato.engine.store import Row
from ashiato.terms.proof_gaps import ProofGap

#: A server's clock may differ by so much from the others' before a window's ends cannot be held against it.
_SKEW_US = 60_000_000
_SUSPECT_KINDS = 2


@dataclass(frozen=True)
class Window:
    """The time a proof speaks of: from the first hostile event to the newest evidence and snapshot."""

    start_us: int
    end_us: int


@dataclass(frozen=True)
class Surroundings:
    """What is known beside the log itself: the data map, the server's settings, holes."""

    datamap: DataMap
    settings: LogSettings
    holes: tuple[Row, ...]


def gaps_of(log: Log, window: Window, around: Surroundings) -> list[str]:
    """Return what keeps the log's silence from being a proof, as reasons; empty when nothing does."""
    found: list[str] = []
    for check in (_said, _settings, _numbers, _span, _holes, _sessions):
        found += check(log, window, around)
    return found


def is_said_to_cover(log: Log, datamap: DataMap) -> bool:
    """Tell whether the data map says of every file of a log that all ways pass through it."""
    covering = [source.files for source in datamap.sources if source.covers]
    return all(any(is_named_by(file, pattern) for pattern in covering) for file in log.files)


def _said(log: Log, _: Window, around: Surroundings) -> Iterator[str]:
    if not is_said_to_cover(log, around.datamap):
        yield ProofGap.COVERS_NOT_SAID.told(source=log.source)
    if log.unread_lines:
        yield ProofGap.UNREAD_LINES.told(lines=log.unread_lines)


def _settings(log: Log, window: Window, around: Surroundings) -> Iterator[str]:
    settings = around.settings
    if not log.statements or log.timed or settings.logs_less or not _all_on(log, window, settings):
        yield ProofGap.NOT_ALL_STATEMENTS.told(source=log.source)
    if (changed := log.messages.get("changed")) is not None:
        yield ProofGap.SETTINGS_CHANGED.told(lines=changed.lines)
    if (crashed := log.messages.get("crashed")) is not None and crashed.last_us >= window.start_us:
        yield ProofGap.SERVER_CRASHED.told(lines=crashed.lines)
    if settings.may_lose_lines:
        yield ProofGap.LOSSY_TRANSPORT.told(by="syslog")


def _all_on(log: Log, window: Window, settings: LogSettings) -> bool:
    """Tell whether all statements were logged: by the configuration, or by what was logged to both ends."""
    if settings.logs_all and log.seen_us is not None:
        return True
    anew = log.messages.get("read-anew")
    if log.seen_us is None or (anew is not None and anew.last_us >= window.start_us):
        return False
    first_us, last_us = log.seen_us
    return first_us <= window.start_us and last_us + log.pause_us >= log.last_us


def _numbers(log: Log, _: Window, _around: Surroundings) -> Iterator[str]:
    # A process number that came again is no name of a connection: its lines hide each other's gaps.
    if unclear := log.unnumbered + sum(session.twice for session in log.sessions):
        yield ProofGap.NOT_NUMBERED.told(lines=unclear)
    most, kinds = log.longest
    if kinds >= _SUSPECT_KINDS:
        yield ProofGap.TEXTS_CUT.told(length=most)


def _span(log: Log, window: Window, _: Surroundings) -> Iterator[str]:
    if log.first_us > window.start_us:
        yield ProofGap.STARTS_LATE.told(source=log.source)
    if log.last_us + log.pause_us < window.end_us:
        yield ProofGap.ENDS_EARLY.told(source=log.source)


def _holes(log: Log, window: Window, around: Surroundings) -> Iterator[str]:
    for source, start_us, end_us, reason, skew_us, against in around.holes:
        if reason == "clock-skew":
            if log.source in (source, against) and abs(skew_us or 0) > _SKEW_US:
                yield ProofGap.HOLE.told(reason=reason)
        elif source == log.source and (end_us or 0) >= window.start_us and (start_us or 0) <= window.end_us:
            yield ProofGap.HOLE.told(reason=reason)


def _sessions(log: Log, window: Window, _: Surroundings) -> Iterator[str]:
    """Ask each connection for its beginning, and one that serves no requests for its end as well."""
    held = [session for session in log.sessions if session.statements]
    late = [s for s in held if (s.line or 1) > 1 and s.first_us > window.start_us]
    if late:
        yield ProofGap.SESSION_HEAD_MISSING.told(sessions=len(late))
    unended = [s for s in held if not s.ended and s.last_us >= window.start_us and not s.serves]
    if unended:
        yield ProofGap.SESSION_OPEN.told(sessions=len(unended))
