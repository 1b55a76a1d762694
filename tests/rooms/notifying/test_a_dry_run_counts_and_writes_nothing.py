"""A dry run says of every plan what the plan then does, and leaves the ledger as it was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import apps
from hypothesis import given, settings

from ashiato.rooms.cases.api import destroy_key, key_path, make_key
from ashiato.rooms.notifying import api
from ashiato.rooms.notifying.models import Campaign, Notice, Worker
from ashiato.rooms.notifying.scope import PersonFound
from ashiato.rooms.notifying.services import claiming, recording, working
from ashiato.terms.errors import ServerError
from tests.rooms.notifying.ledger_machine import PEOPLE
from tests.rooms.notifying.scenes import AT, campaign, person, plan, release
from tests.rooms.server import fresh_sqlite


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campaign]:
    """One campaign, to which a run after another is added."""
    with fresh_sqlite(tmp_path_factory.mktemp("dry")):
        made = campaign()
        make_key(made.key_name)
        yield made


@pytest.mark.slow
@settings(max_examples=12)
@given(PEOPLE)
def test_a_dry_run_counts_what_the_plan_does(made: Campaign, people: list[PersonFound]) -> None:
    made.refresh_from_db()
    dry = api.DryRun(made, made.run + 1)
    before = _rows()
    dry.take(people)
    assert _rows() == before
    assert dry.tally == plan(made, people, made.run + 1).tally
    if Notice.objects.filter(campaign=made, wave=None, state="planned").exclude(channel="publication"):
        release(made)
    _send_some(made)


def test_the_first_dry_run_needs_no_campaign() -> None:
    dry = api.DryRun(None, 1)
    dry.take([person("aoi", "letter"), person("ben"), person("chie", excluded="deceased")])
    assert dry.tally.channels == {"letter": 1, "publication": 1}
    assert dry.tally.excluded == {"deceased": 1}


@pytest.mark.usefixtures("database")
def test_nobody_is_planned_anew_under_another_key() -> None:
    made = campaign()
    plan(made, [person("aoi", "letter")])
    destroy_key(made.key_name)
    for planned in (lambda: api.DryRun(made, 2), lambda: api.Planner(made, 2, AT)):
        with pytest.raises(ServerError):
            planned()
    assert not key_path(made.key_name).exists()


def _send_some(made: Campaign) -> None:
    worker = working.enlist(f"w{Worker.objects.count()}", machine="m", lock_file="", at=AT)
    claimed = claiming.claim(worker, claiming.Wanted(made, ("email", "sms", "letter"), 2, AT))
    handed = [recording.Offered(each.pk, api.State.HANDED, "taken") for each in claimed]
    recording.record_offered(worker, handed, AT)


def _rows() -> dict[str, list[object]]:
    """Everything the rooms keep."""
    rooms = ("accounts", "cases", "notifying")
    return {
        model.__name__: list(model._default_manager.order_by("pk").values_list())
        for room in rooms
        for model in apps.get_app_config(room).get_models()
    }
