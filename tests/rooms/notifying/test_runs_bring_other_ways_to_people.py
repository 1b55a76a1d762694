"""Whom no channel reached is tried again where a later run has another way to them, and only there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ashiato.rooms.notifying import api
from ashiato.rooms.notifying.models import Campaign, Notice
from ashiato.rooms.notifying.services.editions import edition_told
from tests.rooms.notifying.scenes import AT, addressed, campaign, hand_all, plan, release

AOI = addressed("aoi", "letter")
MOVED = replace(AOI, contact={**AOI.contact, "lines": ["大阪府大阪市架空9-9-9"]})


@pytest.fixture(params=[True, False], ids=["publication", "no publication"])
def missed(request: pytest.FixtureRequest, database: object) -> Campaign:
    """A campaign whose one letter came back."""
    assert database
    made = campaign()
    Campaign.objects.filter(pk=made.pk).update(publishes=request.param)
    plan(made, [AOI])
    release(made)
    hand_all(made)
    sent = Notice.objects.get()
    assert api.record_receipt(api.Report("back", sent.reference, api.State.RETURNED), AT + timedelta(days=5))
    made.refresh_from_db()
    return made


def test_same_address_is_not_written_to_again(missed: Campaign) -> None:
    before = list(Notice.objects.values_list("pk", "channel", "state", "is_current"))
    plan(missed, [AOI], run=2)
    assert list(Notice.objects.values_list("pk", "channel", "state", "is_current")) == before
    assert api.closing_sum(missed).holds


def test_another_address_is_written_to_with_what_they_were_never_told(missed: Campaign) -> None:
    plan(missed, [MOVED], run=2)
    now = Notice.objects.get(is_current=True)
    assert (now.channel, now.state, now.edition) == ("letter", "planned", 2)
    assert edition_told(now) == 1
    assert api.closing_sum(missed).holds
    plan(missed, [MOVED], run=3)
    assert Notice.objects.get(is_current=True).pk == now.pk
