"""A text in both languages of the house."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """One text in Japanese and in English."""

    ja: str
    en: str

    def within(self, language: str) -> str:
        """Return the text in ``ja``, else in English."""
        return self.ja if language == "ja" else self.en

    @classmethod
    def of(cls, fields: Mapping[str, str]) -> Text:
        """Return the text of a mapping that holds ``ja`` and ``en``."""
        return cls(fields["ja"], fields["en"])
