"""A customer's visit: signs in, looks at what is their own, thinks in between, mostly forgets to sign out."""

from __future__ import annotations

import random  # noqa: TID251 - for its type
from collections.abc import Iterator
from urllib.parse import quote

from range.loopback import customer_address
from range.people.words import PREFECTURES
from range.place import Place
from range.truth import Truth


def visit(place: Place, truth: Truth, chance: random.Random) -> Iterator[float]:
    """Go through one visit; yields the seconds that the customer thinks before each next step."""
    person = chance.randint(1, place.people)
    client, reply = place.customer(customer_address(person * 7919), person)
    truth.note(client, reply)
    own = ["/mypage", place.record(person), _search(place, chance)]
    for path in ["/mypage", *chance.choices(own, [3, 3, 1], k=chance.randint(0, 4))]:
        yield chance.lognormvariate(2.0, 0.8)
        truth.note(client, client.get(path))
    if chance.random() < 0.2:
        yield chance.lognormvariate(1.5, 0.6)
        truth.note(client, client.post("/logout", {}))
    client.close()


def _search(place: Place, chance: random.Random) -> str:
    """Return a search for something near, as the public search is meant to be used."""
    searched = place.site.searched
    near = quote(chance.choice(PREFECTURES))
    return f"{searched.path}?{searched.narrowed}={near}&q={quote(searched.word)}"
