"""Typst over files in a folder of its own, which is gone afterwards: nothing else is read."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import typst

from ashiato.exports.typesetting import packaged_fonts


def press(source: bytes, files: Mapping[str, bytes]) -> bytes:
    """Return the PDF of a Typst source beside ``files``; the same bytes for the same input everywhere."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in {**files, "main.typ": source}.items():
            Path(folder, name).write_bytes(content)
        compiler = typst.Compiler(str(Path(folder, "main.typ")), root=folder, font_paths=packaged_fonts())
        made = compiler.compile(format="pdf", timestamp=0, pdf_tags=False)
    return made if isinstance(made, bytes) else b""
