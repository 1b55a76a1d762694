"""Text and waves go out on the word of two different persons, about what stands there now."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ashiato.rooms.notifying import api
from ashiato.rooms.notifying.models import Approval, Notice
from ashiato.rooms.notifying.services import claiming, working
from ashiato.rooms.notifying.services.approving import change_text
from ashiato.terms.errors import ServerError
from tests.rooms.notifying.scenes import AT, DESK, approvers, campaign, person, plan

pytestmark = pytest.mark.usefixtures("database")


def _claimed(made: api.Campaign) -> int:
    worker = working.enlist(f"w{Approval.objects.count()}", machine="m", lock_file="", at=AT)
    return len(claiming.claim(worker, claiming.Wanted(made, ("letter",), 10, AT)))


def test_one_person_twice_is_one_approval() -> None:
    made = campaign()
    aoi, ben = approvers()
    plan(made, [person("p1", "letter")])
    (wave,) = api.draft_waves(made, DESK, AT)
    assert api.approve_wave(wave, aoi, AT) == 1
    for later in (AT, AT + timedelta(days=1)):
        with pytest.raises(ServerError, match="another person's"):
            api.approve_wave(wave, aoi, later)
    with pytest.raises(ServerError, match="another person's"):
        api.approve_text(made, aoi, AT)
    assert _claimed(made) == 0
    assert api.approve_wave(wave, ben, AT) == 2
    assert _claimed(made) == 1


def test_what_changed_is_approved_anew() -> None:
    made = campaign()
    plan(made, [person("p1", "letter"), person("p2", "letter")])
    (wave,) = api.draft_waves(made, DESK, AT)
    for staff in approvers():
        api.approve_wave(wave, staff, AT)
    plan(made, [person("p1", "letter", words="premium"), person("p2", "letter"), person("p3", "letter")], 2)
    assert _claimed(made) == 0
    (later,) = api.draft_waves(made, DESK, AT)
    assert (later.number, later.people) == (2, 1)
    change_text(made, "b" * 64)
    with pytest.raises(ServerError, match="not approved by 2"):
        api.approve_wave(wave, approvers()[0], AT)
    assert Notice.objects.filter(state="planned").count() == 3
