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
