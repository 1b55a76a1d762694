"""Names by the case's key: of people, and of notices as the outside knows them."""

from __future__ import annotations

from functools import lru_cache

from ashiato.rooms.cases.api import make_key, name_by
from ashiato.rooms.notifying.models import Campaign


def case_key_of(campaign: Campaign) -> bytes:
    """Return the key of the campaign's case, made on first use."""
    return _case_key(campaign.case_id)


@lru_cache(maxsize=8)
def _case_key(case: int) -> bytes:
    return make_key(f"case-{case}")


def person_key_of(campaign: Campaign, person_id: str) -> str:
    """Return what the ledger calls a person of the engine."""
    return name_by(case_key_of(campaign), "person", person_id)


def reference_of(campaign: Campaign, person_key: str, channel: str, edition: int) -> str:
    """Return what the outside knows a notice by: the same over all attempts, and telling nothing."""
    return name_by(case_key_of(campaign), "notice", str(campaign.pk), person_key, channel, str(edition))
