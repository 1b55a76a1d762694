"""Channels work beside each other: a mail server that is away holds back mail alone."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings

from ashiato.rooms.notifying import api
from ashiato.rooms.private_files import write_private
from ashiato.web.configuration import read_configuration
from ashiato.web.rounds import Rounds
from ashiato.web.workers import run_worker
from tests.journeys.databases import free_port
from tests.rooms import server
from tests.rooms.notifying.scenes import addressed, campaign, plan, release
from tests.sinks.smtp import SmtpSink

_MATTER = Path(__file__).parents[2] / "examples" / "pet-insurer" / "notices.yaml"
_SAID = """mail: {{host: 127.0.0.1, port: {port}, security: none, bounce_domain: bounce.example.jp}}
letters: {{printer_folder: printer}}
"""
TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    before = settings.ASHIATO_HOME
    server.use_home(tmp_path / "home")
    (tmp_path / "home" / "printer").mkdir()
    yield tmp_path / "home"
    server.use_home(before)
    settings.CONFIGURATION = read_configuration(before)


def begin(home: Path, port: int) -> api.Campaign:
    """A campaign of two, by mail and by letter, of a server whose mail server is at a port."""
    write_private(home / "server.yaml", _SAID.format(port=port).encode())
    settings.CONFIGURATION = read_configuration(home)
    made = campaign()
    made.matter = api.read_matter(_MATTER)
    made.save()
    plan(made, [addressed("佐藤 次郎", "email", "letter"), addressed("髙橋 一郎", "letter")])
    release(made)
    return made


@pytest.mark.slow
def test_letters_go_while_the_mail_server_is_away(home: Path) -> None:
    made = begin(home, free_port())
    watcher = threading.Thread(target=stop_after, args=(home / "printer",))
    watcher.start()
    done = run_worker(made, TOKYO, lambda _: None)
    watcher.join()
    assert (done.handed, done.left) == (1, 1)
    assert api.closing_sum(made).open == {"handed": 1, "planned": 1}


@pytest.mark.slow
def test_who_cannot_be_reached_by_mail_gets_a_letter_in_the_same_sending(home: Path, tmp_path: Path) -> None:
    with SmtpSink(tmp_path / "sink") as sink:
        sink.set_faults({"phase": "rcpt", "act": "reply", "code": 550, "text": "5.1.1 nobody"})
        made = begin(home, sink.port)
        done = run_worker(made, TOKYO, lambda _: None)
    assert (done.handed, done.failed, done.left) == (2, 1, 0)
    assert api.closing_sum(made).open == {"handed": 2}


def test_all_rest_once_nobody_makes_work() -> None:
    rounds = Rounds(("mail", "letters"), lambda _: None)
    turns: list[str] = []
    both_began = threading.Barrier(2)

    def work(name: str, makes: int) -> None:
        goes_on = True
        while goes_on:
            seen = rounds.begin(name)
            turns.append(name)
            if turns.count(name) == 1:
                both_began.wait(10)
            rounds.take_in(name, api.Progress(handed=1))
            if makes:
                makes -= 1
                rounds.make_work()
            goes_on = rounds.rest(name, seen)
        rounds.leave(name)

    threads = [threading.Thread(target=work, args=each) for each in (("mail", 2), ("letters", 0))]
    for each in threads:
        each.start()
    for each in threads:
        each.join(10)
        assert not each.is_alive()
    assert turns.count("mail") == 3
    assert 2 <= turns.count("letters") <= 3
    assert rounds.sum().handed == len(turns)


def test_one_that_breaks_holds_nobody_back() -> None:
    rounds = Rounds(("mail", "letters"), lambda _: None)
    seen = rounds.begin("letters")
    rounds.leave("mail")
    assert not rounds.rest("letters", seen)


def stop_after(printer: Path) -> None:
    """Ask this process to stop once a batch lies there."""
    until = time.monotonic() + 60
    while not list(printer.glob("letters-*")) and time.monotonic() < until:
        time.sleep(0.05)
    os.kill(os.getpid(), signal.SIGTERM)
