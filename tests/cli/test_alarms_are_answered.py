"""``ashiato alarms``: listed, taken on by who proves it, noted; a trial says which way takes it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ashiato.cli.main import app
from ashiato.rooms.private_files import write_private
from tests.rooms import server

server.home()

_SECRET = "a secret of the tests alone"  # noqa: S105 - of nobody


@pytest.fixture
def proof(tmp_path: Path) -> Iterator[list[str]]:
    """Somebody who works here, and how they prove it."""
    from ashiato.rooms.accounts.api import let_in  # noqa: PLC0415 - ready only once started
    from tests.rooms.watching.watches import AT  # noqa: PLC0415

    with server.fresh_sqlite(tmp_path):
        let_in("aoi", None, AT, _SECRET)
        write_private(tmp_path / "aoi.secret", _SECRET.encode())
        yield ["--by", "aoi", "--token-file", str(tmp_path / "aoi.secret"), "--lang", "en"]


def ran(*words: str) -> Any:
    """What the command line answered."""
    return CliRunner().invoke(app, ["alarms", *words])


@pytest.mark.slow
def test_an_alarm_is_listed_taken_on_and_noted(proof: list[str]) -> None:
    from ashiato.rooms.watching.api import raise_alarm  # noqa: PLC0415 - ready only once started
    from tests.rooms.watching.watches import ALARM, AT  # noqa: PLC0415

    raise_alarm(ALARM, AT)
    (one,) = json.loads(ran("list", "--json").output)["alarms"]
    assert (one["people_at_least"], one["people_expected"], one["acknowledged_by"]) == (80, 20, None)
    assert ran("note", str(one["number"]), "our own load test", *proof).exit_code == 0
    assert "is yours" in ran("ack", str(one["number"]), *proof).output
    assert "already" in ran("ack", str(one["number"]), *proof).output
    assert json.loads(ran("list", "--open", "--json").output)["alarms"] == []
    assert "aoi" in ran("list", "--lang", "en").output
    assert ran("ack", "999", *proof).exit_code == 10


def test_a_trial_says_that_nobody_is_to_be_told(proof: list[str]) -> None:
    answer = ran("trial", *proof)
    assert answer.exit_code == 10
    assert "nobody is to be told of alarms" in answer.output
