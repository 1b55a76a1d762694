"""What a message is not made from: missing, hostile or foreign values, each refused with its reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from ashiato.exports.words import Language
from ashiato.law.api import Text
from ashiato.letters.notices.claims import Claim, claims_beyond
from ashiato.letters.notices.codes import is_whole
from ashiato.letters.notices.matter import (
    TOLD_GRADES,
    Channel,
    EasyIncident,
    Incident,
    NoticeMatter,
    Recipient,
    Sender,
    Style,
)
from ashiato.letters.notices.readings import bare
from ashiato.letters.notices.unsafe import addresses_in, name_of, unsafe_in, unshowable
from ashiato.terms.errors import AshiatoError
from ashiato.written.problems import shown

HONORIFICS = ("様", "さま", "さん", "殿", "御中", "先生", "")
_LONGEST_NAME = 100
_LONGEST_PAGE = 60
_LONGEST_LINE = 120
_LONGEST_LABEL = 60
_MOST_LINES = 5
_HOST = re.compile(r"(?=.{4,80}\Z)(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}\Z")
_PHONE = re.compile(r"\+?[0-9][0-9()\- ]{5,18}[0-9]\Z")
_POST_CODE = re.compile(r"[0-9]{3}-?[0-9]{4}\Z")
_COLOUR = re.compile(r"#[0-9a-f]{6}\Z")


class NoticeError(AshiatoError):
    """A message must not be made from this; the message says of which value, and what to do."""

    exit_code = 9


class CampaignError(NoticeError):
    """Nobody may be told with these texts or by this sender."""


@lru_cache(maxsize=64)
def refuse_campaign(incident: Incident, sender: Sender) -> None:
    """Raise CampaignError where the texts of the incident or the sender may not be sent to anybody."""
    for name, text in _incident_texts(incident):
        for language in Language:
            for what in _text_faults(text.within(language), language, sender.site):
                raise CampaignError(f"{name} ({language}): {what}.", fix="say it without; see the guide.")
    for name, easy in _easy_texts(incident.easy):
        for what in _text_faults(bare(easy), Language.JA, sender.site):
            raise CampaignError(f"{name} (easy Japanese): {what}.", fix="say it without; see the guide.")
    for name, what in _sender_faults(sender):
        raise CampaignError(f"{name}: {what}.", fix="mend it in the sender's settings.")


def refuse_style(incident: Incident, style: Style) -> None:
    """Raise CampaignError where a style asks for words that nobody has written."""
    if style is Style.EASY and incident.easy is None:
        fix = "write the four texts in short sentences, or choose another style."
        raise CampaignError("the incident is not told in easy Japanese.", fix=fix)


def refuse_person(matter: NoticeMatter, channel: Channel, language: Language) -> None:
    """Raise NoticeError where what is known of a person may not be sent as it stands."""
    for name, what in _person_faults(matter, channel, language):
        raise NoticeError(f"{shown(matter.reference, 40)}: {name}: {what}.", fix="mend it and plan again.")


def _incident_texts(incident: Incident) -> Iterator[tuple[str, Text]]:
    yield "what happened", incident.outline
    yield "the cause", incident.cause
    yield "what is known of misuse", incident.misuse
    yield "what has been done", incident.done


def _easy_texts(easy: EasyIncident | None) -> Iterator[tuple[str, str]]:
    if easy is not None:
        yield "what happened", easy.outline
        yield "the cause", easy.cause
        yield "what is known of misuse", easy.misuse
        yield "what has been done", easy.done


def _text_faults(text: str, language: Language, site: str) -> Iterator[str]:
    if not text.strip():
        yield "nothing is written"
    if len(text) > 1_200:
        yield f"{len(text):,} characters are too many"
    yield from unsafe_in(text, frozenset({site}))
    if beyond := claims_beyond(text, language, Claim.POSSIBLE):
        yield f"`{shown(beyond)}` claims of everybody what holds of some"


def _sender_faults(sender: Sender) -> Iterator[tuple[str, str]]:
    names = {"sender": sender.name, "desk": sender.desk.name, "hours": sender.desk.hours}
    if sender.other:
        names["the other party"] = sender.other
    for name, text in names.items():
        for language in Language:
            yield from _line_faults(name, text.within(language), _LONGEST_NAME)
    yield from _address_faults("the sender's address", sender.address.post_code, sender.address.lines)
    if not _HOST.match(sender.site):
        yield "site", f"`{shown(sender.site)}` is no name of a site such as www.example.co.jp"
    if not _is_page_of(sender.check_page, sender.site):
        what = f"`{shown(sender.check_page)}` is no https page of {shown(sender.site)} that ends with a slash"
        yield "check page", what
    if not _PHONE.match(sender.desk.phone):
        yield "telephone", f"`{shown(sender.desk.phone)}` is no number as people dial it"
    if not _COLOUR.match(sender.colour):
        yield "colour", f"`{shown(sender.colour)}` is not of the form #1f3a5f"


def _is_page_of(page: str, site: str) -> bool:
    """Whether a code can stand behind the address, and the whole be small enough to scan."""
    return len(page) <= _LONGEST_PAGE and bool(
        re.fullmatch(rf"https://{re.escape(site)}/(?:[A-Za-z0-9._~-]+/)*", page)
    )


def _person_faults(matter: NoticeMatter, channel: Channel, language: Language) -> Iterator[tuple[str, str]]:
    person = matter.recipient
    if not matter.reference.strip():
        yield "reference", "there is none"
    if not is_whole(matter.code):
        yield "check code", f"`{shown(matter.code)}` is not 12 digits with the right check digit"
    yield from _line_faults("name", person.name, _LONGEST_NAME)
    if set(person.name) & set("｜《》"):
        yield "name", "it holds a mark that sets readings (one of ｜《》)"
    yield from _optional_faults(person)
    yield from _field_faults(matter, language)
    if channel is Channel.LETTER:
        yield from _letter_faults(person)
    elif named := addresses_in(person.name):
        yield "name", f"`{shown(named[0])}` reads as an address that a screen may turn into a link"


def _optional_faults(person: Recipient) -> Iterator[tuple[str, str]]:
    if person.honorific not in HONORIFICS:
        yield "honorific", f"`{shown(person.honorific)}` is none of {'、'.join(filter(None, HONORIFICS))}"
    for name, text in (("kana", person.kana), ("the guardian's name", person.guardian_name)):
        if text:
            yield from _line_faults(name, text, _LONGEST_NAME)


def _field_faults(matter: NoticeMatter, language: Language) -> Iterator[tuple[str, str]]:
    if not matter.fields:
        yield "fields", "none was reached, so there is nothing to tell"
    for field in matter.fields:
        if field.grade not in TOLD_GRADES:
            yield "fields", f"`{shown(field.label.within(language))}` is {field.grade.word}"
        yield from _label_faults(field.label.within(language), language)
    for label in matter.cleared:
        yield from _label_faults(label.within(language), language)


@lru_cache(maxsize=4_096)
def _label_faults(label: str, language: Language) -> tuple[tuple[str, str], ...]:
    """Faults of a field's name: it is a name, not a sentence that claims or asks."""
    found = [*_line_faults("a field's name", label, _LONGEST_LABEL)]
    found.extend(("a field's name", what) for what in unsafe_in(label))
    if claims_beyond(label, language, Claim.NOTHING):
        found.append(("a field's name", f"`{shown(label)}` makes a claim of its own"))
    return tuple(found)


def _letter_faults(person: Recipient) -> Iterator[tuple[str, str]]:
    if person.address is None:
        yield "address", "there is none, so no letter can be sent"
    else:
        yield from _address_faults("address", person.address.post_code, person.address.lines)


def _address_faults(name: str, post_code: str, lines: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if post_code and not _POST_CODE.match(post_code):
        yield name, f"`{shown(post_code)}` is no post code of seven digits"
    if not 1 <= len(lines) <= _MOST_LINES:
        yield name, f"{len(lines)} lines; one to {_MOST_LINES} fit the window"
    for line in lines:
        yield from _line_faults(name, line, _LONGEST_LINE)


def _line_faults(name: str, text: str, longest: int) -> Iterator[tuple[str, str]]:
    if not text.strip():
        yield name, "there is none"
    if len(text) > longest:
        yield name, f"{len(text):,} characters; at most {longest} can be shown"
    elif hidden := unshowable(text):
        yield name, f"it holds {', '.join(map(name_of, hidden))}, which cannot be shown"
