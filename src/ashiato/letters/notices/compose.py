"""One person's message: the template's paragraphs that concern a person, with that person's own fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from ashiato.exports.words import Language
from ashiato.law.api import Text
from ashiato.letters.notices.accepting import refuse_campaign, refuse_person, refuse_style
from ashiato.letters.notices.addressee import addressee_of, called
from ashiato.letters.notices.braille_text import braille_text
from ashiato.letters.notices.codes import grouped
from ashiato.letters.notices.hypertext import hypertext_of
from ashiato.letters.notices.matter import (
    ORGANISATION,
    Channel,
    Incident,
    NoticeMatter,
    Persona,
    ReachedField,
    Sender,
    Speaker,
    Style,
)
from ashiato.letters.notices.message import Block, Message, Part
from ashiato.letters.notices.plain_text import plain_of
from ashiato.letters.notices.template import GRADE_OF_LIST, PLACEHOLDER, Paragraph, Section, Template
from ashiato.letters.notices.wording import Wording, load_wording

_INSURED = frozenset({Persona.POLICYHOLDER, Persona.INSURED})


def compose(
    matter: NoticeMatter,
    channel: Channel,
    language: Language,
    style: Style = Style.ORDINARY,
    wording: Wording | None = None,
) -> Message:
    """Return the message; NoticeError, with what is wrong and the remedy, where it must not be sent.

    ``wording``: a client's own templates; else the shipped ones.
    """
    refuse_campaign(matter.incident, matter.sender)
    refuse_style(matter.incident, style)
    refuse_person(matter, channel, language)
    words = wording or load_wording()
    message = _Composer(matter, channel, language, style).compose(words.template(channel, language, style))
    return _as_on_paper(message, matter, words) if channel is Channel.LETTER else message


def _as_on_paper(message: Message, matter: NoticeMatter, words: Wording) -> Message:
    """Put into a letter's plain text what stands on paper around it: the name, and the code in its frame."""
    if message.style is Style.BRAILLE:
        return replace(message, text=braille_text(message, matter, words))
    name = addressee_of(matter.recipient, message.language)
    label = words.say("code", message.language)
    return replace(message, text=f"{name}\n\n{message.text}\n{label} {grouped(matter.code)}\n")


class _Composer:
    """Fills one template for one person."""

    def __init__(self, matter: NoticeMatter, channel: Channel, language: Language, style: Style) -> None:
        self._matter, self._channel, self._language, self._style = matter, channel, language, style
        self._said = _sayings(matter, language, style)
        self._holds = _conditions(matter)
        self._rows = _rows(matter, language, style)

    def compose(self, template: Template) -> Message:
        subject = self._fill(template.subject)
        parts = tuple(part for section in template.sections if (part := self._part(section)))
        text = plain_of(subject, parts, self._channel, self._language)
        html = hypertext_of(subject, parts, self._language) if self._channel is Channel.EMAIL else ""
        matter = self._matter
        return Message(
            matter.reference,
            matter.code,
            self._channel,
            self._language,
            self._style,
            subject,
            parts,
            text,
            html,
        )

    def _part(self, section: Section) -> Part | None:
        blocks = tuple(self._blocks(section))
        heading = self._fill(section.heading) if section.heading else ""
        return Part(section.item, heading, blocks) if blocks else None

    def _blocks(self, section: Section) -> Iterator[Block]:
        for paragraph in section.paragraphs:
            if not paragraph.when <= self._holds:
                continue
            rows = self._rows[paragraph.listed] if paragraph.listed else ()
            if rows or not paragraph.listed:
                yield Block(self._fill(paragraph), rows)

    def _fill(self, paragraph: Paragraph) -> str:
        text = paragraph.text.within(self._language)
        return PLACEHOLDER.sub(lambda found: self._said[found[1]], text) if "{" in text else text


def _sayings(matter: NoticeMatter, language: Language, style: Style) -> Mapping[str, str]:
    return {
        **_campaign_sayings(matter.incident, matter.sender, language, style),
        "name": called(matter.recipient, language),
        "addressee": addressee_of(matter.recipient, language),
        "code": grouped(matter.code),
    }


@lru_cache(maxsize=64)
def _campaign_sayings(
    incident: Incident, sender: Sender, language: Language, style: Style
) -> Mapping[str, str]:
    easy = incident.easy if style is Style.EASY else None
    return {
        "sender": sender.name.within(language),
        "other": sender.other.within(language) if sender.other else "",
        "holder": _holder(sender).within(language),
        "outline": easy.outline if easy else incident.outline.within(language),
        "cause": easy.cause if easy else incident.cause.within(language),
        "misuse": easy.misuse if easy else incident.misuse.within(language),
        "done": easy.done if easy else incident.done.within(language),
        "phone": sender.desk.phone,
        "hours": sender.desk.hours.within(language),
        "desk": sender.desk.name.within(language),
        "site": sender.site,
    }


def _holder(sender: Sender) -> Text:
    """Return the name of the company that the person knows."""
    return sender.other if sender.other and sender.speaks is Speaker.CONTRACTOR else sender.name


def _conditions(matter: NoticeMatter) -> frozenset[str]:
    return frozenset(
        {
            "minor" if matter.recipient.guardian else "adult",
            "organisation" if matter.recipient.honorific == ORGANISATION else "individual",
            "follow-up" if matter.edition > 1 else "first",
            "has policy" if matter.persona in _INSURED else "no policy",
            f"{matter.sender.speaks.value} speaks",
            matter.persona.value,
            f"grade {matter.grade.word}",
            *(f"kind {field.category.value}" for field in matter.fields),
            *(["other party"] if matter.sender.other else []),
            *(f"harm {harm}" for harm in matter.harms),
            *(["cleared"] if matter.cleared else []),
        }
    )


def _rows(matter: NoticeMatter, language: Language, style: Style) -> Mapping[str, tuple[str, ...]]:
    cleared = tuple(dict.fromkeys(text.within(language) for text in matter.cleared))
    label = _easy_label if style is Style.EASY else lambda field: field.label.within(language)
    told = {
        word: tuple(dict.fromkeys(label(field) for field in matter.fields if field.grade == grade))
        for word, grade in GRADE_OF_LIST.items()
    }
    return {**told, "cleared": cleared}


def _easy_label(field: ReachedField) -> str:
    return field.easy or field.label.ja
