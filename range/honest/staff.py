"""A member of staff with a caller on the line: finds the customer by name, opens a record or two."""

from __future__ import annotations

import random  # noqa: TID251 - for its type
from collections.abc import Iterator
from urllib.parse import quote

from range.client import Client
from range.honest.hours import Hours, seconds_to_work
from range.loopback import OFFICE
from range.people.words import GIVEN_NAMES, SURNAMES
from range.place import Place
from range.truth import Truth, people_in


def call(place: Place, truth: Truth, client: Client, chance: random.Random) -> Iterator[float]:
    """Serve one caller; yields the seconds until the next step."""
    name = f"{chance.choice(SURNAMES)[0]} {chance.choice(GIVEN_NAMES)[0]}"
    found: list[int] = []
    for page in range(1, chance.choices([1, 2, 3], [80, 15, 5])[0] + 1):
        reply = client.get(f"{place.site.listing}?q={quote(name)}&page={page}")
        truth.note(client, reply)
        found = people_in(reply, place.site.people.key) or found
        yield chance.lognormvariate(2.2, 0.5)
    for person in chance.sample(found, min(len(found), chance.choice([1, 1, 1, 2]))):
        truth.note(client, client.get(f"{place.site.listing}/{person}"))
        yield chance.lognormvariate(4.2, 0.5)


def at_work(place: Place, truth: Truth, number: int, chance: random.Random, hours: Hours) -> Iterator[float]:
    """Sign in from the office each working day and serve callers until it closes, day after day."""
    while True:
        yield seconds_to_work(hours.then()) + chance.expovariate(1 / 300)
        client, reply = place.staff(OFFICE, number)
        truth.note(client, reply)
        while not seconds_to_work(hours.then()):
            yield from call(place, truth, client, chance)
            yield chance.expovariate(1 / 60)
        truth.note(client, client.post("/logout", {}))
        client.close()
