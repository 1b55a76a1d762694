"""nginx killed with SIGKILL before, while and after a plan: told truly, and nobody lost or left behind."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ashiato.outside.controls.nginx_deny import NginxDeny
from ashiato.outside.controls.targets import checked_target
from ashiato.rooms.accounts.api import add_staff
from ashiato.rooms.containing import api
from tests.outside.controls.sites import Site, site, until_it_answers
from tests.rooms.containing.pens import Pen

_BAD = "127.0.0.66"


def _kill(server: subprocess.Popen[bytes]) -> None:
    """Master and workers at once, as when a machine's memory is over."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    for pid in (server.pid, *map(int, children)):
        os.kill(pid, signal.SIGKILL)
    server.wait()


@contextmanager
def _started_again(made: Site) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(made.server.args) as server:
        try:
            until_it_answers(made)
            yield server
        finally:
            server.terminate()


def _stand(plan: api.Plan) -> str:
    plan.refresh_from_db()
    return plan.stand


@pytest.mark.slow
@pytest.mark.usefixtures("database")
def test_what_it_held_it_holds_again_and_what_it_could_not_take_it_takes(tmp_path: Path) -> None:
    pen = Pen(tmp_path / "pen")
    with site(tmp_path) as made:
        means = pen.means(deny=NginxDeny(made.nginx, made.maps / "denied.conf"))

        def plan_for(address: str, key: str) -> api.Plan:
            wish = api.Wish(checked_target("shop", "address", address), 1)
            return api.propose(means, [wish], api.Cause("walk", alarm_key=key))

        held = plan_for(_BAD, "before")
        assert (_stand(held), made.status(_BAD)) == (api.Stand.VERIFIED, 403)
        _kill(made.server)
        late = plan_for("127.0.0.67", "while it is away")
        api.take_round(means)
        assert not api.verify(means, held), "a server that does not answer proves nothing"
        assert _stand(late) not in {api.Stand.APPLIED, api.Stand.VERIFIED}
        with _started_again(made) as again:
            assert made.status(_BAD) == 403
            for _ in range(2):
                api.take_round(means)
            assert (_stand(late), made.status("127.0.0.67")) == (api.Stand.VERIFIED, 403)
            assert api.verify(means, held)
            _kill(again)
        assert api.undo(means, held, add_staff("emi"), "over").stand == api.Stand.UNDOING
        with _started_again(made):
            api.take_round(means)
            assert _stand(held) == api.Stand.UNDONE
            assert (made.status(_BAD), made.status("127.0.0.67")) == (200, 403)
