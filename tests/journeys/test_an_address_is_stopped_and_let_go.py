"""From the command line on a host of its own: proposed, approved by two, applied, tried, taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from typer.testing import CliRunner

from ashiato.cli.contain import app
from ashiato.rooms.private_files import write_private
from ashiato.web.configuration import read_configuration
from tests.outside.controls.namespaces import Cable, cable
from tests.rooms import server

pytestmark = pytest.mark.slow
BAD = "203.0.113.7"
_AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
_SERVER = """containment:
  policy: {{automatic_reach: 5, never: {{networks: [192.0.2.0/24]}}}}
  controls:
    host: {{kind: nftables, netns: {netns}}}
"""
_Said = Callable[..., str]


@pytest.fixture
def laid() -> Iterator[Cable]:
    with cable(BAD) as made:
        yield made


@pytest.fixture
def said(laid: Cable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[_Said]:
    """What a verb says, in somebody's name."""
    server.home()
    (tmp_path / "server.yaml").write_text(_SERVER.format(netns=laid.host))
    monkeypatch.setattr(settings, "CONFIGURATION", read_configuration(tmp_path))
    monkeypatch.setattr(settings, "ASHIATO_HOME", tmp_path)
    with server.fresh_sqlite(tmp_path):
        from ashiato.rooms.accounts.api import get_staff, let_in  # noqa: PLC0415 - ready only once started

        write_private(tmp_path / "aoi", let_in("aoi", None, _AT).encode())
        write_private(tmp_path / "emi", let_in("emi", get_staff("aoi"), _AT).encode())

        def say(*words: str, by: str = "", code: int = 0) -> str:
            named = ["--by", by, "--token-file", str(tmp_path / by)] if by else []
            done = CliRunner().invoke(app, [*words, *named])
            assert done.exit_code == code, done.output + str(done.exception or "")
            return done.output

        yield say


def test_two_persons_stop_an_address_and_let_it_go(laid: Cable, said: _Said) -> None:
    before = laid.rules()
    plan = ("plan", f"address={BAD}", "--system", "shop", "--why", "ticket 7", "--minutes", "30")
    told = said(*plan, "--lang", "en", by="aoi")
    assert f"address {BAD}: denied: False -> True" in told
    assert "waits for 2 approvals" in told
    assert (laid.rules(), laid.gets_in(BAD)) == (before, True)
    said("approve", "1", by="aoi")
    assert "apply 1" in said("approve", "1", "--lang", "en", by="emi")
    assert "is stopped" in said("apply", "1", "--lang", "en", by="emi")
    assert not laid.gets_in(BAD)
    assert "verified" in said("status")
    said("verify", "1")
    said("keep", "--once")
    assert not laid.gets_in(BAD)
    assert "undone" in said("undo", "1", "--why", "an honest customer", by="aoi")
    assert (laid.rules(), laid.gets_in(BAD)) == (before, True)
    said("verify", "1", code=1)


def test_the_office_is_spared_and_everything_stops_at_a_word(laid: Cable, said: _Said) -> None:
    before = laid.rules()
    wide = said("plan", "network=192.0.0.0/16", "--system", "shop", "--why", "walk", by="aoi")
    assert "holds 192.0.2.0/24" in wide
    assert "refused" in wide
    said("stop-all", "--why", "it blocks customers", by="emi")
    assert "ALL AUTOMATIC ACTION IS STOPPED" in said("status", "--all", "--lang", "en")
    assert "自動対応を再開" in said("stop-all", "--lift", "--why", "corrected", "--lang", "ja", by="aoi")
    said("plan", f"address={BAD}", "--system", "shop", "--why", "walk", "--reach", "1", by="aoi")
    assert "refused" in said("refuse", "2", "--why", "our own scan", by="emi")
    assert laid.rules() == before
