"""A worker started from the page: who asked is kept first, what it did is told as it goes on."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ashiato.engine.api import Case
from ashiato.rooms.accounts.api import LedgerEntry
from ashiato.rooms.cases.api import Role
from ashiato.rooms.notifying import api
from ashiato.rooms.private_files import write_private
from ashiato.web.sending import is_sending, last_sending, start_sending
from tests.sinks.smtp import SmtpSink
from tests.web.console.scenes import NOW, casefile, proven, staff_named, told_case

pytestmark = pytest.mark.usefixtures("database")
_SAID = "mail: {{host: 127.0.0.1, port: {port}, security: none, bounce_domain: bounce.example.jp}}\n"
_SUSPENDED = {"phase": "mail", "act": "reply", "code": 550, "text": "5.7.1 account suspended <b>"}
UTC = ZoneInfo("UTC")


def _released(case: Case) -> tuple[api.Campaign, Client]:
    """A campaign of two persons whose text and wave two approved, and its lead."""
    campaign = told_case(case.folder, "p1", "p2")
    lead, privacy = staff_named("aoi"), staff_named("ben")
    casefile(case.folder, (lead, Role.LEAD), (privacy, Role.PRIVACY))
    for staff in (lead, privacy):
        api.approve_text(campaign, staff, NOW)
    for staff in (lead, privacy):
        api.approve_wave(campaign.waves.get(), staff, NOW)
    return campaign, proven(lead)


def _state(client: Client) -> str:
    return client.get(reverse("sending_state", args=["case"])).content.decode()


def _wait_for(client: Client, words: str) -> str:
    until = time.monotonic() + 180
    while words not in (state := _state(client)):
        assert time.monotonic() < until, state
        time.sleep(0.1)
    return state


def _kill_worker_of(home: Path) -> None:
    """End the worker that names this data folder, as a lack of memory would."""
    for process in Path("/proc").glob("[0-9]*"):
        words = (process / "cmdline").read_bytes().split(b"\0")
        if b"ashiato.web.sending" in words and str(home).encode() in words:
            os.kill(int(process.name), signal.SIGKILL)


@pytest.mark.slow
def test_a_refused_account_is_told_a_killed_worker_too_and_the_next_one_hands_over(
    home: Path, investigated: Case, tmp_path: Path
) -> None:
    with SmtpSink(tmp_path / "sink") as sink:
        sink.set_faults(_SUSPENDED)
        write_private(home / "server.yaml", _SAID.format(port=sink.port).encode())
        campaign, lead = _released(investigated)
        send = reverse("send_notices", args=["case"])
        assert b"Sending has begun" in lead.post(send, follow=True).content
        assert "account suspended &lt;b&gt;" in _wait_for(lead, "Nothing was taken")
        assert b"being sent already" in lead.post(send, follow=True).content
        _kill_worker_of(home)
        killed = _wait_for(lead, "did not end")
        assert "Handed over 0, failed 0, in doubt 0, put off" in killed
        sink.set_faults()
        api.Notice.objects.update(not_before=None)  # the minute that what was put off waits is over
        lead.post(send)
        assert "Handed over 2, failed 0, in doubt 0, put off 0" in _wait_for(lead, "sending has ended")
    assert api.closing_sum(campaign).open == {"handed": 2}
    verbs = LedgerEntry.objects.filter(staff__name="aoi").values_list("verb", flat=True)
    assert list(verbs).count("started sending") == 2


def test_nothing_begins_where_who_asked_cannot_be_kept(tmp_path: Path) -> None:
    def fail() -> None:
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        start_sending(tmp_path, 1, UTC, fail)
    assert not is_sending(tmp_path, 1)
    assert not list((tmp_path / "workers").glob("*.log"))


def test_a_worker_that_wrote_nothing_did_not_end(tmp_path: Path, investigated: Case) -> None:
    campaign, lead = _released(investigated)
    with override_settings(ASHIATO_HOME=tmp_path):
        assert _state(lead).strip() == ""
        (tmp_path / "workers").mkdir()
        (tmp_path / "workers" / f"sending-{campaign.pk}.lock").touch()
        told = last_sending(tmp_path, campaign.pk)
        assert told is not None
        assert not told.is_over
        assert "did not end" in _state(lead)


def test_the_page_counts_once_and_what_is_polled_counts_nothing(investigated: Case) -> None:
    _, lead = _released(investigated)
    with CaptureQueriesContext(connection) as whole:
        lead.get(reverse("notices", args=["case"]))
    asked = [query["sql"] for query in whole if "COUNT(" in query["sql"]]
    assert asked
    assert len(asked) == len(set(asked))
    with CaptureQueriesContext(connection) as part:
        first = lead.get(reverse("sending_state", args=["case"]))
    assert not [query for query in part if '"notifying_notice"' in query["sql"]]
    again = lead.get(
        reverse("sending_state", args=["case"]), headers={"If-None-Match": first.headers["ETag"]}
    )
    assert again.status_code == 304
