"""Typst over data: no file is read but the pages that are handed over, and nothing of a person is written."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import typst

from ashiato.exports.typesetting import packaged_fonts

#: Runs of Typst for which it keeps what it does not need (``comemo::evict(10)``).
_KEPT_RUNS = 10


def press(source: bytes, contents: bytes, pages: Mapping[str, bytes], time_s: int = 0) -> bytes:
    """Return the PDF of a Typst source over ``contents`` (JSON): the same bytes on every machine.

    ``pages``: PDF files that the source places, by name. They stand in a folder of their own while it runs;
    the contents, which hold names and addresses, stay in memory. ``time_s``: the file's date (Unix).
    """
    with tempfile.TemporaryDirectory() as folder:
        for name, content in {**pages, "main.typ": source}.items():
            Path(folder, name).write_bytes(content)
        compiler = typst.Compiler(
            str(Path(folder, "main.typ")),
            root=folder,
            font_paths=packaged_fonts(),
            sys_inputs={"contents": contents.decode()},
        )
        made = compiler.compile(format="pdf", timestamp=time_s, pdf_tags=False)
    return made if isinstance(made, bytes) else b""


def wipe_press() -> None:
    """Let go of what earlier runs left in memory, which is about 1.3 GB after ten batches of 1,000 letters.

    Typst keeps what it has laid out until ten runs have not asked for it; so it is run on nothing.
    """
    for _ in range(_KEPT_RUNS + 1):
        press(b"", b"", {})
