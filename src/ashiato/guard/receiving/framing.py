"""Syslog over a stream cut into messages: counted frames and frames that end with a line (RFC 6587)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache

#: The longest message that is kept; what is beyond is cut off and counted.
MESSAGE_BYTES = 256 << 10
_COUNT = re.compile(rb"([1-9][0-9]{0,8}) (?=<)")
#: A time as RFC 3164 has it, with neither year nor zone.
_OLD = re.compile(rb"(<[0-9]{1,3}>)([A-Z][a-z]{2} [ 0-9][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2})(?= )")
_DAY = timedelta(days=1)


class Frames:
    """One connection's messages; each frame says by its begin how it is framed."""

    def __init__(self, most: int = MESSAGE_BYTES) -> None:
        """``most``: how many bytes of a message are kept."""
        self._most = most
        self._held = b""
        self._at = 0
        self._to_skip = 0
        self._skips_line = False
        self.cut = 0

    def feed(self, content: bytes) -> list[bytes]:
        """Return the messages that are whole with this."""
        self._held, self._at = self._held[self._at :] + content, 0
        messages = []
        while (message := self._next()) is not None:
            messages.append(message)
        self._held, self._at = self._held[self._at :], 0
        return [message for message in messages if message]

    def end(self) -> bytes:
        """Return what came without its end before the connection did."""
        rest, self._held = (b"" if self._skips_line or self._to_skip else self._held), b""
        return rest

    def _next(self) -> bytes | None:
        """The next message, empty where there is none to keep; None when more has to come."""
        if self._to_skip or self._skips_line:
            return self._skip()
        counted = _COUNT.match(self._held, self._at)
        if counted:
            return self._counted(counted.end(), int(counted[1]))
        stop = self._held.find(b"\n", self._at)
        size = (len(self._held) if stop < 0 else stop) - self._at
        if size > self._most:
            self.cut += 1
            self._skips_line = True
            return self._take(self._at, self._most)
        if stop < 0:
            return None
        line = self._take(self._at, size)
        self._at += 1
        return line

    def _counted(self, begin: int, size: int) -> bytes | None:
        kept = min(size, self._most)
        if len(self._held) < begin + kept:
            return None
        self._to_skip = size - kept
        self.cut += size > kept
        return self._take(begin, kept)

    def _take(self, begin: int, size: int) -> bytes:
        self._at = begin + size
        return self._held[begin : self._at]

    def _skip(self) -> bytes | None:
        """Go past what is not kept of a message; it is empty once it is passed."""
        left = len(self._held) - self._at
        if not left:
            return None
        if self._to_skip:
            passed = min(self._to_skip, left)
            self._at, self._to_skip = self._at + passed, self._to_skip - passed
            return b""
        stop = self._held.find(b"\n", self._at)
        self._skips_line = stop < 0
        self._at = len(self._held) if stop < 0 else stop + 1
        return b""


def line_of(message: bytes) -> bytes:
    """Return a message as one line, a line end inside it as rsyslog writes it: no sender forges a line."""
    return message.rstrip(b"\r\n\0").replace(b"\n", b"#012")


def with_whole_time(message: bytes, now: datetime) -> bytes:
    """Return a message whose old time has neither year nor zone with both: the year it surely is in.

    ``now``: the moment it came in, in the zone of times that name none. Nothing else is changed.
    """
    found = _OLD.match(message)
    if found is None:
        return message
    for year in (now.year + 1, now.year, now.year - 1):
        moment = _moment(year, found[2], now.tzinfo)
        if moment is not None and moment <= now + _DAY:
            return found[1] + moment.isoformat().encode("ascii") + message[found.end() :]
    return message


@lru_cache(maxsize=1000)
def _moment(year: int, said: bytes, zone: tzinfo | None) -> datetime | None:
    """The moment of an old time in a year, None where that year has none; a second has many messages."""
    try:
        moment = datetime.strptime(f"{year} {said.decode('ascii')}", "%Y %b %d %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        return None
    return moment.replace(tzinfo=zone)
