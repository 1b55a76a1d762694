"""Letters by the batch: one PDF for the printer, and a manifest of what is in it."""

from __future__ import annotations

import calendar
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

import orjson

from ashiato.exports.words import Language
from ashiato.letters.notices.accepting import CampaignError, NoticeError
from ashiato.letters.notices.addressee import addressee_of
from ashiato.letters.notices.bodies import Body, body_of
from ashiato.letters.notices.codes import grouped
from ashiato.letters.notices.compose import compose
from ashiato.letters.notices.glyphs import unprintable_in
from ashiato.letters.notices.look import LOOKS, marks_of, name_size, places_of
from ashiato.letters.notices.manifest import Entry, Manifest, Refused
from ashiato.letters.notices.matter import Channel, NoticeMatter, Style
from ashiato.letters.notices.press import press
from ashiato.letters.notices.profile import USUAL, Profile
from ashiato.letters.notices.squares import squares_of
from ashiato.letters.notices.window import Window, window_of
from ashiato.letters.notices.wording import Wording, load_wording


@dataclass(frozen=True)
class Printing:
    """How a batch is printed. ``duplex``: on both sides, so that each letter begins on a new sheet.

    ``profile``: what the printer's machines ask for.
    """

    language: Language
    style: Style = Style.ORDINARY
    duplex: bool = True
    profile: Profile = USUAL


@dataclass(frozen=True)
class Batch:
    """Letters in one PDF, and what is in it."""

    pdf: bytes
    manifest: Manifest


@dataclass(frozen=True)
class _Letter:
    """One letter, ready to be set. ``number``: its place among those set in its batch, from 1."""

    number: int
    matter: NoticeMatter
    body: Body
    sheets: tuple[Mapping[str, object], ...]
    window: Window


def set_batch(
    name: str, matters: Iterable[NoticeMatter], printing: Printing, wording: Wording | None = None
) -> Batch:
    """Return the letters to people as one batch called ``name``; the same people give the same bytes.

    Whoever cannot be written to is left out and listed with the reason; CampaignError where nobody can.
    """
    _refuse_style(printing)
    words = wording or load_wording()
    letters: list[_Letter] = []
    refused: list[Refused] = []
    for matter in matters:
        try:
            letters.append(_letter(len(letters) + 1, matter, printing, words))
        except CampaignError:
            raise
        except NoticeError as why:
            refused.append(Refused(matter.reference, str(why)))
    return _set(name, letters, tuple(refused), printing, words)


def reprint(
    name: str, number: int, matter: NoticeMatter, printing: Printing, wording: Wording | None = None
) -> Batch:
    """Return one letter of a batch again: the same pages, with the marks of its ``number`` (from 1)."""
    words = wording or load_wording()
    return _set(name, [_letter(number, matter, printing, words)], (), printing, words)


def _set(
    name: str,
    letters: Sequence[_Letter],
    refused: tuple[Refused, ...],
    printing: Printing,
    wording: Wording,
) -> Batch:
    contents = [_contents(letter, printing) for letter in letters]
    whole = {
        "title": name,
        "language": printing.language.value,
        "frame": {**places_of(printing.profile), "label": wording.say("code", printing.language)},
        "letters": contents,
    }
    bodies = {letter.body.name: letter.body.pdf for letter in letters}
    source = files(__package__ or "").joinpath("sheets.typ").read_bytes()
    pdf = press(source, orjson.dumps(whole), bodies, _dated(letters)) if letters else b""
    entries = tuple(_entries(letters, contents))
    pages = entries[-1].last_page if entries else 0
    digest = hashlib.sha256(pdf).hexdigest()
    return Batch(pdf, Manifest(name, digest, wording.digest, pages, entries, refused))


def _dated(letters: Sequence[_Letter]) -> int:
    """Return the first moment (UTC) of the latest day on the letters, which the file is dated by."""
    return calendar.timegm(max(letter.matter.dated for letter in letters).timetuple())


def _letter(number: int, matter: NoticeMatter, printing: Printing, wording: Wording) -> _Letter:
    message = compose(matter, Channel.LETTER, printing.language, printing.style, wording)
    _refuse_unprintable(matter)
    window = window_of(matter.recipient, printing.language, printing.profile)
    body = body_of(matter, message, wording, printing.profile)
    return _Letter(number, matter, body, tuple(_sheets(number, body.pages, printing)), window)


def _refuse_style(printing: Printing) -> None:
    if printing.style not in LOOKS:
        fix = "compose the message and hand its text to the printer of braille."
        raise CampaignError(f"a letter in the style `{printing.style}` is text, not paper.", fix=fix)


def _sheets(number: int, pages: int, printing: Printing) -> Iterator[Mapping[str, object]]:
    """Yield the sides of a letter; printed on both, the back of the last sheet may be empty."""
    sides = pages + pages % 2 if printing.duplex else pages
    for side in range(1, sides + 1):
        front = not printing.duplex or side % 2 == 1
        last = side + printing.duplex >= sides
        marks = marks_of(number, printing.profile.marks, last=last) if front else ()
        yield {"text": side <= pages, "marks": marks}


def _contents(letter: _Letter, printing: Printing) -> Mapping[str, object]:
    matter = letter.matter
    name = addressee_of(matter.recipient, printing.language)
    return {
        "body": letter.body.name,
        "pages": letter.body.pages,
        "sheets": letter.sheets,
        "code": grouped(matter.code),
        "square": list(squares_of(matter.sender.check_page).picture(matter.code)),
        "window": letter.window,
        "name": name,
        "name-size": name_size(name, LOOKS[printing.style]),
    }


def _entries(letters: Sequence[_Letter], contents: Sequence[Mapping[str, object]]) -> Iterator[Entry]:
    first = 1
    for letter, content in zip(letters, contents, strict=True):
        last = first + len(letter.sheets) - 1
        digest = hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
        has_bars = "yes" if letter.window.bars else "no"
        yield Entry(letter.number, letter.matter.reference, letter.matter.code, first, last, digest, has_bars)
        first = last + 1


def _refuse_unprintable(matter: NoticeMatter) -> None:
    """Refuse a name or address with a character that the font lacks: worse than a wait is a wrong name."""
    person = matter.recipient
    lines = person.address.lines if person.address else ()
    for text in (person.name, person.guardian_name, *lines):
        if missing := list(dict.fromkeys(unprintable_in(text))):
            what = f"{matter.reference}: the font has no {', '.join(missing)}."
            raise NoticeError(what, fix="give the form to be printed by hand, and plan again.")
