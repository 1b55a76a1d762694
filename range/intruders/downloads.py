"""Files taken whole: the staff's export of everybody, and the backup that was left in the web's folder."""

from __future__ import annotations

from urllib.parse import quote

from range.client import Client
from range.intruders.attack import Attack
from range.loopback import intruder_addresses
from range.pacing import in_turns
from range.people.words import SURNAMES

_STAFF = 12
#: What is tried for a left-over file, by whoever does not know its name; lists of such words are public.
_GUESSES = (
    "/backup.zip", "/backup.tar.gz", "/backup/", "/db.sql", "/dump.sql", "/.git/config", "/.env", "/old/",
    "/backup/db.sql.gz", "/site.bak", "/data.csv", "/export.csv",
)  # fmt: skip


def export(attack: Attack) -> None:
    """Export by a stolen staff account: as many people as one file takes, then a file for each name."""
    client, reply = attack.place.staff(intruder_addresses(1)[0], _STAFF)
    attack.truth.note(client, reply)
    names = ["", *(surname for surname, *_ in SURNAMES)]

    def ask(client: Client, turn: int) -> None:
        name = quote(names[turn])
        attack.truth.note(client, client.get(f"{attack.place.site.export}?q={name}"))

    in_turns([client], attack.rate, min(attack.requests, len(names)), ask)


def left_over(attack: Attack) -> None:
    """Guess at files, then take the backup, from each address."""
    guesses = (*_GUESSES, attack.place.site.left_over)
    for address in intruder_addresses(attack.addresses):
        client = Client(attack.place.url, address, "curl/7.88.1")
        in_turns(
            [client], attack.rate, len(guesses), lambda client, turn: _take(attack, client, guesses[turn])
        )


def _take(attack: Attack, client: Client, path: str) -> None:
    attack.truth.note(client, client.get(path))
