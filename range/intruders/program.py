"""A partner's token in other hands: the batch door, as many people as it gives at once."""

from __future__ import annotations

from range.client import Client
from range.intruders.attack import Attack
from range.loopback import intruder_addresses
from range.pacing import in_turns
from range.site.application import BATCH

_PARTNER = 2


def run(attack: Attack) -> None:
    """Ask for everybody, a whole batch at a time."""
    clients = [attack.place.partner(address, _PARTNER) for address in intruder_addresses(attack.addresses)]
    people = attack.place.people

    def ask(client: Client, turn: int) -> bool:
        first = turn * BATCH + 1
        if first > people:
            return False
        keys = list(range(first, min(first + BATCH, people + 1)))
        attack.truth.note(client, client.post_json(attack.place.site.batch, {"ids": keys}))
        return True

    in_turns(clients, attack.rate, attack.requests, ask)
