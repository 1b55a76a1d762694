"""How a person is called on an envelope and in a sentence."""

from __future__ import annotations

from ashiato.exports.words import Language
from ashiato.letters.notices.matter import Recipient


def called(person: Recipient, language: Language) -> str:
    """Return the name as a sentence calls it: with the honorific in Japanese."""
    return f"{person.name} {person.honorific}".strip() if language is Language.JA else person.name


def addressee_of(person: Recipient, language: Language) -> str:
    """Return to whom a message speaks: the person, or whoever has custody of the minor."""
    name = called(person, language)
    if not person.guardian:
        return name
    if language is Language.JA:
        return (
            f"{person.guardian_name} 様（{name}の親権者）" if person.guardian_name else f"{name}の親権者 様"
        )
    guardian = person.guardian_name
    return f"{guardian} (for {name})" if guardian else f"The parent or legal guardian of {name}"


def envelope_names(person: Recipient, language: Language) -> tuple[str, ...]:
    """Return the lines of names in an envelope's window."""
    name = called(person, language)
    if not person.guardian:
        return (name,)
    if language is Language.JA:
        return (name, f"親権者 {person.guardian_name} 様" if person.guardian_name else "親権者 様")
    return (person.guardian_name or "The parent or legal guardian", f"(for {name})")
