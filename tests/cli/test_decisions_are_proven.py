"""A name typed after ``--by`` is nobody's word: each verb of a decision wants that person's secret."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from ashiato.cli import desk, public
from ashiato.cli.proven import read_secret
from ashiato.engine.api import create_case
from ashiato.rooms.private_files import write_private
from ashiato.terms.times import us_of
from tests.conftest import ROOT
from tests.rooms import server

_AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
_SAID = ["--statement", str(ROOT / "examples" / "pet-insurer" / "public.yaml")]


@pytest.fixture
def planned(tmp_path: Path) -> Iterator[Path]:
    """A case with a campaign, and beside it the secrets of Aoi and Ben."""
    server.home()
    with server.fresh_sqlite(tmp_path):
        from ashiato.rooms.accounts.api import get_staff, let_in  # noqa: PLC0415 - ready only once started
        from ashiato.rooms.notifying import api  # noqa: PLC0415

        create_case(tmp_path / "case", "Asia/Tokyo", lambda: us_of(_AT))
        made = api.open_campaign(tmp_path / "case", api.USUAL_DUTY, _AT)
        api.set_matter(made, api.read_matter(ROOT / "examples" / "pet-insurer" / "notices.yaml"))
        write_private(tmp_path / "aoi", let_in("aoi", None, _AT).encode())
        write_private(tmp_path / "ben", let_in("ben", get_staff("aoi"), _AT).encode())
        yield tmp_path


def _said(app: typer.Typer, words: list[str], planned: Path, secret: str) -> str:
    """Return what a verb says to Ben's name with somebody's secret."""
    named = ["--by", "ben", "--token-file", str(planned / secret), "--lang", "en"]
    done = CliRunner().invoke(app, [words[0], str(planned / "case"), *words[1:], *named])
    return done.output + str(done.exception or "")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("app", "words", "proven"),
    [
        (public.app, ["approve", *_SAID], "approved by 1"),
        (public.app, ["export", *_SAID, "--to", "no.bundle"], "not approved by 2 persons"),
        (desk.app, ["open"], "The desk is open"),
    ],
)
def test_a_name_without_its_secret_decides_nothing(
    app: typer.Typer, words: list[str], proven: str, planned: Path
) -> None:
    refused = _said(app, words, planned, "aoi")
    assert "this is not the secret of `ben`" in refused
    assert proven not in refused
    assert proven in _said(app, words, planned, "ben")


def test_with_nobody_to_ask_there_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(typer.BadParameter, match="--token-file FILE"):
        read_secret(None, "aoi")
