from __future__ import annotations

import pytest

from ashiato.engine.exposures.objects.cells import LONGEST_CELL, Cell
from ashiato.engine.exposures.objects.folding import fold
from ashiato.engine.exposures.objects.tokens import Names, tokens_of

NOBODY = Names([])


def inside(text: str) -> set[str]:
    cell = Cell(0, "", text, 0, len(text.encode()), is_text=True)
    return {token.text for token in tokens_of(cell, NOBODY, "utf-8") if token.is_inside}


@pytest.mark.parametrize(
    "text",
    [
        "連絡先はyamada@example.jpまで",
        "「yamada@example.jp」、",
        "<yamada@example.jp>;suzuki@example.jp",
        "宛先：ｙａｍａｄａ＠ｅｘａｍｐｌｅ．ｊｐです",
    ],
)
def test_an_address_needs_no_blank_around_it(text: str) -> None:
    assert fold("yamada@example.jp") in inside(text)


@pytest.mark.parametrize(
    "piece", ["y", "y.", "1", "a@", "a@b", "a@b.", "12-", "1234-", "昭和 ", "090-", " 年", "+81"]
)
def test_a_cell_of_one_piece_takes_no_square_of_time(piece: str) -> None:
    # Nearly a hundred thousand of them: what grows as a square would take minutes.
    text = piece * ((LONGEST_CELL - 100) // len(piece)) + " yamada@example.jp"
    assert fold("yamada@example.jp") in inside(text)
