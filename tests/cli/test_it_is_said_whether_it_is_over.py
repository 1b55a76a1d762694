"""``ashiato over``: what is left is listed and not over; closed with proof, one less is left."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ashiato.cli.main import app
from ashiato.rooms.private_files import write_private
from tests.cli.sample_case import make_case
from tests.rooms import server

server.home()
_SECRET = "a secret of the tests alone"  # noqa: S105 - of nobody


def ran(folder: Path, *words: str) -> Any:
    """What the command line answered."""
    return CliRunner().invoke(app, ["over", str(folder), *words])


@pytest.mark.slow
def test_what_is_closed_is_left_no_more(tmp_path: Path) -> None:
    from ashiato.rooms.accounts.api import let_in  # noqa: PLC0415 - ready only once started
    from tests.rooms.watching.watches import AT  # noqa: PLC0415

    folder = make_case(tmp_path).folder
    with server.fresh_sqlite(tmp_path):
        let_in("aoi", None, AT, _SECRET)
        write_private(tmp_path / "aoi.secret", _SECRET.encode())
        proof = ["--by", "aoi", "--token-file", str(tmp_path / "aoi.secret")]
        answer = ran(folder, "--json")
        told = json.loads(answer.output)
        assert (answer.exit_code, told["is_over"], told["lacking"]) == (10, False, "open")
        assert len(told["points"]) == 3
        key = told["points"][0]["key"]
        words = ["--close", key, "--closed-at", "2026-11-01T14:05:00", "--proof", "mended, tried by Ben"]
        assert "2 of 3 are not closed" in ran(folder, *words, *proof, "--lang", "en").output
        again = ran(folder, *words, *proof)
        assert again.exit_code == 10
        assert "closed already" in again.output
        points = json.loads(ran(folder, "--json").output)["points"]
        left = [each["key"] for each in points if not each["is_closed"]]
        assert len(left) == 2
        assert key not in left
        _tells_times(folder)


def _tells_times(folder: Path) -> None:
    """Time figures are told and kept: without a folder they are told again."""
    runner = CliRunner()
    told = runner.invoke(app, ["times", str(folder), "--lang", "en"])
    assert told.exit_code == 0, told.output
    assert "First hostile event: 2026-06-10T23:01:00+09:00 at the latest (line " in told.output
    assert "First alert: not known" in told.output
    times = json.loads(runner.invoke(app, ["times", "--json"]).output)
    assert times["case"] == json.loads((folder / "times.json").read_bytes())
    assert times["case"]["contained"]["source"] == "no-containment"
