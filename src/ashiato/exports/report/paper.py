"""report.pdf: the report on A4, both languages, set by Typst in a packaged font.

Texts are handed over as data (JSON in ``sys.inputs``), so nothing of a log can act as Typst code. The
file is dated by the newest event and has the same bytes on every machine.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from pathlib import Path

import typst

from ashiato.exports.facts import Facts
from ashiato.exports.report.contents import Grid, contents_of
from ashiato.exports.whole import whole_file
from ashiato.exports.words import Language

_FONT_PACKAGES = ("noto_cjk_sans_jp_regular", "noto_cjk_sans_jp_bold")


def write_paper(facts: Facts, folder: Path, first: Language) -> Path:
    """Write ``report.pdf``, beginning with the language ``first``."""
    path = folder / "report.pdf"
    with whole_file(path) as file:
        file.write(render_paper(facts, first))
    return path


def render_paper(facts: Facts, first: Language) -> bytes:
    """Return the PDF; no system font, no file and no network is touched."""
    languages = sorted(Language, key=lambda language: language is not first)
    parts = [contents_of(facts, language) for language in languages]
    contents = json.dumps(parts, ensure_ascii=False, sort_keys=True, default=_plain)
    source = files(__package__ or "").joinpath("paper.typ").read_bytes()
    compiler = typst.Compiler(source, font_paths=_fonts(), sys_inputs={"contents": contents})
    made = compiler.compile(format="pdf", timestamp=max(facts.as_of_us // 1_000_000, 0))
    return made if isinstance(made, bytes) else b""


@cache
def _fonts() -> typst.Fonts:
    folders = [str(files(package)) for package in _FONT_PACKAGES]
    return typst.Fonts(include_system_fonts=False, font_paths=folders)


def _plain(value: object) -> dict[str, object]:
    if isinstance(value, Grid):
        return asdict(value)
    message = f"{type(value).__name__} is not part of a report"
    raise TypeError(message)
