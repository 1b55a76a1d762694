"""Field categories and legal tags of personal data."""

from __future__ import annotations

from enum import StrEnum


class Category(StrEnum):
    """What a column says of a person; ``other`` for columns that say nothing by themselves."""

    IDENTITY = "identity"
    CONTACT = "contact"
    BIRTH = "birth"
    SEX = "sex"
    CONTRACT = "contract"
    PREMIUM = "premium"
    BANK_ACCOUNT = "bank account"
    CARD = "card"
    MEDICAL = "medical"
    FAMILY = "family"
    CREDENTIAL = "credential"
    GOVERNMENT_NUMBER = "government number"
    FREE_TEXT = "free text"
    OTHER = "other"


class LegalTag(StrEnum):
    """Two Japanese tags, which differ: special care-required (APPI) and finance-sensitive (FSA)."""

    SPECIAL_CARE = "special care-required"
    FINANCE_SENSITIVE = "finance-sensitive"
