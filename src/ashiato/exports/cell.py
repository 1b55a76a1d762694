r"""One cell of a CSV file: shown as it is, or marked with an apostrophe and reversible.

A spreadsheet runs a cell that begins with ``=``, ``+``, ``-`` or ``@``, and shows nothing of control
and direction characters that an intruder can put into a log. Hence one rule:

* a cell without anything of the kind stands as it is;
* a cell that begins (after blanks and invisible characters) with ``= + - @``, their full-width forms,
  or with an apostrophe, a tab or a line break gets one apostrophe in front;
* a cell that holds control characters (other than tab and line breaks) or direction marks gets
  ``'\`` in front, its backslashes are doubled and those characters are written ``\u0000``.

To read a cell back: without a leading apostrophe it is plain; with ``'\`` drop both and undo the
escapes; else drop the one apostrophe. Source: OWASP, CSV Injection (read 2026-11-22); RFC 4180.
"""

from __future__ import annotations

import re

#: Control characters but tab and line breaks, and the marks that turn the direction of text.
UNSHOWABLE = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\x{061c}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}"
_BLANK = (
    r"\t-\r\x20\x{00a0}\x{1680}\x{180e}\x{2000}-\x{200d}\x{2028}\x{2029}\x{202f}\x{205f}\x{2060}"
    r"\x{3000}\x{feff}"
)
_RUNNING = r"=+\-@\x{ff1d}\x{ff0b}\x{ff0d}\x{ff20}\x{2212}"

#: RE2 pattern of cells that cannot stand as they are; RE2 runs it over whole columns at once.
MARKED = rf"^[{_BLANK}]*[{_RUNNING}']|^[\t\r\n]|[{UNSHOWABLE}]"


def _of_python(pattern: str) -> str:
    return re.sub(r"\\x\{([0-9a-f]{4})\}", r"\\u\1", pattern)


_MARKED = re.compile(_of_python(MARKED))
_UNSHOWABLE = re.compile(_of_python(f"[{UNSHOWABLE}]"))
_ESCAPED = re.compile(r"\\(?:u([0-9a-f]{4})|\\)")


def shield(text: str) -> str:
    """Return the text as a CSV file may carry it."""
    if not _MARKED.search(text):
        return text
    if not _UNSHOWABLE.search(text):
        return f"'{text}"
    return "'\\" + show(text.replace("\\", "\\\\"))


def unshield(cell: str) -> str:
    """Return the text a cell stands for: the reverse of ``shield``."""
    if cell.startswith("'\\"):
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)) if found[1] else "\\", cell[2:])
    return cell.removeprefix("'")


def show(text: str) -> str:
    r"""Write control characters and direction marks visibly, as ``\u202e``; for screens and pages."""
    return _UNSHOWABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
