"""Letters to look at before any is sent: one person's own, or a made-up person's in a client's style."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ashiato.exports.words import Language
from ashiato.law.api import Text
from ashiato.letters.notices.batches import Printing, set_batch
from ashiato.letters.notices.codes import code_of
from ashiato.letters.notices.compose import compose
from ashiato.letters.notices.matter import (
    Address,
    Channel,
    NoticeMatter,
    Persona,
    ReachedField,
    Recipient,
    Style,
)
from ashiato.letters.notices.message import Message
from ashiato.rooms.notifying.houses import House
from ashiato.terms.categories import Category
from ashiato.terms.errors import ServerError
from ashiato.terms.grades import Grade

_SAMPLE = "sample"
_FIELDS = (
    ReachedField(Text("お名前", "Name"), Category.IDENTITY, Grade.CONFIRMED),
    ReachedField(Text("電話番号", "Telephone number"), Category.CONTACT, Grade.PROBABLE),
    ReachedField(Text("振替口座", "Bank account"), Category.BANK_ACCOUNT, Grade.POSSIBLE),
)


def sample_of(house: House, dated: date) -> NoticeMatter:
    """Return what a made-up person would be told, one field of each grade; its code is nobody's."""
    return NoticeMatter(
        reference=_SAMPLE,
        code=code_of(b"no key of anything", _SAMPLE),
        edition=1,
        dated=dated,
        recipient=Recipient(
            "見本 太郎",
            email="mihon@example.jp",
            phone="090-0000-0000",
            address=Address("100-0013", ("東京都千代田区霞が関0丁目0番0号",)),
        ),
        persona=Persona.OTHER,
        fields=_FIELDS,
        cleared=(),
        incident=house.incident,
        sender=house.sender,
    )


def as_nobody(matter: NoticeMatter, house: House) -> NoticeMatter:
    """Return what somebody is told with a made-up person's name, address, code and reference."""
    nobody = sample_of(house, matter.dated)
    told = matter.recipient
    recipient = replace(
        nobody.recipient,
        honorific=told.honorific,
        guardian=told.guardian,
        guardian_name=nobody.recipient.name if told.guardian_name else "",
    )
    return replace(matter, recipient=recipient, code=nobody.code, reference=nobody.reference)


def message_of(
    matter: NoticeMatter, house: House, language: Language, style: Style, way: Channel = Channel.LETTER
) -> Message:
    """Return a message as text, a letter unless another way is named.

    In the style ``braille`` it is as a printer of braille takes it.
    """
    return compose(matter, way, language, style, house.wording)


def letter_of(matter: NoticeMatter, house: House, printing: Printing) -> bytes:
    """Return a letter as the printer would get it (PDF); ServerError where it cannot be printed."""
    made = set_batch("preview", [matter], printing, house.wording)
    if made.manifest.refused:
        raise ServerError(made.manifest.refused[0].why, fix="choose another channel, or mend what is wrong")
    return made.pdf
