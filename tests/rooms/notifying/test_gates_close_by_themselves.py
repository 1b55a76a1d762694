"""Rates close gates: a server that takes mails and never says so is stopped before everybody is in doubt."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from ashiato.outside.messages.outcomes import Accepted, InDoubt, Still
from ashiato.rooms.notifying.handing import Handed, Handing
from ashiato.rooms.notifying.models import Notice
from ashiato.rooms.notifying.sending import Pace, SendingWorker
from ashiato.rooms.notifying.services.gating import GateKind, open_gate
from tests.rooms.notifying import scenes

_PEOPLE = 600


@pytest.mark.usefixtures("database")
def test_doubts_close_their_gate_until_a_hand_opens_it(tmp_path: Path) -> None:
    made = scenes.campaign()
    scenes.plan(made, [scenes.person(f"p{number}", "email") for number in range(_PEOPLE)])
    scenes.release(made)
    answers = True

    def hand(notice: Notice, _at: datetime, _still: Still) -> Handed:
        outcome = Accepted(notice.reference) if answers else InDoubt("no answer to the final dot")
        return Handed(outcome, "digest")

    def work() -> tuple[str, ...]:
        handing = Handing({"email": hand})
        pace = Pace(claim=100, record=100, hands=1)
        return SendingWorker(made, handing, scenes.TestClock(), tmp_path / "workers", pace).run().closed

    answers = False
    assert work() == ("doubts",)
    assert states()["unknown"] == 200
    assert made.gates.get(kind="doubts").why == "200 of 200 are in doubt; 50 of 1,000 may"
    assert work() == ("doubts",)
    assert states()["unknown"] == 200
    answers = True
    later = scenes.AT.replace(hour=scenes.AT.hour + 1)
    open_gate(made, GateKind.DOUBTS, scenes.approvers()[0], "the server answers again", later)
    assert work() == ()
    assert states() == {"unknown": 200, "handed": _PEOPLE - 200}


def states() -> dict[str, int]:
    """How many notices stand where."""
    found = list(Notice.objects.values_list("state", flat=True))
    return {state: found.count(state) for state in sorted(set(found))}
