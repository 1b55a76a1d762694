"""Several parsers over one block: each reads what those before it left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ashiato.engine.reading.blocks import Block
from ashiato.engine.reading.parser import Parsed, Parser, parse_whatever
from ashiato.engine.reading.spans import Ints


def parse_in_turn(parsers: Sequence[Parser], block: Block) -> Iterator[tuple[Parser, Parsed, Ints]]:
    """Yield each parser that reads something, its records, and the lines that are left after it."""
    left = np.arange(len(block), dtype=np.int64)
    for parser in parsers:
        if not len(left):
            return
        rest = block if len(left) == len(block) else block.compact(left)
        parsed = _in_one_piece(rest, parse_whatever(parser, rest)).at(left)
        if len(parsed):
            left = np.intersect1d(left, parsed.left_over(len(block)), assume_unique=True)
            yield parser, parsed, left


def _in_one_piece(block: Block, parsed: Parsed) -> Parsed:
    """Without records that would span lines which another parser has read."""
    apart = block.numbers[parsed.last] - block.numbers[parsed.first] != parsed.last - parsed.first
    return parsed.only(~apart) if apart.any() else parsed
