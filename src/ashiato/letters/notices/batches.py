"""Letters by the batch: one PDF for the printer, and a manifest of what is in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files

import orjson

from ashiato.exports.words import Language
from ashiato.letters.notices.accepting import NoticeError
from ashiato.letters.notices.addressee import addressee_of
from ashiato.letters.notices.bodies import Body, body_of
from ashiato.letters.notices.codes import grouped
from ashiato.letters.notices.compose import compose
from ashiato.letters.notices.glyphs import unprintable_in
from ashiato.letters.notices.look import marks_of, places_of
from ashiato.letters.notices.manifest import Entry, Manifest
from ashiato.letters.notices.matter import Channel, NoticeMatter, Style
from ashiato.letters.notices.message import Message
from ashiato.letters.notices.press import press
from ashiato.letters.notices.squares import squares_of
from ashiato.letters.notices.window import window_of
from ashiato.letters.notices.wording import Wording, load_wording


@dataclass(frozen=True)
class Printing:
    """How a batch is printed. ``duplex``: on both sides, so that each letter begins on a new sheet."""

    language: Language
    style: Style = Style.ORDINARY
    duplex: bool = True


@dataclass(frozen=True)
class Batch:
    """Letters in one PDF, and what is in it."""

    pdf: bytes
    manifest: Manifest


@dataclass(frozen=True)
class _Letter:
    """One letter, ready to be set. ``number``: its place in its batch, from 1."""

    number: int
    matter: NoticeMatter
    message: Message
    body: Body
    sheets: tuple[Mapping[str, object], ...]


def set_batch(
    name: str, matters: Sequence[NoticeMatter], printing: Printing, wording: Wording | None = None
) -> Batch:
    """Return the letters to people as one batch; NoticeError, with the reference, where one cannot be set.

    ``name``: of the batch. The same people in the same order give the same bytes.
    """
    numbered = list(enumerate(matters, 1))
    return _set(name, numbered, printing, wording or load_wording())


def reprint(
    name: str, number: int, matter: NoticeMatter, printing: Printing, wording: Wording | None = None
) -> Batch:
    """Return one letter of a batch again: the same pages, with the marks of its ``number`` (from 1)."""
    return _set(name, [(number, matter)], printing, wording or load_wording())


def _set(
    name: str, numbered: Sequence[tuple[int, NoticeMatter]], printing: Printing, wording: Wording
) -> Batch:
    letters = [_letter(number, matter, printing, wording) for number, matter in numbered]
    contents = [_contents(letter, printing) for letter in letters]
    whole = {
        "title": name,
        "language": printing.language.value,
        "frame": {**places_of(printing.style), "label": wording.say("code", printing.language)},
        "letters": contents,
    }
    bodies = {letter.body.name: letter.body.pdf for letter in letters}
    source = files(__package__ or "").joinpath("sheets.typ").read_bytes()
    pdf = press(source, {**bodies, "batch.json": orjson.dumps(whole)})
    entries = tuple(_entries(letters, contents))
    pages = entries[-1].last_page if entries else 0
    return Batch(pdf, Manifest(name, hashlib.sha256(pdf).hexdigest(), wording.digest, pages, entries))


def _letter(number: int, matter: NoticeMatter, printing: Printing, wording: Wording) -> _Letter:
    message = compose(matter, Channel.LETTER, printing.language, printing.style, wording)
    _refuse_unprintable(matter)
    body = body_of(matter, message, wording)
    return _Letter(number, matter, message, body, tuple(_sheets(number, body.pages, printing)))


def _sheets(number: int, pages: int, printing: Printing) -> Iterator[Mapping[str, object]]:
    """Yield the sides of a letter; printed on both, the back of the last sheet may be empty."""
    sides = pages + pages % 2 if printing.duplex else pages
    for side in range(1, sides + 1):
        front = not printing.duplex or side % 2 == 1
        last = side + printing.duplex >= sides
        yield {"text": side <= pages, "marks": marks_of(number, last=last) if front else ()}


def _contents(letter: _Letter, printing: Printing) -> Mapping[str, object]:
    matter, person = letter.matter, letter.matter.recipient
    return {
        "body": letter.body.name,
        "pages": letter.body.pages,
        "sheets": letter.sheets,
        "code": grouped(matter.code),
        "square": list(squares_of(matter.sender.check_page).picture(matter.code)),
        "window": asdict(window_of(person, printing.language)),
        "name": addressee_of(person, printing.language),
    }


def _entries(letters: Sequence[_Letter], contents: Sequence[Mapping[str, object]]) -> Iterator[Entry]:
    first = 1
    for letter, content in zip(letters, contents, strict=True):
        last = first + len(letter.sheets) - 1
        digest = hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
        yield Entry(letter.number, letter.matter.reference, letter.matter.code, first, last, digest)
        first = last + 1


def _refuse_unprintable(matter: NoticeMatter) -> None:
    """Refuse a name or address with a character that the font lacks: worse than a wait is a wrong name."""
    person = matter.recipient
    lines = person.address.lines if person.address else ()
    for text in (person.name, person.guardian_name, *lines):
        if missing := list(dict.fromkeys(unprintable_in(text))):
            what = f"{matter.reference}: the font has no {', '.join(missing)}."
            raise NoticeError(what, fix="give the form to be printed by hand, and plan again.")
