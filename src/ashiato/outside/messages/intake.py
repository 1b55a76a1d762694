"""Lists that come back by hand: codes of letters returned, or what calls came to, one a line or as CSV.

Every line is accounted for: read, read before, or listed with why it was not understood; none is dropped.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ashiato.outside.messages.outcomes import shown

_MOST_CELL = 10_000
_MOST_WORDS = 200


@dataclass(frozen=True, slots=True)
class Returned:
    """One line that names a notice: the line's number (1-based), its code, and what else it says."""

    line: int
    code: str
    reference: str
    words: str


@dataclass(frozen=True, slots=True)
class Unread:
    """One line that names none, with why."""

    line: int
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Intake:
    """All lines of a list; ``again`` are lines whose code stands in an earlier one."""

    returned: tuple[Returned, ...]
    again: tuple[Returned, ...]
    unread: tuple[Unread, ...]
    blank: int


def read_list(
    content: bytes, code_in: Callable[[str], str | None], reference_of: Callable[[str], str | None]
) -> Intake:
    """Read a list.

    ``code_in``: the code a cell holds, if it is whole; ``reference_of``: the notice of a code, if it is ours.
    """
    returned: dict[str, Returned] = {}
    again: list[Returned] = []
    unread: list[Unread] = []
    blank = 0
    for line, cells in _rows(content):
        found = _read(line, cells, code_in, reference_of)
        if found is None:
            blank += 1
        elif isinstance(found, Unread):
            unread.append(found)
        elif found.code in returned:
            again.append(found)
        else:
            returned[found.code] = found
    return Intake(tuple(returned.values()), tuple(again), tuple(unread), blank)


def _read(
    line: int,
    cells: list[str],
    code_in: Callable[[str], str | None],
    reference_of: Callable[[str], str | None],
) -> Returned | Unread | None:
    text = shown(" ".join(cells), _MOST_WORDS)
    if not text:
        return None
    codes = {code: cell for cell in cells if (code := code_in(cell)) is not None}
    if len(codes) != 1:
        why = "it holds no whole code" if not codes else "it holds more than one code"
        return Unread(line, text, why)
    ((code, cell),) = codes.items()
    reference = reference_of(code)
    if reference is None:
        return Unread(line, text, "the code is not one of ours")
    words = shown(" ".join(other for other in cells if other is not cell), _MOST_WORDS)
    return Returned(line, code, reference, words)


def _rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Each line by itself, so that a quote left open costs its line alone."""
    for number, line in enumerate(decoded_list(content).splitlines(), 1):
        mark = "\t" if "\t" in line else ","
        try:
            yield number, next(csv.reader([line[:_MOST_CELL].replace("\0", "")], delimiter=mark), [])
        except csv.Error:
            yield number, [line[:_MOST_CELL]]


def decoded_list(content: bytes) -> str:
    """UTF-8, or what spreadsheets in Japan write; whatever is neither stays visible."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp932", "replace")
