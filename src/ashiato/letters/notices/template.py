"""A template in plain values: headed sections of paragraphs, each with what it is said of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ashiato.law.api import Text
from ashiato.letters.notices.matter import Persona, Speaker
from ashiato.terms.categories import Category
from ashiato.terms.grades import Grade
from ashiato.written.problems import Spot

#: A name in braces that stands for something of the matter.
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
#: What names in braces stand for; the guide lists them.
PLACEHOLDERS = frozenset(
    {
        "name",
        "addressee",
        "sender",
        "holder",
        "other",
        "outline",
        "cause",
        "misuse",
        "done",
        "code",
        "phone",
        "hours",
        "desk",
        "site",
    }
)
#: The rows of fields that may stand under a paragraph.
LISTS = ("confirmed", "probable", "possible", "cleared")
#: What data may be used for, as ``engine/people/harms.yaml`` has it.
HARMS = (
    *("targeted-contact", "impersonation", "targeted-fraud", "bank-fraud", "card-fraud"),
    *("account-takeover", "identity-theft", "burglary", "extortion"),
)
#: Words that a paragraph may be tied to (``when``): it is said only where all of them hold.
CONDITIONS = frozenset(
    {
        *("minor", "adult", "individual", "organisation", "follow-up", "first"),
        *("other party", "cleared", "has policy", "no policy"),
        *(f"{speaker.value} speaks" for speaker in Speaker),
        *(persona.value for persona in Persona),
        *(f"kind {category.value}" for category in Category),
        *(f"grade {word}" for word in LISTS[:3]),
        *(f"harm {harm}" for harm in HARMS),
    }
)
#: Small texts that stand around every letter.
FRAME_TEXTS = (
    *("code", "code_hint", "square_hint", "telephone"),
    *("easy_code", "easy_code_hint", "easy_square_hint"),
)
GRADE_OF_LIST = {word: Grade.of_word(word) for word in LISTS[:3]}


@dataclass(frozen=True)
class Paragraph:
    """One paragraph in both languages. ``listed``: rows stand under it, and without rows it is not said."""

    text: Text
    when: frozenset[str]
    listed: str
    file: str
    lines: tuple[int | None, int | None]
    spot: Spot

    def line(self, language: str) -> int | None:
        """The line of the file on which the text of a language stands."""
        return self.lines[0 if language == "ja" else 1]

    def names(self, language: str) -> frozenset[str]:
        """The names in braces that it holds in a language."""
        return frozenset(PLACEHOLDER.findall(self.text.within(language)))


@dataclass(frozen=True)
class Section:
    """A headed part. ``item``: what it is for; ``heading``: None where it has none."""

    item: str
    heading: Paragraph | None
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True)
class Template:
    """One channel's message: subject and sections in the order they are read."""

    name: str
    subject: Paragraph
    sections: tuple[Section, ...]

    def paragraphs(self) -> Iterator[Paragraph]:
        """Subject, headings and paragraphs in reading order."""
        yield self.subject
        for section in self.sections:
            yield from (section.heading,) if section.heading else ()
            yield from section.paragraphs
