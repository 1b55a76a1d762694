"""A customer's visit: signs in, looks at what is their own, thinks in between, mostly forgets to sign out."""

from __future__ import annotations

import random  # noqa: TID251 - for its type
from collections.abc import Iterator

from range.loopback import customer_address
from range.place import Place
from range.truth import Truth


def visit(place: Place, truth: Truth, chance: random.Random) -> Iterator[float]:
    """Go through one visit; yields the seconds that the customer thinks before each next step."""
    person = chance.randint(1, place.people)
    client, reply = place.customer(customer_address(person * 7919), person)
    truth.note(client, reply)
    for path in ["/mypage", *chance.choices(["/mypage", place.record(person)], k=chance.randint(0, 4))]:
        yield chance.lognormvariate(2.0, 0.8)
        truth.note(client, client.get(path))
    if chance.random() < 0.2:
        yield chance.lognormvariate(1.5, 0.6)
        truth.note(client, client.post("/logout", {}))
    client.close()
