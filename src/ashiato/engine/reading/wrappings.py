"""What stands around another log's lines: who wrote them down, when, and what was written.

A wrapping opens a block's lines into messages; the formats inside read those as if they were a file of
their own, so that no format knows of the ways it may have travelled.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ashiato.engine.reading.blocks import Block
from ashiato.engine.reading.spans import Ints
from ashiato.engine.reading.times import SECOND_US, Clock, Moment
from ashiato.terms.times import moment_of


@dataclass(frozen=True)
class Opened:
    """One message: the lines it stood on, when and by whom it was written down, and its bytes.

    ``program`` and ``pid`` are the writer's, ``rest`` what the wrapping said besides.
    ``bears_more``: more was written with the message than a wrapping has, as by applications.
    """

    first: int
    last: int
    message: bytes
    moment: Moment | None = None
    host: str | None = None
    program: str | None = None
    pid: str | None = None
    rest: dict[str, object] = field(default_factory=dict)
    bears_more: bool = False

    @property
    def written_at(self) -> str | None:
        """The moment as a log would write it, no finer than it was."""
        if self.moment is None:
            return None
        digits = {SECOND_US: 0, 1000: 3}.get(self.moment[1], 6)
        text = moment_of(self.moment[0]).strftime("%Y-%m-%d %H:%M:%S.%f")
        return f"{text[: 20 + digits] if digits else text[:19]} UTC"


class Wrapping(ABC):
    """One way of wrapping lines."""

    #: What the column ``source_format`` says of a message in no known format.
    name: str
    #: Whether messages in it may be in a format whose lines show no sign of their own.
    is_bare = False

    def __init__(self, clock: Clock) -> None:
        """``clock`` reads the moments; those without a year or a zone are the source's."""
        self._clock = clock

    @abstractmethod
    def open(self, block: Block) -> list[Opened]:
        """Return the messages of the block's lines that are wrapped so, in order."""

    def cut(self, block: Block) -> int:
        """Return how many of the block's lines surely hold whole messages."""
        return len(block)


def block_of(opened: Sequence[Opened], messages: Sequence[bytes], *, ended: bool) -> Block:
    """Messages as the lines of a block; numbers follow each other where the lines around them did.

    A message may give several lines, one after the other.
    """
    ends = np.cumsum([len(message) + 1 for message in messages], dtype=np.int64)
    starts = np.concatenate(([0], ends[:-1])).astype(np.int64)
    content = b"".join(message + b"\n" for message in messages)
    first, last = places_of_lines(opened)
    gaps = np.concatenate(([0], np.cumsum((first[1:] != last[:-1] + 1) & (first[1:] != first[:-1]))))
    numbers = np.arange(1, len(opened) + 1, dtype=np.int64) + gaps
    return Block(content, starts, ends - 1, numbers, 0, ended=ended, size=len(content))


def places_of_lines(opened: Sequence[Opened]) -> tuple[Ints, Ints]:
    """The first and the last line of each message."""
    first = np.array([each.first for each in opened], np.int64)
    return first, np.array([each.last for each in opened], np.int64)
