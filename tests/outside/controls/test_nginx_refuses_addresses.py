"""nginx's map of the refused, with the guide's own lines, tried from real addresses of the loopback."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ashiato.outside.controls import deeds
from ashiato.outside.controls.deeds import Standing
from ashiato.outside.controls.nginx import Nginx
from ashiato.outside.controls.nginx_deny import NginxDeny
from ashiato.outside.controls.targets import ControlError, NoAnswerError, Target, checked_target
from tests.outside.controls.laws import hold_for, now
from tests.outside.controls.sites import Site, site

pytestmark = pytest.mark.slow
BAD, OTHER = "127.0.0.66", "127.1.0.67"
ADDRESS, NETWORK = checked_target("site", "address", BAD), checked_target("site", "network", "127.0.0.64/26")
FURTHER = checked_target("site", "address", "2001:db8::7")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("nginx")) as made:
        yield made


@pytest.fixture
def deny(running: Site) -> NginxDeny:
    return NginxDeny(running.nginx, running.maps / "denied.conf")


@pytest.mark.parametrize("target", [ADDRESS, NETWORK], ids=["address", "network"])
def test_a_visitor_is_refused_alone_and_comes_back(running: Site, deny: NginxDeny, target: Target) -> None:
    before = deny.file.read_bytes()
    hold_for(deny, [target, FURTHER], lambda: running.status(BAD) == 200)
    assert running.status(OTHER) == 200
    assert deny.file.read_bytes() == before


def test_a_file_that_nginx_refuses_is_taken_back(running: Site, deny: NginxDeny) -> None:
    changes = deeds.dry_run(deny, [ADDRESS], now())
    broken = running.maps / "broken.conf"
    broken.write_text("no such word;\n")
    before = deny.file.read_bytes()
    try:
        with pytest.raises(ControlError, match="unknown directive"):
            deeds.apply(deny, changes, now())
    finally:
        broken.unlink()
    assert deny.file.read_bytes() == before
    assert [each.standing for each in deeds.observe(deny, changes)] == [Standing.OPEN]


def test_a_crash_before_the_reload_is_seen_and_finished(running: Site, deny: NginxDeny) -> None:
    changes = deeds.dry_run(deny, [ADDRESS], now())
    deny._write(deny._whole({deny.entry(ADDRESS)}))
    with pytest.raises(NoAnswerError, match="does not run with what its file says"):
        deeds.observe(deny, changes)
    assert running.status(BAD) == 200
    assert [each.standing for each in deeds.apply(deny, changes, now())] == [Standing.HELD]
    assert running.status(BAD) == 403
    deeds.undo(deny, changes, now())
    assert running.status(BAD) == 200


def test_what_somebody_else_wrote_is_not_taken_for_ours(running: Site, deny: NginxDeny) -> None:
    before = deny.file.read_bytes()
    deny.file.write_bytes(before.replace(b"default 0;", b"default 1;"))
    with pytest.raises(NoAnswerError):
        deny.observe([ADDRESS])
    deny.file.write_bytes(before)
    assert running.status(BAD) == 200


def test_an_nginx_that_hangs_costs_its_time_and_no_more(running: Site) -> None:
    nginx = replace(running.nginx, seconds=0.3)
    deny = NginxDeny(nginx, running.maps / "denied.conf")
    changes = deeds.dry_run(deny, [ADDRESS], now())
    workers = _workers(running)
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)
    try:
        with pytest.raises(NoAnswerError):
            deeds.verify(deny, changes)
    finally:
        for worker in workers:
            os.kill(worker, signal.SIGCONT)
    assert running.status(BAD) == 200


def _workers(running: Site) -> list[int]:
    children = Path(f"/proc/{running.server.pid}/task/{running.server.pid}/children").read_text()
    return [int(child) for child in children.split()]


def test_trials_never_leave_this_machine() -> None:
    for trial in (
        "http://192.0.2.1:8079",
        "https://127.0.0.1:8079",
        "http://127.0.0.1",
        "http://site.example:1",
    ):
        with pytest.raises(ControlError, match="stay on this machine"):
            Nginx(trial)
