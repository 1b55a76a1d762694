"""Lines of any format inside a wrapping: syslog, a journal, containers, log services.

Read in this order: formats that say their own time; formats whose time is the wrapping's (PostgreSQL and
MariaDB leave it to syslog, applications to the container); what a machine's own programs say; and whatever
is left is a message of the program that wrote it, so that no wrapped line is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from ashiato.engine.reading.blocks import Block
from ashiato.engine.reading.host_messages import is_of_hosts, row_of_host
from ashiato.engine.reading.inner_formats import (
    believed,
    comes_in_parts,
    is_surely_part,
    signed,
    stamped,
    timed,
)
from ashiato.engine.reading.message_parts import Gathered, gather
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

#: How far apart the parts of one message may stand, in lines.
_NEAR = 500
_AT_ONCE_US = 2_000_000
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
        begin = max(0, kept - _NEAR)
        opened = self._wrapping.open(block.pick(slice(begin, kept)))
        waits = gather(self._parts(opened)).last.values()
        heads = [opened[each.places[0]] for each in waits if each.begins is not None]
        return min([kept, *(begin + head.first for head in heads if _may_go_on(head, opened[-1]))])

    def parse(self, block: Block) -> Parsed:
        """Read the lines that are wrapped so."""
        opened = self._wrapping.open(block)
        if not opened:
            return NOTHING
        is_bare = self._wrapping.is_bare
        gathering = gather(self._parts(opened))
        parsed = self._read_whole(opened, gathering.whole, block.numbers)
        lost = {place for place in gathering.lost if is_surely_part(opened[place], is_bare=is_bare)}
        parsed = self._add(parsed, opened, lost, self._inner, lambda each: signed(each, is_bare=is_bare))
        parsed = self._add(parsed, opened, lost, self._timed, timed)
        if len(parsed):
            parsed = parsed.only(believed(parsed, opened))
        left = np.setdiff1d(parsed.left_over(len(opened)), np.array(sorted(lost), np.int64))
        parsed = merged(parsed, self._said_by_hosts(opened, left))
        first, last = places_of_lines(opened)
        columns = parsed.columns | _outside(parsed.columns, opened, parsed.first)
        return Parsed(first[parsed.first], last[parsed.last], columns)

    def _parts(self, opened: Sequence[Opened]) -> list[tuple[int, Opened]]:
        is_bare = self._wrapping.is_bare
        return [(i, each) for i, each in enumerate(opened) if comes_in_parts(each, is_bare=is_bare)]

    def _read_whole(self, opened: Sequence[Opened], gathered: Sequence[Gathered], numbers: Ints) -> Parsed:
        """Read the messages put together; each stands where it begins, as far as no other's part does."""
        texts = [each for each in self._inner if isinstance(each, PostgresText)]
        lines = {each.places[0]: _lines_of(opened[each.places[0]], each) for each in gathered}
        parsed = self._read(opened, lines, texts)
        parsed = parsed.only(np.diff(parsed.first, prepend=-1) > 0)
        ends = {each.places[0]: _end_of_run(each.places, opened, numbers) for each in gathered}
        cut = {each.places[0] for each in gathered if each.is_cut}
        last = np.array([ends[first] for first in parsed.first.tolist()], np.int64)
        marked = _marked_cut(parsed.columns, [first in cut for first in parsed.first.tolist()])
        return Parsed(parsed.first, last, marked)

    def _add(
        self,
        parsed: Parsed,
        opened: Sequence[Opened],
        lost: set[int],
        parsers: Sequence[Parser],
        of: Callable[[Opened], bytes | None],
    ) -> Parsed:
        """Read what is left as ``of`` gives it."""
        left = [place for place in parsed.left_over(len(opened)).tolist() if place not in lost]
        given = {place: [text] for place in left if (text := of(opened[place])) is not None}
        return merged(parsed, self._read(opened, given, parsers))

    def _read(
        self, opened: Sequence[Opened], given: Mapping[int, list[bytes]], parsers: Sequence[Parser]
    ) -> Parsed:
        """Read those messages that are given, each as its lines."""
        if not given:
            return NOTHING
        where = np.array([place for place, lines in given.items() for _ in lines], np.int64)
        lines = [line for lines in given.values() for line in lines]
        block = block_of([opened[place] for place in where.tolist()], lines, ended=True)
        found = NOTHING
        for parser, parsed, _ in parse_in_turn(parsers, block):
            columns = parsed.columns | {"source_format": all_same(parser.name, len(parsed))}
            found = merged(found, Parsed(parsed.first, parsed.last, columns))
        return found.at(where)

    def _said_by_hosts(self, opened: Sequence[Opened], left: Ints) -> Parsed:
        """What no format reads, where the wrapping says when it was written."""
        where = [i for i in left.tolist() if opened[i].moment is not None and _is_all_said(opened[i])]
        if not where:
            return NOTHING
        rows = [row_of_host(opened[i], self.name) for i in where]
        index = np.array(where, np.int64)
        return Parsed(index, index, columns_of_rows(rows))


def _is_all_said(opened: Opened) -> bool:
    """Whether a message in no format is all that its line says; else the line is an object of its own."""
    return not opened.bears_more or is_of_hosts(opened)


def _may_go_on(head: Opened, last: Opened) -> bool:
    """Whether parts of a message may follow the last one: they are written at once."""
    return head.moment is None or last.moment is None or last.moment[0] - head.moment[0] <= _AT_ONCE_US


def _lines_of(opened: Opened, gathered: Gathered) -> list[bytes]:
    """A message's lines with the time and the process that the wrapping says before them."""
    head, *later = gathered.lines
    mark = b"[%s-1] " % gathered.number if gathered.number and opened.pid else b""
    return [
        stamped(opened, head, mark),
        *(text if text.startswith(b"\t") else stamped(opened, text, mark) for text in later),
    ]


def _end_of_run(places: Sequence[int], opened: Sequence[Opened], numbers: Ints) -> int:
    """The last of the places whose lines follow each other from the first on."""
    for one, other in pairwise(places):
        if other != one + 1 or numbers[opened[other].first] != numbers[opened[one].last] + 1:
            return one
    return places[-1]


def _marked_cut(columns: Columns, cut: Sequence[bool]) -> Columns:
    """The columns with a mark at messages of which a part is missing."""
    if not any(cut):
        return columns
    said = columns["unmapped"].to_pylist() if "unmapped" in columns else [None] * len(cut)
    told = [
        orjson.dumps((orjson.loads(text) if text else {}) | {"text_cut": True}).decode() if is_cut else text
        for text, is_cut in zip(said, cut, strict=True)
    ]
    return columns | {"unmapped": text_array(told)}


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
