"""Batches looked at as a reader or a machine would: pages as pictures, lines of text with their places."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import pypdfium2
import zxingcpp
from numpy.typing import NDArray
from pypdf import PageObject, PdfReader

_POINT = 25.4 / 72
_HEIGHT = 297.0


@dataclass(frozen=True)
class Spot:
    """A piece of text and where its baseline begins, in mm from the sheet's left and upper edge."""

    text: str
    x: float
    y: float


def picture(pdf: bytes, page: int, dpi: int = 150) -> NDArray[np.uint8]:
    """Return one page (from 0) as grey pixels."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return np.asarray(document[page].render(scale=dpi / 72, grayscale=True).to_numpy()).squeeze()
    finally:
        document.close()


def scanned(pixels: NDArray[np.uint8]) -> list[str]:
    """Return what a reader of QR codes sees on a page."""
    return [found.text for found in zxingcpp.read_barcodes(pixels)]


def texts(pdf: bytes) -> list[str]:
    """Return the text of each page."""
    return [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]


def sizes(pdf: bytes) -> Counter[float]:
    """Return how many characters of the first page stand in which size, in points."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        page = document[0].get_textpage()
        each = (pypdfium2.raw.FPDFText_GetFontSize(page.raw, at) for at in range(page.count_chars()))
        # What pdfium adds between words has no size of its own.
        return Counter(round(size, 1) for size in each if size > 1)
    finally:
        document.close()


def spots(pdf: bytes, page: int) -> list[Spot]:
    """Return every piece of text of a page with its place."""
    found: list[Spot] = []

    def note(text: str, outer: list[float], inner: list[float], *_: object) -> None:
        if text.strip():
            x, y = _moved(inner, outer)
            found.append(Spot(text.strip(), x * _POINT, _HEIGHT - y * _POINT))

    sheet: PageObject = PdfReader(BytesIO(pdf)).pages[page]
    sheet.extract_text(visitor_text=note)
    return found


def _moved(inner: list[float], outer: list[float]) -> tuple[float, float]:
    x, y = inner[4], inner[5]
    return x * outer[0] + y * outer[2] + outer[4], x * outer[1] + y * outer[3] + outer[5]
