"""PDF: the text of each page, drawn out by pypdf in a small process of its own, bounded in time and memory.

Where on the page a value stands does not tell its bytes, since pages are packed: a page's text counts
as gone out only with the whole file.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

from ashiato.engine.exposures.objects.cells import LONGEST_CELL, Cell, UnreadableError
from ashiato.engine.exposures.objects.readers.plain_text import cells_of_line

_SECONDS = 60
_MEMORY_BYTES = 1 << 30
_MOST_TEXT = 64 << 20
_PAGES = """
import json, logging, resource, sys
resource.setrlimit(resource.RLIMIT_CPU, ({seconds}, {seconds}))
resource.setrlimit(resource.RLIMIT_AS, ({memory}, {memory}))
logging.disable(logging.CRITICAL)
import warnings
warnings.simplefilter("ignore")
import io
from pypdf import PdfReader
reader = PdfReader(io.BytesIO(sys.stdin.buffer.read()))
for page in reader.pages:
    try:
        text = page.extract_text()
    except Exception:
        text = ""
    sys.stdout.write(json.dumps(text) + "\\n")
    sys.stdout.flush()
sys.stdout.write("0\\n")
"""


def read_pdf(content: bytes) -> Iterator[Cell]:
    """Yield the lines of every page; units are pages.

    Raises: UnreadableError: it is damaged or encrypted, hangs its reader, or holds no text at all.
    """
    pages, is_whole = _pages_of(content)
    for unit, page in enumerate(pages, start=1):
        for line in page.splitlines():
            if line.strip():
                for cell in cells_of_line(unit, line[:LONGEST_CELL], 0, len(content), "utf-8"):
                    yield Cell(cell.unit, cell.header, cell.text, 0, len(content), is_text=True)
    if not is_whole or not any(page.strip() for page in pages):
        raise UnreadableError("no-text" if is_whole else "reader-stopped")


def _pages_of(content: bytes) -> tuple[list[str], bool]:
    script = _PAGES.format(seconds=_SECONDS, memory=_MEMORY_BYTES)
    try:
        made = subprocess.run(  # noqa: S603 - our own words, no shell
            [sys.executable, "-I", "-c", script], input=content, capture_output=True, timeout=2 * _SECONDS,
            check=False,
        )  # fmt: skip
        lines = made.stdout[:_MOST_TEXT].splitlines()
    except subprocess.TimeoutExpired as error:
        lines = (error.stdout or b"").splitlines()
    pages, is_whole = [], False
    for line in lines:
        if line == b"0":
            is_whole = True
        elif line.endswith(b'"'):
            pages.append(str(json.loads(line)))
    return pages, is_whole
