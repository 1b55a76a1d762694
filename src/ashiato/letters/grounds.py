"""The grounds of a sentence that the diary gives."""

from __future__ import annotations

from ashiato.exports.words import Language
from ashiato.law.api import Entry
from ashiato.letters.document import Ground
from ashiato.letters.phrases import phrase


def entry_ground(entry: Entry, language: Language) -> Ground:
    """Return the entry as a ground: its line in the diary, and who noted it."""
    line = f"{phrase('diary', language)} {phrase('line', language, line=entry.where.line)}"
    return Ground(line, entry.source or str(entry.known or ""), entry.by or phrase("asserted", language))
