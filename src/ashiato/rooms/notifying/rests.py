"""Channels whose outside asked to be left alone: the others are sent by meanwhile."""

from __future__ import annotations

from collections.abc import Iterable

from ashiato.rooms.living import Clock


class Rests:
    """Until when each channel is left alone, by a clock that nobody can set."""

    def __init__(self, clock: Clock) -> None:
        """Nobody asked yet."""
        self._clock = clock
        self._until: dict[str, float] = {}

    def ask(self, channel: str, wait_s: int) -> None:
        """Leave a channel alone for so many seconds from now, or as long as it asked before."""
        until = self._clock.steady() + wait_s
        self._until[channel] = max(until, self._until.get(channel, until))

    def awake(self, channels: Iterable[str]) -> tuple[str, ...]:
        """Return the channels that are not left alone now."""
        now = self._clock.steady()
        return tuple(channel for channel in channels if self._until.get(channel, now) <= now)

    def first_end(self) -> float:
        """Return when the first channel may be used again that was left alone, by the steady clock."""
        now = self._clock.steady()
        return min((until for until in self._until.values() if until > now), default=now)
