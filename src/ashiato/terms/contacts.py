"""Words for how a person can be told: ways, which address, what is wrong with one, what a person is."""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    """A way to tell a person; ``publication`` stands for the substitute measure where no way is left.

    ``mobile`` is a phone that takes short messages, ``phone`` one that may not.
    """

    LETTER = "letter"
    MAIL = "mail"
    MOBILE = "mobile"
    PHONE = "phone"
    PUBLICATION = "publication"


class AddressUse(StrEnum):
    """When a column's address holds, best first.

    ``safe``: where a person who is protected asked to be written to. ``never``: not for telling anybody.
    """

    SAFE = "safe"
    NOW = "now"
    CONTRACT = "at contract"
    NEVER = "never"


class ContactFault(StrEnum):
    """What is wrong with a way of contact, or why it may not be used."""

    MAIL_MALFORMED = "mail-malformed"
    PHONE_MALFORMED = "phone-malformed"
    PHONE_LENGTH = "phone-length"
    NO_POSTAL_CODE = "no-postal-code"
    POSTAL_CODE_LENGTH = "postal-code-length"
    ADDRESS_INCOMPLETE = "address-incomplete"
    UNDELIVERABLE = "undeliverable"
    PROTECTED = "protected"
    PROTECTED_PERHAPS = "protected-perhaps"
    DECEASED = "deceased"
    NO_CONTACT = "no-contact"


#: Faults with which a way can still be used: they are told and make others come first.
HARMLESS = frozenset({ContactFault.NO_POSTAL_CODE, ContactFault.POSTAL_CODE_LENGTH})


class PersonState(StrEnum):
    """What is known of a person beyond a persona. Who is none of these is an adult, of today, alive.

    ``guardian-unknown``: a minor of whom no guardian is found. ``age-unknown``: no birth date is told that
    can be read.
    """

    PAST = "past"
    MINOR = "minor"
    GUARDIAN_UNKNOWN = "guardian-unknown"
    AGE_UNKNOWN = "age-unknown"
    DECEASED = "deceased"
    PROTECTED = "protected"
    COMPANY = "company"
