"""From a notice of the ledger to the message its person gets: unlocked, composed, never kept."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from functools import lru_cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from ashiato.exports.words import Language
from ashiato.law.api import Text
from ashiato.letters.notices.compose import compose
from ashiato.letters.notices.matter import (
    ORGANISATION,
    Address,
    NoticeMatter,
    Persona,
    ReachedField,
    Recipient,
    Style,
)
from ashiato.letters.notices.matter import Channel as Way
from ashiato.letters.notices.message import Message
from ashiato.outside.messages.email.addresses import Mailbox
from ashiato.outside.messages.email.mime import Mail
from ashiato.outside.messages.sms.gateway import Sms
from ashiato.rooms.cases.api import Locker, read_key
from ashiato.rooms.notifying.houses import House, house_name, house_of, list_houses
from ashiato.rooms.notifying.models import Campaign, Notice
from ashiato.rooms.notifying.services.editions import edition_told
from ashiato.rooms.notifying.styling import style_of
from ashiato.terms.categories import Category
from ashiato.terms.errors import ServerError
from ashiato.terms.grades import Grade
from ashiato.terms.ids import sha256_text


class Composer:
    """Makes the messages of one campaign; dated by the day in the operator's zone."""

    def __init__(self, campaign: Campaign, zone: ZoneInfo) -> None:
        """Raises ServerError, NoticeError: the key was destroyed, or the texts fit nobody; nobody is told."""
        self._campaign, self._zone = campaign, zone
        self._locker = Locker(read_key(campaign.key_name))
        self._houses = {name: house_of(campaign.matter, name) for name in list_houses(campaign.matter)}

    def house_name(self, notice: Notice) -> str:
        """Return the name of the house that speaks to somebody."""
        return house_name(self._campaign.matter, notice.person.client)

    def house(self, name: str) -> House:
        """Return a house by its name."""
        return self._houses[name]

    def style(self, notice: Notice) -> Style:
        """Return the style that a notice is set in as a letter."""
        return style_of(notice.person, self._house_of(notice).incident, self._locker)

    def message(self, notice: Notice, at: datetime) -> Message:
        """Compose a notice for its channel. Raises NoticeError: it must not be sent as it stands."""
        return self._composed(notice, self.matter(notice, at), Way(notice.channel))

    def matter(self, notice: Notice, at: datetime) -> NoticeMatter:
        """Return what a notice is made from."""
        return self._matter(notice, self._told(notice), at)

    def mail(self, notice: Notice, at: datetime) -> Mail:
        """Compose a notice as a mail."""
        told = self._told(notice)
        language = Language(notice.person.language)
        message = self._composed(notice, self._matter(notice, told, at), Way.EMAIL)
        return Mail(
            reference=notice.reference,
            to=Mailbox(told["contact"]["email"]),
            sender=self._house_of(notice).mailbox(language),
            subject=message.subject,
            text=message.text,
            html=message.html,
            at=at,
            language=str(language),
        )

    def sms(self, notice: Notice, at: datetime) -> Sms:
        """Compose a notice as a short message."""
        told = self._told(notice)
        message = self._composed(notice, self._matter(notice, told, at), Way.SMS)
        return Sms(notice.reference, told["contact"]["phone"], message.text.strip())

    def _house_of(self, notice: Notice) -> House:
        return self._houses[self.house_name(notice)]

    def _composed(self, notice: Notice, matter: NoticeMatter, way: Way) -> Message:
        language = Language(notice.person.language)
        style = self.style(notice) if way is Way.LETTER else Style.ORDINARY
        return compose(matter, way, language, style, self._house_of(notice).wording)

    def _told(self, notice: Notice) -> dict[str, Any]:
        person = notice.person
        if person.erased_at:
            what = f"what {notice.reference} was made from was erased on {person.erased_at:%Y-%m-%d}"
            raise ServerError(what, fix="ashiato notify history says what was done")
        told: dict[str, Any] = json.loads(self._locker.unlock(bytes(person.told), person.person_key))
        return told

    def _matter(self, notice: Notice, told: dict[str, Any], at: datetime) -> NoticeMatter:
        house = self._house_of(notice)
        return NoticeMatter(
            reference=notice.reference,
            code=notice.code,
            edition=edition_told(notice),
            dated=at.astimezone(self._zone).date(),
            recipient=recipient_of(told["contact"]),
            persona=Persona.of_word(notice.person.persona),
            fields=tuple(_field(**each) for each in told["fields"]),
            cleared=(),
            incident=house.incident,
            sender=house.sender,
            harms=frozenset(told["harms"]),
        )


def recipient_of(contact: dict[str, Any]) -> Recipient:
    """Return whom a message is addressed to."""
    lines = tuple(contact["lines"])
    return Recipient(
        name=contact["name"],
        honorific=ORGANISATION if contact["company"] else Recipient.honorific,
        kana=contact["kana"],
        address=Address(contact["post_code"], lines) if lines else None,
        email=contact["email"],
        phone=contact["phone"],
        guardian=contact["guardian"],
        guardian_name=contact["guardian_name"],
    )


def digest_of_mail(mail: Mail) -> str:
    """Name what a mail said, for the proof that outlives the words."""
    return sha256_text(mail.subject, mail.text, mail.html)


@lru_cache(maxsize=4_096)
def _field(ja: str, en: str, category: str, grade: int) -> ReachedField:
    return ReachedField(Text(ja, en), Category(category), Grade(grade))


@lru_cache(maxsize=1)
def digest_of_templates() -> str:
    """Name the templates as they are shipped."""
    digest = hashlib.sha256()
    folder = resources.files("ashiato.letters.notices").joinpath("words")
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()
