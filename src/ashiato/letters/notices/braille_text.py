"""A letter as text for a braille printer or a screen reader: no tables, no marks, a sentence a line."""

from __future__ import annotations

from collections.abc import Iterator

from ashiato.exports.words import Language
from ashiato.letters.notices.addressee import addressee_of
from ashiato.letters.notices.claims import sentences_of
from ashiato.letters.notices.codes import grouped
from ashiato.letters.notices.matter import NoticeMatter
from ashiato.letters.notices.message import Message
from ashiato.letters.notices.wording import Wording
from ashiato.letters.phrases import day_text


def braille_text(message: Message, matter: NoticeMatter, words: Wording) -> str:
    """Return the letter in reading order; the name's reading has a line of its own where it is known."""
    return "\n".join(_lines(message, matter, words)) + "\n"


def _lines(message: Message, matter: NoticeMatter, words: Wording) -> Iterator[str]:
    language, person, sender = message.language, matter.recipient, matter.sender
    yield addressee_of(person, language)
    if person.kana and language is Language.JA:
        yield person.kana
    yield from ("", day_text(matter.dated, language), sender.name.within(language), "", message.subject)
    for part in message.parts:
        yield ""
        yield from (part.heading,) if part.heading else ()
        for block in part.blocks:
            yield from sentences_of(block.text)
            yield from (f"{number} {row}" for number, row in enumerate(block.rows, 1))
    yield from ("", f"{words.say('code', language)} {grouped(matter.code).replace('-', ' ')}")
