"""Pages set by Typst in a packaged font: no system font, no file and no network is touched.

Texts are handed over as data (JSON in ``sys.inputs``), so nothing of a log can act as Typst code.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import typst

_FONT_PACKAGES = ("noto_cjk_sans_jp_regular", "noto_cjk_sans_jp_bold")


def typeset(source: bytes, contents: str, time_us: int) -> bytes:
    """Return the PDF of a Typst source over ``contents`` (JSON), dated; the same bytes on every machine."""
    compiler = typst.Compiler(source, font_paths=packaged_fonts(), sys_inputs={"contents": contents})
    made = compiler.compile(format="pdf", timestamp=max(time_us // 1_000_000, 0))
    return made if isinstance(made, bytes) else b""


@cache
def packaged_fonts() -> typst.Fonts:
    """Return the fonts that come as packages, and no font of the system."""
    folders = [str(files(package)) for package in _FONT_PACKAGES]
    return typst.Fonts(include_system_fonts=False, font_paths=folders)
