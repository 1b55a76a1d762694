"""One who approves several times at the same moment, on PostgreSQL: once it counts, the rest are told why."""

from __future__ import annotations

import pytest

from ashiato.rooms.accounts.api import LedgerEntry
from ashiato.rooms.notifying.models import Approval
from ashiato.rooms.notifying.services.approving import approve_text
from ashiato.terms.errors import ServerError
from tests.rooms.at_once import together
from tests.rooms.notifying import scenes

pytestmark = [pytest.mark.usefixtures("on_postgresql"), pytest.mark.slow]


def test_the_first_counts_and_the_others_are_told_so() -> None:
    made, (aoi, *_) = scenes.campaign(), scenes.approvers()
    made.text_digest = "c" * 64
    made.save(update_fields=["text_digest"])

    def approve(_: int) -> bool:
        try:
            return approve_text(made, aoi, scenes.AT) == 1
        except ServerError as refused:
            return "approved text of" not in refused.what

    assert together(approve) == 1
    assert Approval.objects.filter(digest=made.text_digest).count() == 1
    assert LedgerEntry.objects.filter(verb="approved text", why=made.text_digest).count() == 1
