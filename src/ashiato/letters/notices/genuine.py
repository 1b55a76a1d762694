"""Whether a message is ours: asked by its code, sender, site or telephone number; never whom it went to.

The answer to a code says that we sent a message with it, and no more: not to whom, nor what it says. Whoever
offers this to the public limits how often one may ask.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from urllib.parse import urlsplit

from ashiato.exports.words import Language
from ashiato.letters.notices.codes import DIGITS, is_whole, read_code
from ashiato.letters.notices.matter import Sender
from ashiato.letters.notices.template import PLACEHOLDER, Paragraph
from ashiato.letters.notices.template_file import TemplateFile
from ashiato.letters.notices.unsafe import unshowable
from ashiato.written.problems import shown

_LONGEST = 300
_MAIL = re.compile(r"[^\s@/<>]+@[^\s@/<>]+\Z")
_NUMBER = re.compile(r"\+?[0-9]{8,14}\Z")
_PHONE_MARKS = re.compile(r"[-‐‑‒–—―−ー()\s]")
_SITE = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//|^[^\s/@]+\.[^\s/@]+(?:/|$)", re.IGNORECASE)
_NAMES = (
    *("code_genuine", "code_unknown", "code_slip", "unclear"),
    *(f"{kind}_{verdict}" for kind in ("site", "sender", "phone") for verdict in ("genuine", "not_ours")),
)


class Verdict(StrEnum):
    """Ours, not to be found, or certainly not ours."""

    GENUINE = "genuine"
    UNKNOWN = "unknown"
    NOT_OURS = "not ours"


@dataclass(frozen=True)
class Known:
    """What is ours. ``has_code``: whether a code was given out; ``senders``: mail addresses in small letters.

    ``sites``: names of hosts; ``phones``: as printed.
    """

    sender: Sender
    has_code: Callable[[str], bool]
    sites: frozenset[str]
    senders: frozenset[str]
    phones: frozenset[str]


@dataclass(frozen=True)
class Answer:
    """What to tell: the verdict, what it means and what to do. ``kind``: what was asked by.

    ``name``: of the answer, by which a page may say it in words of its own.
    """

    verdict: Verdict
    kind: str
    means: str
    todo: str
    name: str = ""


def check(asked: str, known: Known, language: Language) -> Answer:
    """Return whether what somebody typed, read or was called by is ours; hostile text is no error."""
    plain = unicodedata.normalize("NFKC", asked[: _LONGEST + 1]).strip()
    name, verdict = _judged(plain, known) if _askable(plain) else ("unclear", Verdict.UNKNOWN)
    said = {
        "sender": known.sender.name.within(language),
        "phone": known.sender.desk.phone,
        "asked": shown(plain, 80),
    }
    kind = name.partition("_")[0]
    means, todo = (_say(key, said, language) for key in (name, f"{name}_todo"))
    return Answer(verdict, kind, means, todo, name)


def _askable(plain: str) -> bool:
    return 0 < len(plain) <= _LONGEST and not unshowable(plain)


def _judged(plain: str, known: Known) -> tuple[str, Verdict]:
    """Return the name of the answer and the verdict."""
    if _MAIL.match(plain):
        return _listed("sender", ours=plain.lower() in known.senders)
    if _SITE.search(plain):
        return _listed("site", ours=_is_ours(plain, known.sites))
    return _judged_number(plain, known)


def _judged_number(plain: str, known: Known) -> tuple[str, Verdict]:
    """Judge a check code or a telephone number: twelve digits are a code, unless the number is ours."""
    code, number = read_code(plain), _dialled(plain)
    if is_whole(code) and known.has_code(code):
        return "code_genuine", Verdict.GENUINE
    ours = number in {_dialled(phone) for phone in known.phones}
    if ours or (len(code) != DIGITS and _NUMBER.match(number)):
        return _listed("phone", ours=ours)
    if not code.isdigit():
        return "unclear", Verdict.UNKNOWN
    return ("code_unknown" if is_whole(code) else "code_slip"), Verdict.UNKNOWN


def _listed(kind: str, ours: bool) -> tuple[str, Verdict]:
    return (f"{kind}_genuine", Verdict.GENUINE) if ours else (f"{kind}_not_ours", Verdict.NOT_OURS)


def _is_ours(plain: str, sites: frozenset[str]) -> bool:
    """Whether an address leads to one of our hosts and to no other: no user part, no other port, https."""
    whole = plain if "//" in plain else f"https://{plain}"
    try:
        parts = urlsplit(whole)
        port = parts.port
    except ValueError:
        return False
    plainly = "@" not in parts.netloc and "\\" not in whole and port in (None, 443)
    return plainly and parts.scheme in ("https", "") and (parts.hostname or "") in sites


def _dialled(phone: str) -> str:
    """Return a number as it is dialled in Japan."""
    digits = _PHONE_MARKS.sub("", unicodedata.normalize("NFKC", phone))
    return "0" + digits.removeprefix("+81").removeprefix("0") if digits.startswith("+81") else digits


def _say(name: str, said: Mapping[str, str], language: Language) -> str:
    text = texts()[name].text.within(language)
    return PLACEHOLDER.sub(lambda found: said[found[1]], text)


@cache
def texts() -> Mapping[str, Paragraph]:
    """Return the texts of answers by name; ValueError where the shipped file is wrong."""
    content = resources.files(__package__ or "").joinpath("words", "checking.yaml").read_bytes()
    file = TemplateFile("checking", content, {"sender", "phone", "asked"})
    held = file.small_texts([each for name in _NAMES for each in (name, f"{name}_todo")])
    if file.problems:
        raise ValueError("; ".join(map(str, file.problems)))
    return held
