"""A staff account that is not in its owner's hands pages through searches, name after name.

At the speed of a script, or at that of a person who reads each page: seconds between pages, drawn by chance.
"""

from __future__ import annotations

import random  # noqa: TID251 - seeded
import time
from urllib.parse import quote

from range.client import Client
from range.intruders.attack import Attack
from range.loopback import intruder_addresses
from range.pacing import in_turns
from range.people.words import SURNAMES
from range.site.pages import PAGE

_STAFF = 9


def by_script(attack: Attack) -> None:
    """Page as a script does, at the rate."""
    in_turns(
        _signed_in(attack),
        attack.rate,
        attack.requests,
        lambda client, turn: _ask(attack, client, turn),
    )


def by_hand(attack: Attack) -> None:
    """Page as a person does, who reads; the rate is the mean."""
    chance, clients = random.Random(attack.place.draws.seed), _signed_in(attack)
    for turn in range(attack.requests):
        _ask(attack, clients[turn % len(clients)], turn)
        time.sleep(chance.lognormvariate(-0.125, 0.5) / attack.rate)


def _signed_in(attack: Attack) -> list[Client]:
    clients = []
    for address in intruder_addresses(attack.addresses):
        client, reply = attack.place.staff(address, _STAFF)
        attack.truth.note(client, reply)
        clients.append(client)
    return clients


def _ask(attack: Attack, client: Client, turn: int) -> None:
    """Ask for the next page: all pages that a name is likely to have, then the next name."""
    pages = max(1, attack.place.people // len(SURNAMES) // PAGE)
    name, page = SURNAMES[turn // pages % len(SURNAMES)][0], turn % pages + 1
    attack.truth.note(client, client.get(f"{attack.place.site.listing}?q={quote(name)}&page={page}"))
