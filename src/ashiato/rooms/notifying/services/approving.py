"""Approvals: two persons for the text, two for each wave; never the same person twice."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ashiato.rooms.accounts.api import Staff, record_entry
from ashiato.rooms.notifying.models import Approval, Campaign, Wave
from ashiato.terms.approvals import APPROVALS_NEEDED
from ashiato.terms.errors import ServerError


def approve_text(campaign: Campaign, staff: Staff, at: datetime) -> int:
    """Approve the text as it stands now; returns how many have.

    Raises: ServerError: this person did before.
    """
    if not campaign.text_digest:
        raise ServerError("there is no text to approve yet", fix="ashiato notify plan --matter FILE")
    return approve_digest(campaign, campaign.text_digest, "text", staff, at)


@transaction.atomic
def approve_digest(campaign: Campaign, digest: str, what: str, staff: Staff, at: datetime) -> int:
    """Approve something of a campaign that its digest names; returns how many have.

    Raises: ServerError: this person did before.
    """
    # Who approves twice at the same moment is told so by us, and not by the database.
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    given = campaign.approvals.filter(wave=None, digest=digest)
    _refuse_again(staff, given.filter(staff=staff).exists(), f"{what} of {campaign}")
    Approval.objects.create(campaign=campaign, digest=digest, staff=staff, at=at)
    record_entry(staff, f"approved {what}", str(campaign), at=at, why=digest)
    return given.count()


@transaction.atomic
def approve_wave(wave: Wave, staff: Staff, at: datetime) -> int:
    """Approve a wave as it was seen; returns how many have. It may be sent when two have.

    Raises: ServerError: this person did before, the text is not approved by two, or the wave is another now.
    """
    held = Wave.objects.select_for_update().filter(pk=wave.pk).first()
    if not is_text_approved(wave.campaign):
        raise ServerError(
            f"the text of {wave.campaign} is not approved by {APPROVALS_NEEDED} persons yet",
            fix="ashiato notify approve --text, by two persons",
        )
    # Made anew since, it is gone: who is in it now was not looked at.
    if held is None or wave.scope_digest != held.scope_digest:
        what = f"who is in wave {wave.number}, or what they are told, changed since it was looked at"
        raise ServerError(what, fix="look at it again")
    given = wave.approvals.filter(digest=wave.scope_digest)
    _refuse_again(staff, given.filter(staff=staff).exists(), f"wave {wave.number} of {wave.campaign}")
    Approval.objects.create(campaign=wave.campaign, wave=wave, digest=wave.scope_digest, staff=staff, at=at)
    record_entry(staff, "approved wave", str(wave), at=at, why=wave.scope_digest)
    count = given.count()
    if count >= APPROVALS_NEEDED:
        Wave.objects.filter(pk=wave.pk).update(is_approved=True)
    return count


def is_approved(campaign: Campaign, digest: str) -> bool:
    """Tell whether enough different persons approved what this digest names."""
    return campaign.approvals.filter(wave=None, digest=digest).count() >= APPROVALS_NEEDED


def is_text_approved(campaign: Campaign) -> bool:
    """Tell whether two persons approved the text as it stands."""
    return is_approved(campaign, campaign.text_digest)


def change_text(campaign: Campaign, digest: str) -> None:
    """Take another text; what was approved of the old one no longer lets anything be sent."""
    if digest == campaign.text_digest:
        return
    campaign.text_digest = digest
    campaign.save(update_fields=["text_digest"])
    campaign.waves.update(is_approved=False)


def _refuse_again(staff: Staff, did: bool, what: str) -> None:
    if did:
        raise ServerError(
            f"{staff.name} approved {what} before; the second approval is another person's",
            fix="ask a colleague",
        )
