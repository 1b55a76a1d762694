"""What a column of a table of people says of the person, as far as people are told apart by it."""

from __future__ import annotations

from enum import StrEnum


class Meaning(StrEnum):
    """One fact of a person; several columns may say parts of one (an address in three lines)."""

    NAME = "name"
    KANA = "name in kana"
    FAMILY = "family name"
    GIVEN = "given name"
    FAMILY_KANA = "family name in kana"
    GIVEN_KANA = "given name in kana"
    FORMER = "former family name"
    BIRTH = "birth date"
    SEX = "sex"
    PHONE = "phone"
    MAIL = "mail"
    POSTAL_CODE = "postal code"
    PREFECTURE = "prefecture"
    CITY = "city"
    ADDRESS = "address"
    PERSON_NUMBER = "number of the person"
    COMPANY_NUMBER = "number of the company"
    NOTHING = "nothing"
