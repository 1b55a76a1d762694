"""What a run changes for one person of a campaign: decided here, done by the planner."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ashiato.rooms.notifying.models import Notice, PersonInScope
from ashiato.rooms.notifying.scope import NO_WISH, PersonFound, Wish
from ashiato.rooms.notifying.states import Channel, State


class Change(StrEnum):
    """What becomes of a person's notice."""

    ADDED = "added"
    EXCLUDED = "excluded"
    SAME = "unchanged"
    RENEWED = "changed before sending"
    FOLLOWED_UP = "follow-up after sending"
    REDIRECTED = "other channel before sending"
    EXCLUDED_NOW = "excluded before sending"
    CLEARED = "cleared before sending"
    CLEARED_LATE = "cleared after sending"


@dataclass(frozen=True)
class Standing:
    """A person of the campaign, the notice that counts for them, what they are told now and wish."""

    person: PersonInScope
    notice: Notice | None
    told: bytes = b""
    wish: Wish = NO_WISH

    @property
    def waits(self) -> bool:
        """Whether nothing was offered to them yet of what counts."""
        return self.notice is not None and self.notice.state == State.PLANNED


def as_wished(found: PersonFound, standing: Standing | None) -> PersonFound:
    """Return what a run found, told as the person asked of us: a run does not take that back."""
    return standing.wish.granted(found) if standing else found


def change_of(found: PersonFound, standing: Standing | None, answer: str) -> Change:
    """Say what a run changes: told and changed is a follow-up, not yet told and changed is told anew."""
    if standing is None:
        return Change.EXCLUDED if found.excluded else Change.ADDED
    if standing.notice is None:
        return Change.SAME if found.excluded else Change.FOLLOWED_UP
    if standing.notice.state != State.PLANNED:
        is_same = standing.person.answer == answer and not _may_be_reached_now(found, standing)
        changed = Change.SAME if is_same else Change.FOLLOWED_UP
        return Change.CLEARED_LATE if found.excluded else changed
    return _before_sending(found, standing, standing.notice)


def _may_be_reached_now(found: PersonFound, standing: Standing) -> bool:
    """Tell whether somebody whom no channel reached stands in this run with another way to them."""
    is_missed = standing.notice is not None and standing.notice.state in (State.BOUNCED, State.RETURNED)
    return is_missed and bool(found.channels) and standing.told != found.told()


def _before_sending(found: PersonFound, standing: Standing, notice: Notice) -> Change:
    if found.excluded:
        return Change.EXCLUDED_NOW
    if notice.channel == Channel.PUBLICATION and standing.person.channels and standing.told == found.told():
        # It stands in for channels that failed: nothing says that they would not fail again.
        return Change.SAME
    if notice.channel not in (found.channels or (Channel.PUBLICATION,)):
        return Change.REDIRECTED
    return Change.SAME if standing.told == found.told() else Change.RENEWED
