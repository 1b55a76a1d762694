"""A name typed after ``--by`` is nobody's word: each verb of a decision wants that person's secret."""

from __future__ import annotations

import pytest
import typer
from typer.testing import CliRunner

from ashiato.cli import desk, public
from ashiato.cli.proven import read_secret


@pytest.mark.parametrize(
    ("app", "verb"), [(public.app, "approve"), (public.app, "export"), (desk.app, "open")]
)
def test_whoever_is_named_is_asked_for_a_secret(app: typer.Typer, verb: str) -> None:
    shown = CliRunner().invoke(app, [verb, "--help"])
    assert shown.exit_code == 0
    assert "--token-file" in shown.output


def test_with_nobody_to_ask_there_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(typer.BadParameter, match="--token-file FILE"):
        read_secret(None, "aoi")
