"""A customer's session asks for one person after another: nobody checks whose record it is."""

from __future__ import annotations

from range.client import Client
from range.intruders.attack import Attack
from range.pacing import in_turns


def run(attack: Attack) -> None:
    """Ask for people's records at the rate, over all addresses and sessions."""

    def ask(client: Client, turn: int) -> None:
        attack.truth.note(client, client.get(attack.place.record(attack.person(turn))))

    in_turns(attack.clients(), attack.rate, attack.requests, ask)
