"""Raw lines, read again from the sealed originals, and masked until somebody gives a reason."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, quote_plus

from ashiato.engine.api import SealedFile, open_content

#: A line is shown up to here.
MOST_BYTES = 16_384
Span = tuple[int, int]
_STEP = 1 << 20
_MASK = "•••"

_PRIVATE = re.compile(
    r"""
      [\w.+-]+ (?:@|%40) [\w-]+ (?:\.[\w-]+)+          # an e-mail address
    | (?:%[89a-fA-F][0-9a-fA-F])+                      # percent-encoded characters beyond ASCII
    | (?:\\u[0-9a-fA-F]{4})+                           # the same as JSON escapes
    | [^\x00-\x7f]+                                    # characters beyond ASCII
    | (?<![\w.-]) 0\d{1,4}-\d{1,4}-\d{3,4} (?![\w.-])  # a telephone number
    """,
    re.VERBOSE,
)
_SHORTEST = 4


def read_spans(case_folder: Path, sealed: SealedFile, spans: Iterable[Span]) -> dict[Span, str]:
    """Return the text of each byte range (first and last included) of the unpacked content.

    The content is read once, from its beginning to the last range. Of each range at most ``MOST_BYTES``
    are kept; bytes that are no UTF-8 show as a replacement character. Raises EvidenceError when the
    original is not where it was sealed.
    """
    found: dict[Span, str] = {}
    with open_content(case_folder, sealed) as stream:
        window = _Window(stream)
        for span in sorted(set(spans)):
            found[span] = window.take(*span).decode("utf-8", "replace")
    return found


class _Window:
    """The part of a stream that has been read and may still be asked for: ranges come in order."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._start = 0
        self._held = b""

    def take(self, first: int, last: int) -> bytes:
        last = min(last, first + MOST_BYTES - 1)
        while self._start + len(self._held) <= last and (piece := self._stream.read(_STEP)):
            self._held += piece
            self._forget_before(first)
        return self._held[max(first - self._start, 0) : last - self._start + 1]

    def _forget_before(self, first: int) -> None:
        drop = min(max(first - self._start, 0), len(self._held))
        self._held = self._held[drop:]
        self._start += drop


def mask(raw: str, values: Iterable[str] = ()) -> str:
    """Return a raw line with what may be somebody's value covered; the line's structure stays.

    Covered: each of ``values`` (as it stands, percent-encoded, quotes doubled), e-mail addresses,
    telephone numbers and everything beyond ASCII.
    """
    forms = {form for value in values if len(value) >= _SHORTEST for form in _forms(value)}
    for form in sorted(forms, key=lambda form: (-len(form), form)):
        raw = raw.replace(form, _MASK)
    return _PRIVATE.sub(_MASK, raw)


def _forms(value: str) -> set[str]:
    return {value, quote(value), quote(value, safe=""), quote_plus(value), value.replace("'", "''")}
