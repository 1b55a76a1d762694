"""In which style somebody's letter is set: what they wished for, as far as there are words for it.

A wish for large print or easy Japanese tells of a person's health or origin: it stands in their locked wish
alone, and in no column.
"""

from __future__ import annotations

from ashiato.exports.words import Language
from ashiato.letters.notices.matter import Incident, Style
from ashiato.rooms.cases.api import Locker
from ashiato.rooms.notifying.models import PersonInScope
from ashiato.rooms.notifying.services.wishes import wish_of

#: What a person may wish their letters to be; a text for braille is no letter (``notify preview --style``).
STYLES = (Style.ORDINARY, Style.LARGE, Style.EASY)


def style_of(person: PersonInScope, incident: Incident, locker: Locker) -> Style:
    """Return the style of a person's letters; the ordinary one where no easy Japanese is written."""
    wished = Style(wish_of(person, locker).style or Style.ORDINARY)
    unwritten = incident.easy is None or person.language != Language.JA
    return Style.ORDINARY if wished is Style.EASY and unwritten else wished
