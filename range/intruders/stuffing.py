"""Pairs of name and password stolen elsewhere are tried here; some people use one password everywhere.

One in so many pairs is right. What stands behind a right one is looked at once, as it is worth money.
"""

from __future__ import annotations

from range.client import Client
from range.intruders.attack import Attack
from range.loopback import intruder_addresses
from range.pacing import in_turns
from range.people.tables import mail, password

HITS = 60


def run(attack: Attack) -> None:
    """Try the pairs, spread over the addresses; 60 of them are right, evenly among the others."""
    draws, people = attack.place.draws, attack.place.people
    every = max(1, attack.requests // HITS)

    def attempt(client: Client, turn: int) -> None:
        person, right = turn % people + 1, turn % every == 0 and turn // every < HITS
        secret = password(draws, person) if right else f"summer{turn}"
        client.cookie = ""
        reply = client.post("/login", {"email": mail(draws, person), "password": secret})
        attack.truth.note(client, reply)
        if client.cookie:
            attack.truth.note(client, client.get("/mypage"))

    clients = [Client(attack.place.url, address) for address in intruder_addresses(attack.addresses)]
    in_turns(clients, attack.rate, attack.requests, attempt)
