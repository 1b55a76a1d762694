"""A person's name as it is compared: by its kanji, by its sound, by its parts, whatever their order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ashiato.engine.people.forms.cleaning import clean
from ashiato.engine.people.forms.companies import company_name, is_company
from ashiato.engine.people.forms.kana import sound_of
from ashiato.engine.people.forms.kanji import fold_kanji

# Titles after a name, and what a clerk writes behind it: (旧姓 鈴木), 様, 殿.
_TITLE = re.compile(r"\s*(?:様|殿|御中|さま|先生)$")
_BEHIND = re.compile(r"[(\[【〔].*?[)\]】〕]\s*$")
_FORMER = re.compile(r"[(\[【〔]?旧姓\s*:?\s*([^\s)\]】〕]+)[)\]】〕]?")
_BETWEEN = re.compile(r"[\s,・]+")
_MARKS = re.compile(r"[\s,・.'’`´=゠/-]+")


@dataclass(frozen=True)
class Name:
    """``whole``: the folded name without blanks, None for a name in kana or letters alone.

    ``sound``: how the whole sounds, None when kanji are in it. ``family``, ``given``: the two parts in the
    same form, where a blank or a comma tells them apart. ``former``: a surname given as the former one.
    """

    whole: str | None = None
    sound: str | None = None
    family: str | None = None
    given: str | None = None
    former: str | None = None
    is_company: bool = False


@lru_cache(maxsize=1 << 16)
def form_part(text: str) -> str | None:
    """Return one part of a name as it is compared: its sound, or its folded kanji without marks."""
    return sound_of(text) or _MARKS.sub("", fold_kanji(text.casefold())) or None


def parse_name(text: str) -> Name:
    """Return the forms of a name as it is written; of nothing, a name without any."""
    cleaned = _TITLE.sub("", clean(text))
    found = _FORMER.search(cleaned)
    former = form_part(found[1]) if found else None
    cleaned = _FORMER.sub(" ", cleaned).strip()
    bare = cleaned if is_company(cleaned) else _BEHIND.sub("", cleaned)
    if is_company(bare):
        return _company(company_name(bare))
    parts = [part for part in _BETWEEN.split(bare) if part]
    family, given = (_ordered(parts, bare)) if len(parts) > 1 else (None, None)
    whole = _MARKS.sub("", fold_kanji(bare.casefold()))
    sound = sound_of(bare)
    return Name(None if sound or not whole else whole, sound, family, given, former)


def _company(name: str) -> Name:
    sound, whole = sound_of(name), _MARKS.sub("", fold_kanji(name.casefold()))
    return Name(None if sound or not whole else whole, sound, is_company=True)


def _ordered(parts: list[str], written: str) -> tuple[str | None, str | None]:
    """Return (family, given): the family comes first, save in letters without a comma, as in English."""
    first, last = form_part(parts[0]), form_part("".join(parts[1:]))
    if written.isascii() and "," not in written and not parts[0].isupper():
        return form_part(parts[-1]), form_part("".join(parts[:-1]))
    return first, last
