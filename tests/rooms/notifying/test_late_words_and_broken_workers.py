"""A worker's own word counts however late it comes; one that broke is known to be gone at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashiato.rooms.living import held_lock, is_surely_dead, machine_id
from ashiato.rooms.notifying.models import Campaign
from ashiato.rooms.notifying.services.claiming import Wanted, claim
from ashiato.rooms.notifying.services.moving import Because, move
from ashiato.rooms.notifying.services.recording import Offered, record_offered
from ashiato.rooms.notifying.services.working import bury, enlist
from ashiato.rooms.notifying.states import State
from tests.rooms.notifying.scenes import AT, campaign, person, plan, release


@pytest.fixture
def begun(database: Path) -> Campaign:  # noqa: ARG001 - a database to write to
    """A campaign of one person, whose notice may be sent."""
    made = campaign()
    plan(made, [person("dan", "email")])
    release(made)
    return made


def test_a_late_word_of_handing_over_keeps_it_from_going_again(begun: Campaign) -> None:
    slow, other = (enlist(name, machine="another", lock_file="", at=AT) for name in ("a", "b"))
    wanted = Wanted(begun, ("email",), 10, AT)
    (notice,) = claim(slow, wanted)
    bury(slow, Because("silent for long", "b", AT))
    move([notice.pk], State.UNKNOWN, State.PLANNED, Because("decided: not taken", "aoi", AT))
    record_offered(slow, [Offered(notice.pk, State.HANDED, "the outside took it", "id-1")], AT)
    assert claim(other, wanted) == []


def _break(path: Path) -> None:
    with held_lock(path):
        assert not is_surely_dead(machine_id(), str(path))
        raise RuntimeError("broken")


def test_a_worker_that_broke_is_surely_dead(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    with pytest.raises(RuntimeError):
        _break(path)
    assert is_surely_dead(machine_id(), str(path))
