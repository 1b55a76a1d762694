"""Lines of any format inside a wrapping: syslog, a journal, containers, log services.

Read in this order: formats that say their own time; formats whose time is the wrapping's (PostgreSQL and
MariaDB leave it to syslog, applications to the container); what a machine's own programs say; and whatever
is left is a message of the program that wrote it, so that no wrapped line is lost.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ashiato.engine.reading.blocks import Block
from ashiato.engine.reading.host_messages import row_of_host
from ashiato.engine.reading.parser import NOTHING, Columns, Parsed, Parser, all_same, merged, text_array
from ashiato.engine.reading.parsers.json_lines import JsonLines
from ashiato.engine.reading.parsers.postgres_text import PostgresText
from ashiato.engine.reading.parsers.server_audit import ServerAudit
from ashiato.engine.reading.parsers.server_errors import ServerErrors
from ashiato.engine.reading.rows import columns_of_rows
from ashiato.engine.reading.spans import Ints
from ashiato.engine.reading.turns import parse_in_turn
from ashiato.engine.reading.web_columns import whole_numbers
from ashiato.engine.reading.wrappings import Opened, Wrapping, block_of, places_of_lines
from ashiato.terms.times import moment_of

#: What a line of a format with a time of its own holds: a date, an object, a tab that goes on with one.
_SIGNS = re.compile(
    rb"\d{4}[-/]\d\d[-/]\d\d|\d\d/[A-Z][a-z]{2}/\d{4}|\A\s*\{|\A(?:\t|#011)|audit\(\d"
    rb"|\A\d{6} |\A# |\d\d \d{4}\] "
)
_SEVERITY = re.compile(
    rb"\b(?:LOG|ERROR|FATAL|PANIC|WARNING|NOTICE|INFO|DEBUG\d?|STATEMENT|DETAIL|HINT|CONTEXT|QUERY"
    rb"|LOCATION):  "
)
_PART = re.compile(rb"\[\d+-\d+\] ")
_GOES_ON = re.compile(rb"\A(?:\t|#011)|" + _PART.pattern + rb"|" + _SEVERITY.pattern)
_APACHE = re.compile(rb"\[\w*:?\w+\] \[(?:pid|client) ")
_AUDIT_PROGRAM = "server_audit"
_TIMED = PostgresText | ServerAudit | JsonLines | ServerErrors


class Wrapped(Parser):
    """Reads what one wrapping holds."""

    many_lined = True

    def __init__(self, wrapping: Wrapping, inner: Sequence[Parser]) -> None:
        """``inner``: every format that may be inside, best first."""
        self.name = wrapping.name
        self._wrapping = wrapping
        self._inner = inner
        self._timed = [each for each in inner if isinstance(each, _TIMED)]

    def cut(self, block: Block) -> int:
        """Keep what surely is whole: in a wrapping, a message may go on in the next line's."""
        kept = len(block) if block.ended else self._wrapping.cut(block)
        if block.ended or not kept:
            return kept
        opened = self._wrapping.open(block.pick(slice(0, kept)))
        # A message that goes on is one of PostgreSQL's, whose parts are few: the last lines wait.
        if not opened or not _GOES_ON.search(opened[-1].message):
            return kept
        inside = block_of(opened, [_timed(each) or each.message for each in opened], ended=False)
        texts = next((each for each in self._inner if isinstance(each, PostgresText)), None)
        whole = texts.cut(inside) if texts else len(opened)
        return opened[whole].first if whole < len(opened) else kept

    def parse(self, block: Block) -> Parsed:
        """Read the lines that are wrapped so."""
        opened = self._wrapping.open(block)
        if not opened:
            return NOTHING
        parsed = self._read(
            opened, [_plain(each, is_bare=self._wrapping.is_bare) for each in opened], self._inner
        )
        left = set(parsed.left_over(len(opened)).tolist())
        parsed = self._add(parsed, opened, [_timed(o) if i in left else None for i, o in enumerate(opened)])
        parsed = merged(parsed, self._said_by_hosts(opened, parsed.left_over(len(opened))))
        first, last = places_of_lines(opened)
        columns = parsed.columns | _outside(parsed.columns, opened, parsed.first)
        return Parsed(first[parsed.first], last[parsed.last], columns)

    def _add(self, parsed: Parsed, opened: Sequence[Opened], messages: Sequence[bytes | None]) -> Parsed:
        return merged(parsed, self._read(opened, messages, self._timed))

    def _read(
        self, opened: Sequence[Opened], messages: Sequence[bytes | None], parsers: Sequence[Parser]
    ) -> Parsed:
        """Read those messages that are given."""
        where = np.array([i for i, message in enumerate(messages) if message is not None], np.int64)
        if not len(where):
            return NOTHING
        chosen = [opened[i] for i in where.tolist()]
        block = block_of(chosen, [message for message in messages if message is not None], ended=True)
        found = NOTHING
        for parser, parsed, _ in parse_in_turn(parsers, block):
            columns = parsed.columns | {"source_format": all_same(parser.name, len(parsed))}
            found = merged(found, Parsed(parsed.first, parsed.last, columns))
        return found.at(where)

    def _said_by_hosts(self, opened: Sequence[Opened], left: Ints) -> Parsed:
        """What no format reads, where the wrapping says when it was written."""
        where = [i for i in left.tolist() if opened[i].moment is not None]
        if not where:
            return NOTHING
        rows = [row_of_host(opened[i], self.name) for i in where]
        index = np.array(where, np.int64)
        return Parsed(index, index, columns_of_rows(rows))


def _plain(opened: Opened, *, is_bare: bool) -> bytes | None:
    return opened.message if is_bare or _SIGNS.search(opened.message[:2000]) else None


def _timed(opened: Opened) -> bytes | None:
    """The message with the wrapping's time put where its format would have written one; None for others."""
    time, message = opened.written_at, opened.message
    if time is None:
        return None
    program = opened.program or ""
    if message.startswith(b"{"):
        return b'{"@timestamp":"' + time.encode() + b'",' + message[1:]
    if _AUDIT_PROGRAM in program and opened.moment is not None:
        return b"%016d," % opened.moment[0] + message
    if _APACHE.match(message) and opened.moment is not None:
        return moment_of(opened.moment[0]).strftime("[%a %b %d %H:%M:%S UTC %Y] ").encode() + message
    if "postgres" in program or _PART.match(message) or _SEVERITY.search(message):
        text = message.replace(b"#011", b"\t").replace(b"#012", b"\n")
        return f"{time} [{opened.pid}]: ".encode() + text if opened.pid else f"{time} ".encode() + text
    return None


def _outside(columns: Columns, opened: Sequence[Opened], first: Ints) -> Columns:
    """What the wrapping says of each record and the format inside does not."""
    said = [opened[i] for i in first.tolist()]
    pids = text_array([each.pid if each.pid and each.pid.isdigit() else None for each in said])
    outside = {
        "device_hostname": text_array([each.host for each in said]),
        "process_name": text_array([each.program for each in said]),
        "process_pid": whole_numbers(pids, pa.int64()),
    }
    return {
        name: pc.coalesce(columns[name], array) if name in columns else array
        for name, array in outside.items()
    }
