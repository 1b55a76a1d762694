"""nginx's limit and its page of maintenance, with the guide's own lines, tried by real requests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ashiato.outside.controls import deeds
from ashiato.outside.controls.nginx_closed import NginxClosed
from ashiato.outside.controls.nginx_deny import NginxDeny
from ashiato.outside.controls.nginx_slow import NginxSlow
from ashiato.outside.controls.targets import NoAnswerError, checked_target
from tests.outside.controls.laws import hold_for, now
from tests.outside.controls.sites import Site, site

pytestmark = pytest.mark.slow
BAD, OTHER = "127.0.0.66", "127.1.0.67"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("nginx")) as made:
        yield made


def _is_fast(running: Site, sender: str) -> bool:
    return 429 not in [running.status(sender) for _ in range(12)]


def test_who_reads_too_fast_is_slowed_alone(running: Site) -> None:
    slow = NginxSlow(running.nginx, running.maps / "slowed.conf", 30)
    before = slow.file.read_bytes()
    target = checked_target("site", "address", BAD)
    hold_for(slow, [target], lambda: _is_fast(running, BAD))
    changes = deeds.dry_run(slow, [target], now())
    deeds.apply(slow, changes, now())
    assert _is_fast(running, OTHER)
    deeds.undo(slow, changes, now())
    assert slow.file.read_bytes() == before


def test_a_route_is_closed_with_what_is_below_it(running: Site) -> None:
    closed = NginxClosed(running.nginx, running.maps / "closed.conf")
    before = closed.file.read_bytes()
    target = checked_target("site", "route", "/api/v1.0/")
    hold_for(closed, [target], lambda: running.status(OTHER, "/api/v1.0/export") == 200)
    changes = deeds.dry_run(closed, [target], now())
    deeds.apply(closed, changes, now())
    paths = ["/api/v1.0", "/api/v1.0/", "/api/%761.0/x", "//api/v1.0/x?a=1", "/api/v1.00", "/api/v1x0", "/"]
    assert [running.status(OTHER, path) for path in paths] == [503] * 4 + [200] * 3
    deeds.undo(closed, changes, now())
    assert closed.file.read_bytes() == before


def test_maps_do_not_stand_in_for_each_other(running: Site) -> None:
    deny = NginxDeny(running.nginx, running.maps / "denied.conf")
    target = checked_target("site", "address", BAD)
    empty = deny.file.read_bytes()
    changes = deeds.dry_run(deny, [target], now())
    deeds.apply(deny, changes, now())
    deny.file.write_bytes(empty)
    with pytest.raises(NoAnswerError, match="does not run with what its file says"):
        deny.observe([target])
    deny.put([(target, {"stopped": False})], now())
    assert running.status(BAD) == 200
