"""Begin a campaign, and give it the text that all its notices say alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ashiato.rooms.accounts.api import Staff, record_entry
from ashiato.rooms.cases.api import CaseFile, make_key, open_casefile
from ashiato.rooms.notifying.composing import digest_of_templates
from ashiato.rooms.notifying.matter_file import digest_of_matter
from ashiato.rooms.notifying.models import Campaign
from ashiato.rooms.notifying.services.approving import change_text
from ashiato.rooms.notifying.services.gating import make_gates
from ashiato.terms.errors import ServerError

USUAL_DUTY = "tell-people"


def open_campaign(folder: Path, duty: str, at: datetime, language: str = "ja") -> Campaign:
    """Return the campaign of a case for a duty, begun on first use."""
    case = open_casefile(folder, at)
    campaign, is_new = Campaign.objects.get_or_create(
        case=case, duty=duty, defaults={"made_at": at, "language": language}
    )
    if is_new:
        make_key(campaign.key_name)
    make_gates(campaign, at)
    return campaign


def find_campaign(folder: Path, duty: str = USUAL_DUTY) -> Campaign | None:
    """Return a campaign, None where none was begun; nothing is written."""
    case = CaseFile.objects.filter(folder=str(folder.resolve())).first()
    return Campaign.objects.filter(case=case, duty=duty).first() if case else None


def get_campaign(folder: Path, duty: str = USUAL_DUTY) -> Campaign:
    """Return a campaign; ServerError where none was begun."""
    found = find_campaign(folder, duty)
    if found is None:
        raise ServerError("nobody was planned to be told of this case", fix=f"ashiato notify plan {folder}")
    return found


def note_planning(case: CaseFile, staff: Staff, what: str, at: datetime) -> None:
    """Keep who asked for a text or a plan from a page; before a planner begins, whatever comes of it."""
    record_entry(staff, what, case.name, at=at)


def keep_for(campaign: Campaign, days: int) -> None:
    """Keep what messages are made from for so many days after their outcome."""
    campaign.keep_days = days
    campaign.save(update_fields=["keep_days"])


def set_matter(campaign: Campaign, matter: Mapping[str, Any]) -> bool:
    """Give a campaign its text; returns whether it is another, which two persons have to approve anew."""
    before = campaign.text_digest
    campaign.matter = dict(matter)
    campaign.save(update_fields=["matter"])
    change_text(campaign, digest_of_matter(matter, digest_of_templates()))
    return campaign.text_digest != before
