"""A sender's logo: a PNG or an SVG of shapes alone, refused where it could fetch, run or hide something."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from ashiato.letters.notices.accepting import CampaignError
from ashiato.letters.notices.logo import Logo

_LONGEST = 200_000
_MOST_PIXELS = 4_000
_PNG = b"\x89PNG\r\n\x1a\n"
_SVG = "{http://www.w3.org/2000/svg}"
#: Shapes and colours: no text (fonts come by package), picture, link or style sheet, nothing that repeats.
_ELEMENTS = frozenset(
    {"svg", "g", "defs", "title", "desc", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon"}
    | {"linearGradient", "radialGradient", "stop", "clipPath"}
)
_MOST_ELEMENTS = 2_000
_DECLARATION = re.compile(r"\A\ufeff?\s*<\?xml [^<>]*\?>")
_COMMENT = re.compile("<!--.*?-->", re.DOTALL)
_LOCAL = re.compile(r"url\(\s*#[\w-]+\s*\)")
_NUMBER = re.compile(r"\s*([0-9.]+)\s*(?:px|mm|pt)?\s*\Z")


def logo_of(content: bytes) -> Logo:
    """Return a logo from a file's bytes; CampaignError with the reason where it may not be printed."""
    if len(content) > _LONGEST:
        raise _refusal(f"it has {len(content):,} bytes", f"make it smaller than {_LONGEST:,}")
    if content.startswith(_PNG):
        return Logo("png", content, _png_ratio(content))
    return Logo("svg", content, _svg_ratio(_svg_root(content)))


def _refusal(what: str, fix: str) -> CampaignError:
    return CampaignError(f"logo: {what}.", fix=fix)


def _png_ratio(content: bytes) -> float:
    try:
        length, kind, width, height = struct.unpack(">I4sII", content[8:24])
    except struct.error:
        length, kind, width, height = 0, b"", 0, 0
    if (length, kind) != (13, b"IHDR") or not 0 < width <= _MOST_PIXELS or not 0 < height <= _MOST_PIXELS:
        raise _refusal("this PNG has no size that can be printed", f"at most {_MOST_PIXELS:,} pixels a side")
    return float(width / height)


def _svg_root(content: bytes) -> ET.Element:
    try:
        text = _DECLARATION.sub("", content.decode("utf-8"))
        # Entities make a megabyte of a line, and a file of this machine of a word: there are none in a logo.
        # A parser that meets a zero takes the whole for UTF-16, in which they would not be seen.
        if "\0" in text or "<?" in text or "<!" in _COMMENT.sub("", text):
            raise _refusal("it declares entities, a document type or a style sheet", "save it as plain SVG")
        root = ET.fromstring(text)  # noqa: S314 - without declarations there is nothing to expand
    except (ET.ParseError, ValueError) as error:
        raise _refusal("it is neither PNG nor SVG", "save it as one of them, in UTF-8") from error
    for what in _svg_faults(root):
        raise _refusal(what, "save it as plain SVG, text as paths")
    return root


def _svg_faults(root: ET.Element) -> Iterator[str]:
    elements = list(root.iter())
    if root.tag != f"{_SVG}svg" or len(elements) > _MOST_ELEMENTS:
        yield "it is no SVG of a logo's size"
    for element in elements:
        name = str(element.tag).removeprefix(_SVG)
        if name not in _ELEMENTS:
            yield f"it holds <{name[:40]}>"
        for attribute, value in element.attrib.items():
            plain = attribute.rpartition("}")[2].lower()
            if plain.startswith("on") or plain in ("href", "base", "src", "class"):
                yield f"it holds the attribute {plain[:40]}"
            if "url" in _LOCAL.sub("", value.lower()) or "@import" in value.lower():
                yield f"its {plain[:40]} leads elsewhere"


def _svg_ratio(root: ET.Element) -> float:
    box = root.get("viewBox", "").replace(",", " ").split()
    said = box[2:4] if len(box) == 4 else [root.get("width", ""), root.get("height", "")]
    found = [_NUMBER.match(each) for each in said]
    numbers = [float(each[1]) if each and each[1].count(".") < 2 else 0.0 for each in found]
    if min(numbers, default=0.0) <= 0 or not 1 / 20 <= numbers[0] / numbers[1] <= 20:
        raise _refusal("this SVG has no size that can be printed", "give it a viewBox")
    return numbers[0] / numbers[1]
