"""Letters from the public pages, brought to the desk by whichever verb is run next, and told."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from ashiato.cli.screen import say
from ashiato.exports.words import Words

if TYPE_CHECKING:
    from ashiato.rooms.notifying.api import Campaign


def bring_letters(campaign: Campaign, at: datetime, words: Words) -> None:
    """Bring what waits to the desk; says how many came and how many do not open, and nothing of none."""
    from ashiato.web.intake import letters_to_desk

    counted = letters_to_desk(campaign, at)
    if counted.passed:
        say(words.say("desk.letters", count=words.number(counted.passed)))
    if counted.unreadable:
        say(words.say("desk.letters_unreadable", count=words.number(counted.unreadable)))
