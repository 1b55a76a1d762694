"""Readings of Chinese characters in a text: ``｜漢字《かんじ》``, as Aozora Bunko writes them."""

from __future__ import annotations

import re

READING = re.compile(r"｜([^《》｜]+)《([^《》｜]+)》")


def bare(text: str) -> str:
    """Return the text without its readings."""
    return READING.sub(r"\1", text) if "｜" in text else text


def in_brackets(text: str) -> str:
    """Return the text with its readings in brackets behind the characters: ``漢字（かんじ）``."""
    return READING.sub(r"\1（\2）", text) if "｜" in text else text


def read_out(text: str) -> str:
    """Return the text with the readings in the characters' place, as a braille printer wants it."""
    return READING.sub(r"\2", text) if "｜" in text else text


def pieces_of(text: str) -> str | list[str | tuple[str, str]]:
    """Return a text without readings as it is, else its pieces: strings, and pairs with a reading."""
    if "｜" not in text:
        return text
    pieces: list[str | tuple[str, str]] = []
    end = 0
    for found in READING.finditer(text):
        pieces.extend((text[end : found.start()], (found[1], found[2])))
        end = found.end()
    return [piece for piece in (*pieces, text[end:]) if piece]
