"""A campaign whose people were told, and what its public pages say: a bundle as the console makes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ashiato.rooms.cases.api import make_key
from ashiato.rooms.notifying.api import Campaign, read_matter
from ashiato.rooms.notifying.models import Notice
from ashiato.rooms.notifying.scope import PersonFound
from ashiato.rooms.publishing import api
from tests.rooms.notifying import scenes

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "examples" / "pet-insurer"


def planned_campaign(*people: PersonFound) -> Campaign:
    """A campaign of the shipped break-in's words, these people planned."""
    made = scenes.campaign()
    make_key(made.key_name)
    made.matter = read_matter(EXAMPLE / "notices.yaml")
    made.save(update_fields=["matter"])
    scenes.plan(made, people)
    return made


def told_campaign(*people: PersonFound) -> Campaign:
    """The same, in an approved wave."""
    made = planned_campaign(*people)
    scenes.release(made)
    return made


def approved_statement(made: Campaign) -> dict[str, Any]:
    """The shipped statement, approved by two."""
    said = api.read_statement(EXAMPLE / "public.yaml", api.sites_of(made))
    for staff in scenes.approvers():
        api.approve_statement(made, said, staff, scenes.AT)
    return said


def bundle_of(made: Campaign, to: Path) -> api.BundleMade:
    """Write a bundle."""
    return api.export_bundle(made, approved_statement(made), to, by=scenes.approvers()[0], at=scenes.AT)


def code_of(made: Campaign, person: str) -> str:
    """The code on somebody's notice."""
    from ashiato.rooms.notifying.api import find_notice  # noqa: PLC0415 - ready only once started

    found: Notice = find_notice(made, person)
    return found.code
