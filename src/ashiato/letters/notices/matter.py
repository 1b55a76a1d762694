"""What a notice is made from: one person, the fields reached, the incident and who speaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ashiato.law.api import Text
from ashiato.letters.notices.logo import Logo
from ashiato.terms.categories import Category
from ashiato.terms.grades import Grade

#: The grades a person is told of; what was not reached is no row of a notice.
TOLD_GRADES = (Grade.CONFIRMED, Grade.PROBABLE, Grade.POSSIBLE)

#: The honorific of a clinic, a company or an office.
ORGANISATION = "御中"


class Channel(StrEnum):
    """By which way a person is told."""

    LETTER = "letter"
    EMAIL = "email"
    SMS = "sms"
    CALL = "call"


class Style(StrEnum):
    """How a text is made readable: as usual, in large print, in easy Japanese, ready for braille."""

    ORDINARY = "ordinary"
    LARGE = "large"
    EASY = "easy"
    BRAILLE = "braille"


class Persona(StrEnum):
    """What a person is to the sender; ``OTHER`` where no template says more."""

    POLICYHOLDER = "policyholder"
    INSURED = "insured"
    CLAIMANT = "claimant"
    REQUESTER = "requester"
    THIRD_PARTY = "third party"
    VET = "vet"
    AGENT = "agent"
    OTHER = "other"

    @classmethod
    def of_word(cls, word: str) -> Persona:
        """Return the persona that a data map's word means; ``OTHER``, of which nothing is said, for none."""
        plain = " ".join(word.lower().replace("-", " ").replace("_", " ").split())
        meant = _MEANT.get(plain, plain)
        return cls(meant) if meant in set(cls) else cls.OTHER


#: Words of data maps for the same.
_MEANT = {
    "policy holder": "policyholder",
    "insured person": "insured",
    "quote applicant": "requester",
    "applicant": "requester",
    "prospect": "requester",
    "accident victim": "third party",
    "victim": "third party",
    "clinic": "vet",
    "veterinarian": "vet",
    "agency": "agent",
}


class Speaker(StrEnum):
    """Who speaks: the company the person knows, or the contractor who handled the data for it."""

    CLIENT = "client"
    CONTRACTOR = "contractor"


@dataclass(frozen=True)
class ReachedField:
    """One field of this person that was reached: its name for the person, its kind and its grade.

    ``easy``: the name in easy Japanese, readings as ``｜漢字《かんじ》``; empty where nobody wrote one.
    """

    label: Text
    category: Category
    grade: Grade
    easy: str = ""


@dataclass(frozen=True)
class Address:
    """Where a letter goes: lines from the prefecture on, the building last.

    ``post_code``: seven digits; empty where none is known, or abroad.
    """

    post_code: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Recipient:
    """One person, with the channels known.

    ``honorific``: what follows the name in Japanese (``様``; ``ORGANISATION``). ``guardian``: the
    guardian is told in the minor's place; ``guardian_name`` where it is known.
    """

    name: str
    honorific: str = "様"
    kana: str = ""
    address: Address | None = None
    email: str = ""
    phone: str = ""
    guardian: bool = False
    guardian_name: str = ""


@dataclass(frozen=True)
class EasyIncident:
    """The same in easy Japanese: short sentences, readings as ``｜漢字《かんじ》``."""

    outline: str
    cause: str
    misuse: str
    done: str


@dataclass(frozen=True)
class Incident:
    """What everyone is told of the incident, in whole sentences; nobody's data.

    ``outline``: what happened and when; ``cause``; ``misuse``: misuse known or feared; ``done``: what has
    been done. The four stand for items 1, 4, 5 and 8 of rule 8 of the APPI's rules.
    """

    outline: Text
    cause: Text
    misuse: Text
    done: Text
    easy: EasyIncident | None = None


@dataclass(frozen=True)
class Desk:
    """Whom to call. ``phone`` as printed; ``hours`` and days in words."""

    name: Text
    phone: str
    hours: Text


@dataclass(frozen=True)
class Sender:
    """Who sends, and how a recipient makes sure of it.

    ``other``: the other party, named in the text: the contractor where the client speaks, the client
    where the contractor speaks; None where there is none. ``site``: the official site as a person types it
    (``www.example.co.jp``); ``check_page``: the https address of its page that checks a code, without the
    code. ``colour``: ``#rrggbb`` of headings; ``logo``: on paper alone, above the sender's block.
    """

    name: Text
    speaks: Speaker
    other: Text | None
    address: Address
    site: str
    check_page: str
    desk: Desk
    colour: str = "#1f3a5f"
    logo: Logo | None = None


@dataclass(frozen=True)
class NoticeMatter:
    """All that one message to one person is made from.

    ``reference``: the ledger's id of the notice; ``code``: its check code, 12 digits. ``edition``: 1 is the
    first. ``cleared``: what is *proven* not reached of this person. ``dated``: the day on the message.
    ``harms``: what the fields make possible together, by the words of the table ``sensitivities``.
    """

    reference: str
    code: str
    edition: int
    dated: date
    recipient: Recipient
    persona: Persona
    fields: tuple[ReachedField, ...]
    cleared: tuple[Text, ...]
    incident: Incident
    sender: Sender
    harms: frozenset[str] = frozenset()

    @property
    def grade(self) -> Grade:
        """The person's grade: the highest of the fields'."""
        return max((field.grade for field in self.fields), default=Grade.NOT_SHOWN)
