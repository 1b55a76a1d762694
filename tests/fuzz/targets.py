"""What is fuzzed: each takes any bytes and fails where a law of the code is broken.

A parser may read nothing, but may not raise, nor claim lines that are not there; every line of a stream
stands in one block; what is unpacked is bounded; what is refused is refused by an error of our own.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

import numpy as np

from ashiato.datamap.load import parse_datamap
from ashiato.datamap.model import DataMap, Source
from ashiato.engine.archives import Member, is_zip, iterate_tar, iterate_zip, open_outer
from ashiato.engine.exposures.shapes import (
    NotUnderstoodError,
    _plainly_shaped,
    shape_by_tokens,
    shape_statement,
)
from ashiato.engine.findings.rules import source_of
from ashiato.engine.findings.statements import shape_of, tokens_of
from ashiato.engine.findings.targets import parse_target
from ashiato.engine.reading.blocks import Block, LineReader
from ashiato.engine.reading.configs import read_config
from ashiato.engine.reading.detection import Detector
from ashiato.engine.reading.elements import ElementReader, begins_array
from ashiato.engine.reading.event_records import EventReader
from ashiato.engine.reading.files import read_block
from ashiato.engine.reading.parser import Parser
from ashiato.engine.reading.times import Clock
from ashiato.engine.sigma.rule_files import read_rule_set
from ashiato.engine.unpacking import Bound, chunks_of
from ashiato.terms.errors import AshiatoError

Target: TypeAlias = Callable[[bytes], None]
_UTC = ZoneInfo("UTC")
#: When the files were last changed: times without a year lie before.
_NEWEST_US = 1_780_000_000_000_000
_BOUND = Bound(times=50, free_bytes=1 << 20)


@cache
def _parsers() -> dict[str, Parser]:
    found: dict[str, Parser] = {}
    for parser in Detector(DataMap(), [], _UTC)._usual(Source(files="*"), Clock(_UTC, _NEWEST_US)):
        found.setdefault(parser.name, parser)
    return found


def _parse(name: str, content: bytes) -> None:
    """Read all lines by one parser, as one block, and make rows of ``records`` of them."""
    parser = _parsers()[name]
    for block in LineReader(io.BytesIO(content), line_bytes=1 << 16):
        if isinstance(block, Block) and len(block):
            parsed = parser.parse(block)
            assert (parsed.first <= parsed.last).all()
            assert (np.diff(parsed.first) > 0).all()
            assert (parsed.first[1:] > parsed.last[:-1]).all()
            assert not len(parsed) or 0 <= parsed.first[0] <= parsed.last[-1] < len(block)
            assert all(len(column) == len(parsed) for column in parsed.columns.values())
            assert 0 <= parser.cut(block) <= len(block)
            parser.mark(block.lines())
            read_block("e", [parser], block)


def _split_lines(content: bytes) -> None:
    """Every byte stands in one line, whatever the size of blocks; the first two bytes choose sizes."""
    sizes, text = content[:2], content[2:]
    block_bytes, line_bytes = (1 + each for each in (*sizes, 40, 40)[:2])
    reader = LineReader(io.BytesIO(text), block_bytes=block_bytes, line_bytes=line_bytes)
    lines = text.split(b"\n")
    lines = [line.removesuffix(b"\r") for line in (lines[:-1] if lines[-1] == b"" else lines)]
    number = 0
    for piece in reader:
        for place, line in enumerate(piece.lines() if isinstance(piece, Block) else [None]):
            given = int(piece.numbers[place]) if isinstance(piece, Block) else piece.number
            number += 1
            assert given == number
            assert line is None or line == lines[number - 1]
    assert number == reader.lines == len(lines)


def _split_elements(content: bytes) -> None:
    """Elements come one after the other, numbered, none outside the content."""
    if begins_array(content[:4096]):
        before = 0
        for piece in ElementReader(io.BytesIO(content)):
            if isinstance(piece, Block):
                first, last = piece.byte_ranges()
                assert before <= first[0] <= last[-1] <= len(content)
                before = int(last[-1])


def _read_events(content: bytes) -> None:
    """A log of Windows is read whatever it is broken by, and only within its bytes."""
    for piece in EventReader(lambda: io.BytesIO(b"ElfFile\x00" + content)):
        if isinstance(piece, Block):
            assert len(piece.lines()) == len(piece.numbers)


def _unpack(content: bytes) -> None:
    """What comes out is bounded; what breaks off says so."""
    produced = 0
    try:
        for chunk in open_outer(chunks_of(io.BytesIO(content)), _BOUND).chunks:
            produced += len(chunk)
    except AshiatoError:
        pass
    # The stream may hand out what one step gave before it is stopped.
    assert produced <= _BOUND.free_bytes + 50 * len(content) + (64 << 20)


def _open_tar(content: bytes) -> None:
    try:
        for member in iterate_tar(chunks_of(io.BytesIO(content)), "a.tar"):
            assert not isinstance(member, Member) or sum(map(len, member.chunks)) <= len(content) + 1024
    except AshiatoError:
        pass


def _open_zip(content: bytes) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        try:
            for member in iterate_zip(Path(file.name), _BOUND) if is_zip(Path(file.name)) else ():
                if isinstance(member, Member):
                    assert sum(map(len, member.chunks)) <= _BOUND.free_bytes + 50 * len(content) + (64 << 20)
        except AshiatoError:
            pass


def _lex(content: bytes) -> None:
    """Tokens follow each other inside the statement; the short way to a shape says what the long one does."""
    text = content.decode("utf-8", "replace")
    for mysql in (False, True):
        spans = [(start, end) for _, start, end in tokens_of(text, mysql=mysql)]
        assert all(start < end <= len(text) for start, end in spans)
        assert all(end <= start for (_, end), (start, _) in pairwise(spans))
        shape_of(text, mysql=mysql)
    for dialect in ("postgres", "mysql"):
        try:
            shape_statement(text, None, dialect)
            plain = _plainly_shaped(text, {}, dialect)
            assert plain is None or plain == shape_by_tokens(text, {}, dialect)
        except NotUnderstoodError:
            pass


def _load_map(content: bytes) -> None:
    with suppress(AshiatoError):
        parse_datamap(content.decode("utf-8", "surrogateescape"))


def _load_rule(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.yml").write_bytes(content)
        for error in read_rule_set([Path(folder)], source_of).refused:
            assert str(error.what)


def _read_target(content: bytes) -> None:
    reading = parse_target(content.decode("utf-8", "replace"))
    assert reading.template.startswith("/") or not reading.template.strip() or reading.decoded is not None


def _read_configuration(content: bytes) -> None:
    read_config("a.conf", content.decode("utf-8", "replace"))


def _detect(content: bytes) -> None:
    """A format is chosen, whatever the file; what the chosen parsers leave is inside the block."""
    for block in LineReader(io.BytesIO(content[:4096]), line_bytes=1 << 16):
        if isinstance(block, Block):
            choice = Detector(DataMap(), [], _UTC).choose("a.log", block)
            if choice.parsers and len(block):
                _, left = read_block("e", choice.parsers, block)
                assert len(left) <= len(block)


#: Each thing that is fuzzed, by its name; parsers carry the name of their format.
TARGETS: dict[str, Target] = {
    **{name: partial(_parse, name) for name in _parsers()},
    "lines": _split_lines,
    "elements": _split_elements,
    "evtx": _read_events,
    "unpacking": _unpack,
    "tar": _open_tar,
    "zip": _open_zip,
    "sql": _lex,
    "datamap": _load_map,
    "rules": _load_rule,
    "targets": _read_target,
    "configurations": _read_configuration,
    "detection": _detect,
}
