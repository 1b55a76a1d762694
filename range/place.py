"""A running range as its visitors know it: where its sites are, who is in them, and with which passwords."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from range.client import Client, Reply
from range.draws import Draws
from range.errors import RangeError
from range.keeper import STATE
from range.people.tables import mail, password
from range.site.accounts import partner_token, staff_login, staff_password
from range.site.definition import Site
from range.sites import SITES


@dataclass(frozen=True)
class Place:
    """One site of a range that is up."""

    folder: Path
    site: Site
    state: dict[str, Any]

    @property
    def url(self) -> str:
        """Where its nginx answers."""
        return str(self.state["sites"][self.site.name]["url"])

    @property
    def people(self) -> int:
        """How many people there are; their keys run from 1."""
        return int(self.state["people"])

    @cached_property
    def draws(self) -> Draws:
        """What everybody was drawn from."""
        return Draws(int(self.state["seed"]))

    def record(self, person: int) -> str:
        """Return the path of one person's record for customers' programs."""
        return self.site.record.replace("<int:key>", str(person))

    def customer(self, address: str, number: int) -> tuple[Client, Reply]:
        """Sign a customer in from an address."""
        client = Client(self.url, address)
        form = {"email": mail(self.draws, number), "password": password(self.draws, number)}
        return client, client.post("/login", form)

    def staff(self, address: str, number: int) -> tuple[Client, Reply]:
        """Sign a member of staff in from an address."""
        client = Client(self.url, address)
        form = {"login": staff_login(number), "password": staff_password(self.draws, number)}
        return client, client.post("/staff/login", form)

    def partner(self, address: str, number: int) -> Client:
        """Return a partner's program, which shows its token with every request."""
        return Client(self.url, address, "partner-sync/2.4", bearer=partner_token(self.draws, number))


def find_place(folder: Path, site: str) -> Place:
    """Return a site of the range that runs in a folder."""
    state = read_state(folder)
    if site not in state["sites"]:
        message = f"The range in {folder} has no {site}."
        raise RangeError(message, f"name one of {', '.join(state['sites'])}.")
    return Place(folder, SITES[site], state)


def read_state(folder: Path) -> dict[str, Any]:
    """Return what the keeper said of the range in a folder."""
    try:
        text = (folder / STATE).read_text("utf-8")
    except FileNotFoundError:
        message = f"No range is up in {folder}."
        raise RangeError(message, f"python -m range start {folder}") from None
    state: dict[str, Any] = json.loads(text)
    return state
