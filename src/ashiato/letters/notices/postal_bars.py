"""The post's bar code for customers (カスタマバーコード): 23 characters of three bars each, of four heights.

Japan Post, manual of post codes and bar codes (https://www.post.japanpost.jp/zipcode/zipmanual/): p12.html
for format and measures, p20.html and p21.html for characters and check digit; read 2026-11-23. Which bars
make a character is shown there as a picture; ours are as libzint 2.15 draws them (2,289 codes compared).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ashiato.letters.notices.pixels import line_bytes, png_of

#: Characters by their number for the check digit; ``CC4`` fills up.
CHARACTERS = (*"0123456789-", *(f"CC{number}" for number in range(1, 9)))
_FILL = "CC4"
_LENGTH = 20
#: Three bars a character: 1 long, 2 long above, 3 long below, 4 short.
_BARS = dict(
    zip(
        CHARACTERS,
        ("144", "114", "132", "312", "123", "141", "321", "213", "231", "411", "414",
         "324", "342", "234", "432", "243", "423", "441", "111"),
        strict=True,
    )
)  # fmt: skip
_START, _STOP = "13", "31"
#: Which thirds of the height a bar takes: upper, middle, lower.
_THIRDS = {"1": (1, 1, 1), "2": (1, 1, 0), "3": (0, 1, 1), "4": (0, 1, 0)}
#: How many bars stand in a code, and its measures of 8 points in mm: height, and pitch of bars at most.
BARS = 67
HEIGHT, PITCH = 2.88, 0.96
#: What is kept white around it, in mm, wherever the sheet lies behind the window.
BLANK = 2.0


def characters_of(words: str) -> tuple[str, ...]:
    """Return post code and address digits (``10000131-3-2-503``) as the 21 characters with their check digit.

    What is longer than 20 characters is cut, as the manual says; a letter takes two.
    """
    told = tuple(part for sign in words for part in _written(sign))[:_LENGTH]
    told += (_FILL,) * (_LENGTH - len(told))
    return (*told, CHARACTERS[-sum(map(CHARACTERS.index, told)) % 19])


def _written(sign: str) -> Sequence[str]:
    if not sign.isalpha():
        return (sign,)
    tens, ones = divmod(ord(sign) - ord("A"), 10)
    return (f"CC{tens + 1}", str(ones))


def bars_of(characters: Sequence[str]) -> str:
    """Return the bars, each a digit from 1 to 4, with those that begin and end the code."""
    return _START + "".join(map(_BARS.__getitem__, characters)) + _STOP


def picture_of(bars: str) -> bytes:
    """Return bars as a PNG of three pixels' height: a pixel's width for a bar, and one between two."""
    width = 2 * len(bars) - 1
    return png_of(width, 3, b"".join(_lines(bars, width)))


def _lines(bars: str, width: int) -> Iterator[bytes]:
    size = line_bytes(width)
    for third in range(3):
        black = "0".join(str(_THIRDS[bar][third]) for bar in bars)
        white = int(black, 2) ^ (1 << width) - 1
        yield (white << (8 * (size - 1) - width)).to_bytes(size)
