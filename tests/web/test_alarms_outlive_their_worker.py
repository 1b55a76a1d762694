"""A worker that is killed while it tells of an alarm loses none, and tells none twice without saying so."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ashiato.rooms.living import MachineClock
from ashiato.rooms.private_files import write_private
from ashiato.rooms.watching.api import Message, Stand, Try, raise_alarm
from tests.rooms import server
from tests.rooms.watching.watches import alarm
from tests.sinks.webhook import Webhook

pytestmark = pytest.mark.slow
_SECONDS = 60.0
_FILE = """\
alarms:
  receivers:
    duty: {language: en, ways: [{apprise_file: first.url}, {apprise_file: second.url}]}
"""


@pytest.fixture
def hook(tmp_path: Path) -> Iterator[Webhook]:
    with Webhook(tmp_path / "hook") as started:
        yield started


@pytest.fixture
def home(tmp_path: Path, hook: Webhook) -> Iterator[Path]:
    """A server whose one receiver has two webhooks."""
    from django.conf import settings  # noqa: PLC0415 - ready only once started

    before, folder = settings.ASHIATO_HOME, tmp_path / "home"
    folder.mkdir()
    (folder / "server.yaml").write_text(_FILE, encoding="utf-8")
    for name in ("first", "second"):
        write_private(folder / f"{name}.url", f"json://127.0.0.1:{hook.port}/{name}".encode())
    server.use_home(folder)
    yield folder
    settings.ASHIATO_HOME = before
    server.use({"NAME": before / "server.sqlite3"})


@pytest.mark.parametrize("phase", ["connect", "taken"])
def test_a_killed_worker_loses_no_alarm(home: Path, hook: Webhook, phase: str) -> None:
    hook.set_faults({"phase": phase, "act": "wait", "seconds": 3.5, "match": "first"})
    raise_alarm(alarm(1), MachineClock().now())
    with start(home) as worker:
        until(lambda: Message.objects.filter(stand=Stand.CLAIMED).exists())
        # The claim is committed before anything is offered; a moment later the offer is under way.
        until(lambda: phase == "connect" or bool(hook.accepted()))
        worker.kill()
    assert Message.objects.get().stand == Stand.CLAIMED
    assert not raise_alarm(alarm(1), MachineClock().now()), "the guard hands it on again"
    with start(home) as worker:
        until(lambda: Message.objects.filter(stand=Stand.HANDED).exists())
        worker.terminate()
    again = [each["body"] for each in hook.accepted() if each["path"] == "/second"]
    assert len(again) == 1
    assert "You may have been told this before" in again[0]
    assert list(Try.objects.order_by("pk").values_list("outcome", flat=True)) == ["doubt", "handed"]


def start(home: Path) -> subprocess.Popen[bytes]:
    """A worker as `ashiato serve` keeps one."""
    words = [sys.executable, "-m", "ashiato.web.runner", str(home)]
    return subprocess.Popen(words, stdin=subprocess.PIPE)


def until(is_so: Callable[[], bool]) -> None:
    """Wait for something."""
    end = time.monotonic() + _SECONDS
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)
