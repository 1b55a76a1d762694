"""What every intruder is told: where, how fast, from how many addresses and sessions, and for how long."""

from __future__ import annotations

from dataclasses import dataclass

from range.client import Client
from range.loopback import intruder_addresses
from range.place import Place
from range.truth import Truth


@dataclass(frozen=True)
class Attack:
    """One intruder's orders; ``rate`` is of requests a second by all its clients together."""

    place: Place
    truth: Truth
    rate: float = 50.0
    addresses: int = 2
    sessions: int = 2
    requests: int = 500
    order: str = "sequential"

    def clients(self) -> list[Client]:
        """Sign in with stolen passwords of customers, and return a client for each address and session.

        The accounts are those of the last people, so that what was stolen is not what is read first.
        """
        spread = intruder_addresses(self.addresses)
        signed = []
        for number in range(self.sessions):
            client, reply = self.place.customer(spread[number % self.addresses], self.place.people - number)
            self.truth.note(client, reply, people=[])
            signed.append(client)
        count = max(self.addresses, self.sessions)
        return [
            Client(self.place.url, spread[each % self.addresses], cookie=signed[each % self.sessions].cookie)
            for each in range(count)
        ]

    def person(self, turn: int) -> int:
        """Return whom to ask for in a turn: one after the other, or in an order of chance without repeats."""
        people = self.place.people
        if self.order == "sequential":
            return turn % people + 1
        return (turn * _stride(people) + people // 3) % people + 1


def _stride(people: int) -> int:
    """A prime step that visits everybody; 15485863 divides no number of people below it."""
    return 15_485_863 % people or 1
