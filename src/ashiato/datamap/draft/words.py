"""Read names of columns and tables as words, and match them with the word lists in ``words.yaml``."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable
from importlib import resources
from typing import Any

import yaml

from ashiato.terms.categories import Category

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_DIGITS = re.compile(r"(?<=[A-Za-z])(?=[0-9])")
_BETWEEN = re.compile(r"[^0-9a-zぁ-ゖァ-ヺー々一-龠]+")


@functools.cache
def load_words() -> dict[str, Any]:
    """Return the word lists."""
    text = resources.files("ashiato.datamap.draft").joinpath("words.yaml").read_text(encoding="utf-8")
    words: dict[str, Any] = yaml.safe_load(text)
    return words


def spelled(name: str) -> str:
    """Spell a name as lower-case words between spaces: ``eMail_addr1`` gives `` e mail addr 1 ``."""
    whole = unicodedata.normalize("NFKC", name)
    parted = _DIGITS.sub(" ", _CAMEL.sub(" ", whole)).lower()
    return f" {' '.join(_BETWEEN.sub(' ', parted).split())} "


def holds(name: str, words: Iterable[str]) -> bool:
    """Tell whether a spelled name holds one of the words."""
    return any(_place(name, word) is not None for word in words)


def listed(kind: str) -> list[str]:
    """Return one of the flat word lists by name."""
    words: list[str] = load_words()[kind]
    return words


def category_by_name(*names: str) -> Category | None:
    """Judge a column by its name, then by its comment; None when neither says anything."""
    for name in names:
        word = spelled(name)
        if word.strip():
            found = _judge(word)
            if found is not None:
                return found
    return None


def _judge(word: str) -> Category | None:
    nouns = [noun for noun in listed("people_nouns") if _place(word, noun) is not None]
    bare = _without(word, nouns)
    if nouns and (not bare.strip() or _is_only(bare, listed("number_words"))):
        return Category.IDENTITY
    for entry in load_words()["categories"]:
        if holds(bare, entry["words"]):
            return Category(entry["category"])
    return None


def _without(word: str, nouns: list[str]) -> str:
    for noun in sorted(nouns, key=len, reverse=True):
        word = word.replace(noun if not noun.isascii() else f" {noun} ", " ")
    return f" {word.strip()} "


def _is_only(word: str, endings: list[str]) -> bool:
    return word.strip() in endings


def _place(name: str, word: str) -> int | None:
    """Where a word stands in a spelled name; ASCII words only whole, singular or plural."""
    if not word.isascii():
        at = name.find(word)
        return at if at >= 0 and (len(word) > 1 or name.strip() == word or len(name.strip()) <= 3) else None
    at = name.find(f" {word} ")
    return at if at >= 0 else None
