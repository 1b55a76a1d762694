"""Who speaks to whose people, in which words: the sender of a campaign, or a client's own (house style).

A client's part of the matter stands in for the same part of the whole: its sender key by key, its incident as
a whole, its templates file by file. Logo and templates are kept in the matter, so that they are approved.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ashiato.exports.words import Language
from ashiato.letters.notices.accepting import refuse_campaign
from ashiato.letters.notices.logos import logo_of
from ashiato.letters.notices.matter import Incident, Sender
from ashiato.letters.notices.wording import TEXTS, Wording, wording_of
from ashiato.letters.notices.written_matter import incident_of, sender_of
from ashiato.outside.messages.email.addresses import Mailbox
from ashiato.terms.errors import Place, ServerError

#: The house of everybody who is no client's with a style of its own.
OWN = ""
_LONGEST = 400_000


@dataclass(frozen=True)
class House:
    """What one client's people read: the incident, who speaks, from which templates and mail address."""

    incident: Incident
    sender: Sender
    wording: Wording
    mail: str

    def mailbox(self, language: Language) -> Mailbox:
        """Return whom a mail comes from."""
        return Mailbox(self.mail, self.sender.name.within(language))


def house_name(matter: Mapping[str, Any], client: str) -> str:
    """Return the name of the house that speaks to a client's people."""
    return client if client in matter.get("clients", {}) else OWN


def house_of(matter: Mapping[str, Any], name: str) -> House:
    """Return a house by its name. Raises: NoticeError, TemplateError: nobody may be told so."""
    said = _merged(matter, name)
    house = House(
        incident_of(said),
        sender_of(said),
        wording_of({name: text.encode() for name, text in said.get("templates", {}).items()}),
        said["sender"]["mail"],
    )
    refuse_campaign(house.incident, house.sender)
    return house


def list_houses(matter: Mapping[str, Any]) -> list[str]:
    """Return the names of all houses, the campaign's own first."""
    return [OWN, *sorted(matter.get("clients", {}))]


def list_senders(matter: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the sender of every house as it is written, without what letters look like."""
    looks = ("logo", "colour")
    senders = (_merged(matter, name)["sender"] for name in list_houses(matter))
    return [{name: told for name, told in said.items() if name not in looks} for said in senders]


def take_files(matter: Mapping[str, Any], folder: Path | None) -> dict[str, Any]:
    """Return the matter with what its logos and templates say in place of the files' names beside it.

    Raises: ServerError: a file is missing or too long, or none can be had (``folder`` None). CampaignError: a
    logo may not be printed.
    """
    taken = _with_files(matter, folder)
    clients = {name: _with_files(part, folder) for name, part in matter.get("clients", {}).items()}
    return {**taken, "clients": clients} if clients else taken


def _with_files(part: Mapping[str, Any], folder: Path | None) -> dict[str, Any]:
    taken = dict(part)
    if "logo" in part.get("sender", {}):
        content = _read(folder, part["sender"]["logo"])
        logo_of(content)
        taken["sender"] = {**part["sender"], "logo": base64.b64encode(content).decode()}
    if "templates" in part:
        place = _inside(folder, part["templates"])
        files = {name: place / f"{name}.yaml" for name in TEXTS}
        taken["templates"] = {
            name: _read(place, path.name).decode("utf-8", "replace")
            for name, path in files.items()
            if path.is_file()
        }
        if not taken["templates"]:
            fix = f"put {', '.join(f'{name}.yaml' for name in TEXTS)} there, as many as differ"
            raise ServerError("no template stands in the folder", where=Place(str(place)), fix=fix)
    return taken


def _read(folder: Path | None, name: str) -> bytes:
    place = _inside(folder, name)
    try:
        with place.open("rb") as file:
            content = file.read(_LONGEST + 1)
    except OSError as error:
        raise ServerError(f"it cannot be read: {error.strerror}", where=Place(str(place))) from error
    if len(content) > _LONGEST:
        raise ServerError(f"it is longer than {_LONGEST:,} bytes", where=Place(str(place)))
    return content


def _inside(folder: Path | None, name: str) -> Path:
    if folder is None:
        fix = "let an operator run `ashiato notify plan --matter` beside it, or leave it out"
        raise ServerError("a file beside it cannot be taken from here", where=Place(name), fix=fix)
    place = (folder / name).resolve()
    if not place.is_relative_to(folder.resolve()):
        raise ServerError("it lies elsewhere", where=Place(name), fix="put it beside the matter's file")
    return place


def _merged(matter: Mapping[str, Any], name: str) -> dict[str, Any]:
    own = matter.get("clients", {}).get(name, {})
    whole = {**matter, **own, "sender": {**matter["sender"], **own.get("sender", {})}}
    templates = {**matter.get("templates", {}), **own.get("templates", {})}
    return {**whole, "templates": templates}
