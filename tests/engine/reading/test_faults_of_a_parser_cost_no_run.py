"""A parser that fails on some content leaves its lines to the next, and the run goes on."""

from __future__ import annotations

import numpy as np

from ashiato.engine.reading.blocks import Block
from ashiato.engine.reading.files import read_block
from ashiato.engine.reading.parser import Parsed, Parser


class Faulty(Parser):
    """Fails on everything."""

    name = "faulty"

    def parse(self, block: Block) -> Parsed:
        """Fail."""
        message = f"{len(block)} lines of something nobody thought of"
        raise IndexError(message)


def test_lines_of_a_faulty_parser_stay_unread() -> None:
    content = b"one\ntwo\n"
    starts, stops = np.array([0, 4]), np.array([3, 7])
    block = Block(content, starts, stops, np.array([1, 2]), 0, ended=True, size=len(content))
    records, left = read_block("evidence", [Faulty()], block)
    assert records is None
    assert left.tolist() == [0, 1]
