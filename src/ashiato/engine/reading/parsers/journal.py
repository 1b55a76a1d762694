"""systemd's journal in its export format: one ``FIELD=value`` a line, an empty line between entries.

A field whose value is no plain text has its name alone on a line, then its length in eight bytes, its bytes
and a line end. Such values are read where they hold no line end; the line of a longer one stays unread.

Source: systemd "Journal Export Formats" (read 2026-11-22).
"""

from __future__ import annotations

from ashiato.engine.reading.blocks import Block
from ashiato.engine.reading.wrappings import Opened, Wrapping

_BEGINS = b"__CURSOR="
_LENGTH_BYTES = 8
_TIMES = ("_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP")


class JournalExport(Wrapping):
    """Opens entries of several lines."""

    name = "journal-export"

    def open(self, block: Block) -> list[Opened]:
        """Return the entries' messages."""
        if _BEGINS not in block.content:
            return []
        opened = []
        fields: dict[str, bytes] = {}
        first, waiting, length = -1, None, _LENGTH_BYTES
        for index, line in enumerate([*block.lines(), b""]):
            if line.startswith(_BEGINS):
                fields, first, waiting = {}, index, None
            if first < 0:
                continue
            if waiting is not None:
                # A length of ten is written as a line end and seven zeros.
                if line:
                    fields[waiting], waiting = line[length:], None
                length = _LENGTH_BYTES if line else _LENGTH_BYTES - 1
            elif not line:
                opened += self._opened(first, index - 1, fields)
                first = -1
            elif b"=" in line:
                name, _, value = line.partition(b"=")
                fields[name.decode("utf-8", "replace")] = value
            else:
                waiting = line.decode("utf-8", "replace")
        return opened

    def cut(self, block: Block) -> int:
        """Keep what comes before the entry that the block breaks off in."""
        if _BEGINS not in block.content:
            return len(block)
        lines = block.lines()
        return next((index + 1 for index in range(len(lines) - 1, -1, -1) if not lines[index]), 0)

    def _opened(self, first: int, last: int, fields: dict[str, bytes]) -> list[Opened]:
        said = {name: value.decode("utf-8", "replace") for name, value in fields.items()}
        moment = next((m for name in _TIMES if (m := self._clock.read(said.get(name, "")))), None)
        if moment is None:
            return []
        who = (said.get("_HOSTNAME"), said.get("SYSLOG_IDENTIFIER") or said.get("_COMM"), said.get("_PID"))
        return [Opened(first, last, fields.get("MESSAGE", b""), moment, *who)]
