"""What went out after a backup is planned again in what came back: campaigns are held until a hand opens."""

from __future__ import annotations

import pytest

from ashiato.rooms.accounts.api import LedgerEntry
from ashiato.rooms.notifying.services.claiming import list_open_waves
from ashiato.rooms.notifying.services.gating import GateKind, close_gate, open_gate
from ashiato.web.backups.waking import wake
from tests.rooms.notifying import scenes

_MADE = "2026-11-23T00:00:00+00:00"


@pytest.mark.usefixtures("database")
def test_a_restored_server_sends_nothing_until_a_hand_opens_the_gate() -> None:
    made = scenes.campaign()
    scenes.plan(made, [scenes.person("hanako", "email")])
    scenes.release(made)
    assert list_open_waves(made, scenes.AT)
    wake({}, _MADE, "a.age")
    assert list_open_waves(made, scenes.AT) == []
    held = made.gates.get(is_closed=True)
    assert held.kind == GateKind.HOLD
    assert held.why == f"restored as of {_MADE}: what went out since then is planned again"
    told = list(LedgerEntry.objects.order_by("pk").values_list("verb", flat=True))
    assert told[-2:] == ["closed gate hold", "restored"]
    open_gate(made, GateKind.HOLD, scenes.approvers()[0], "looked through the mail log", scenes.AT)
    assert list_open_waves(made, scenes.AT)


@pytest.mark.usefixtures("database")
def test_why_a_campaign_was_held_before_is_not_forgotten() -> None:
    made = scenes.campaign()
    close_gate(made, GateKind.HOLD, scenes.approvers()[0], "the police asked for a week", scenes.AT)
    wake({}, _MADE, "a.age")
    assert made.gates.get(kind=GateKind.HOLD).why.endswith("held before: the police asked for a week")
