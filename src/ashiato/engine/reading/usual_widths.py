"""Words outside quotes that stand where they nearly always do: measured from both ends of their stretch.

Where all values but one have their usual width, every place follows from the two ends, and no blank needs
to be looked for. A stretch in which that does not hold for every line is taken apart the general way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from ashiato.engine.reading.spans import Bytes, Ints, cut_out, equals_at, has_byte

Span = tuple[Ints, Ints]
#: Fixed text, or a value with its usual width, its usual text, or None where its width is open.
Token = bytes | tuple[int, int | bytes | None]


@dataclass
class Side:
    """What stands between one end and the open value: fixed texts and values, by distance from that end."""

    texts: list[tuple[int, bytes]] = field(default_factory=list)
    values: list[tuple[int, int, int]] = field(default_factory=list)
    length: int = 0

    def add_text(self, text: bytes) -> None:
        """Add fixed text, joining it to what stands just before it."""
        at, before = self.texts[-1] if self.texts else (-1, b"")
        if text and at + len(before) == self.length:
            self.texts[-1] = (at, before + text)
        elif text:
            self.texts.append((self.length, text))
        self.length += len(text)

    def add_value(self, value: int, width: int) -> None:
        """Add a value of this width."""
        self.values.append((value, self.length, width))
        self.length += width


@dataclass(frozen=True)
class UsualWords:
    """A stretch's words: what stands before and after the open value."""

    open_value: int
    before: Side
    after: Side

    def spans(
        self, codes: Bytes, starts: Ints, stops: Ints, held: dict[int, pa.Array]
    ) -> dict[int, Span] | None:
        """The span of each value, if this fits every line; the open value is kept in ``held`` as cut out."""
        first, last = starts + self.before.length, stops - self.after.length
        if not (last >= first).all():
            return None
        spans: dict[int, Span] = {self.open_value: (first, last)}
        for base, side in ((starts, self.before), (last, self.after)):
            if not all(equals_at(codes, base + at, text).all() for at, text in side.texts):
                return None
            spans.update({value: (base + at, base + at + width) for value, at, width in side.values})
        array = cut_out(codes, first, last)
        if has_byte(array, ord(" ")) or _has_control(array):
            return None
        held[self.open_value] = array
        return spans


def usual_words_of(tokens: Sequence[Token]) -> UsualWords | None:
    """Measure the tokens of a stretch; None unless exactly one value is open."""
    opened = [
        (i, token[0]) for i, token in enumerate(tokens) if not isinstance(token, bytes) and token[1] is None
    ]
    if len(opened) != 1:
        return None
    at, value = opened[0]
    return UsualWords(value, _side_of(tokens[:at]), _side_of(tokens[at + 1 :]))


def _side_of(tokens: Sequence[Token]) -> Side:
    side = Side()
    for token in tokens:
        if isinstance(token, bytes):
            side.add_text(token)
        elif isinstance(token[1], bytes):
            side.values.append((token[0], side.length, len(token[1])))
            side.add_text(token[1])
        elif token[1] is not None:
            side.add_value(token[0], token[1])
    return side


def _has_control(array: pa.Array) -> bool:
    content = array.buffers()[2]
    return content is not None and bool((np.frombuffer(content, np.uint8) < ord(" ")).any())
