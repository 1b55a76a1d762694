"""systemd's journal in its export format: one ``FIELD=value`` a line, an empty line between entries.

A field whose value is no plain text has its name alone on a line, then its length in eight bytes, just so
many bytes and a line end. What those bytes look like says nothing: they may hold lines, and whole entries.

Source: systemd "Journal Export Formats" (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ashiato.engine.reading.blocks import LINE_BYTES, Block
from ashiato.engine.reading.wrappings import Opened, Wrapping

_BEGINS = b"__CURSOR="
_LENGTH_BYTES = 8
_TIMES = ("_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP")
Fields = dict[str, bytes]


class JournalExport(Wrapping):
    """Opens entries of several lines."""

    name = "journal-export"

    def open(self, block: Block) -> list[Opened]:
        """Return the entries' messages."""
        return [opened for entry in _entries_in(block) for opened in self._opened(*entry)]

    def cut(self, block: Block) -> int:
        """Keep what comes before the entry that the block breaks off in."""
        if _BEGINS not in block.content:
            return len(block)
        return max((last + 1 for _, last, _ in _entries_in(block) if last + 1 < len(block)), default=0)

    def _opened(self, first: int, last: int, fields: Fields) -> list[Opened]:
        said = {name: value.decode("utf-8", "replace") for name, value in fields.items()}
        moment = next((m for name in _TIMES if (m := self._clock.read(said.get(name, "")))), None)
        if moment is None:
            return []
        who = (said.get("_HOSTNAME"), said.get("SYSLOG_IDENTIFIER") or said.get("_COMM"), said.get("_PID"))
        return [Opened(first, last, fields.get("MESSAGE", b""), moment, *who)]


def _entries_in(block: Block) -> Iterator[tuple[int, int, Fields]]:
    """Each entry's first and last line, and its fields; none of one that breaks off within a value."""
    if _BEGINS not in block.content:
        return
    lines, fields, first, index = block.lines(), Fields(), -1, 0
    while index < len(lines):
        line = lines[index]
        if line.startswith(_BEGINS):
            fields, first = {}, index
        if not line and first >= 0:
            yield first, index - 1, fields
            first = -1
        elif first >= 0:
            name, is_text, value = line.partition(b"=")
            if not is_text:
                if (counted := _counted(block, index + 1)) is None:
                    # Where the length is none, the next entry is the next that begins behind an empty line.
                    index, first = _next_entry(lines, index), -1
                    continue
                index, value = counted
                if index == len(block):
                    return
            fields.setdefault(name.decode("utf-8", "replace"), value)
        index += 1
    if first >= 0:
        yield first, index - 1, fields


def _next_entry(lines: Sequence[bytes], index: int) -> int:
    begins = (i for i in range(index + 1, len(lines)) if not lines[i - 1] and lines[i].startswith(_BEGINS))
    return next(begins, len(lines))


def _counted(block: Block, index: int) -> tuple[int, bytes] | None:
    """The line that a counted value ends on, and the value; None where no line ends with it."""
    if index >= len(block):
        return None
    start = int(block.starts[index])
    begins = start + _LENGTH_BYTES
    ends = begins + int.from_bytes(block.content[start:begins], "little")
    if ends > block.stops[-1]:
        # It breaks off, or goes on beyond the block.
        return (len(block), b"") if ends - begins <= LINE_BYTES else None
    at = int(np.searchsorted(block.stops, ends))
    return (at, block.content[begins:ends]) if block.stops[at] == ends else None
