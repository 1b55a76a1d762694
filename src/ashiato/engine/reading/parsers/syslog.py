"""Syslog lines: RFC 3164 as daemons write it to files, the same with ISO times, RFC 5424, log drains.

RFC 3164 leaves out the year; the clock gives the last one in which the moment lies before the file's last
change (:class:`~ashiato.engine.reading.times.Clock`), so a file may turn from one year into the next.

Sources: RFC 3164 section 4, RFC 5424 section 6, RFC 6587 section 3.4.1 (counted frames), rsyslog's
``RSYSLOG_TraditionalFileFormat`` and ``RSYSLOG_FileFormat``, Heroku "Logplex" (read 2026-11-22).
"""

from __future__ import annotations

import re

from ashiato.engine.reading.blocks import Block
from ashiato.engine.reading.wrappings import Opened, Wrapping

_TAG = (
    rb"(?:(?P<program>[^\s:\[]{1,100}?)(?:\((?P<sub>[^)\s]*)\))?(?:\[(?P<pid>[^\]\s]{0,60})\])?"
    rb"(?::(?: |\Z)|(?<=\]) )(?P<message>.*)"
)
# Machines that log to themselves may write their name twice.
_OLD = re.compile(
    rb"(?:<(?P<priority>\d{1,3})>)?(?P<time>[A-Z][a-z]{2} [ \d]?\d (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d{1,6})?)"
    rb":? (?:(?P<host>(?!\S*:\s)\S+) (?:(?P=host) )?)?" + _TAG + rb"|(?P<bare>.*))",
    re.DOTALL,
)
_ISO = re.compile(
    rb"(?:<(?P<priority>\d{1,3})>)?"
    rb"(?P<time>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)) +(?P<host>\S+) "
    + _TAG
    + rb")",
    re.DOTALL,
)
_NEW = re.compile(
    rb"(?:\d{1,7} )?<(?P<priority>\d{1,3})>[1-9]\d? (?P<time>\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) "
    rb"(?P<host>\S+) (?P<program>\S+) (?P<pid>\S+) (?P<kind>\S+) "
    rb"(?P<structured>-|(?:\[(?:[^\"\]]|\"(?:[^\"\\]|\\.)*+\")*+\])+)(?: (?:\xef\xbb\xbf)?(?P<message>.*))?",
    re.DOTALL,
)
_FACILITIES = (
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
)  # fmt: skip
_SEVERITIES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")


class Syslog(Wrapping):
    """Opens lines with a syslog header."""

    name = "syslog"

    def open(self, block: Block) -> list[Opened]:
        """Return the messages of lines that begin with such a header."""
        opened = (self._open(index, line) for index, line in enumerate(block.lines()))
        return [each for each in opened if each is not None]

    def _open(self, index: int, line: bytes) -> Opened | None:
        found = _header_of(line)
        moment = self._clock.read(found["time"].decode("ascii", "replace")) if found else None
        if found is None or moment is None:
            return None
        said = found.groupdict()
        program, message = _text(said["program"]), said["message"]
        if program is None or (message is None and said.get("bare") is not None):
            program, message = None, said.get("bare") or b""
        rest = _rest_of(said)
        return Opened(
            index, index, message or b"", moment, _text(said["host"]), program, _text(said["pid"]), rest
        )


def _header_of(line: bytes) -> re.Match[bytes] | None:
    start = line[:1]
    if start == b"<" or start.isdigit():
        found = _NEW.fullmatch(line) if b"<" in line[:9] else _ISO.fullmatch(line)
        return found or (_OLD.fullmatch(line) or _ISO.fullmatch(line) if start == b"<" else None)
    return _OLD.fullmatch(line) if start.isupper() else None


def _rest_of(said: dict[str, bytes | None]) -> dict[str, object]:
    rest: dict[str, object] = {name: _text(said.get(name)) for name in ("sub", "kind", "structured")}
    if (priority := said["priority"]) is not None and int(priority) < 192:
        facility, severity = divmod(int(priority), 8)
        rest["facility"] = _FACILITIES[facility] if facility < len(_FACILITIES) else f"local{facility - 16}"
        rest["severity"] = _SEVERITIES[severity]
    return {name: value for name, value in rest.items() if value is not None}


def _text(value: bytes | None) -> str | None:
    return None if value in (None, b"", b"-") else value.decode("utf-8", "replace")
