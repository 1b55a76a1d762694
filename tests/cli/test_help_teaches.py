from __future__ import annotations

from collections.abc import Callable

import pytest
from typer.testing import Result

Run = Callable[..., Result]
VERBS = [
    ("case", "new"),
    ("snapshot", "add"),
    ("evidence", "add"),
    ("datamap", "draft"),
    ("datamap", "check"),
    ("investigate",),
    ("explain",),
    ("verify",),
    ("export",),
]


@pytest.mark.parametrize("verb", VERBS, ids="-".join)
def test_every_verb_has_an_example(run: Run, verb: tuple[str, ...]) -> None:
    told = run(*verb, "--help")
    assert told.exit_code == 0
    assert f"ashiato {' '.join(verb)}" in told.stdout.split("Example", 1)[1]


def test_first_page_lists_verbs_and_exit_codes(run: Run) -> None:
    told = run("--help").stdout
    assert "A first run:" in told
    assert "6 something sealed has changed" in told
    for verb in VERBS:
        assert verb[0] in told


def test_version_is_printed(run: Run) -> None:
    assert run("--version").stdout.startswith("ashiato ")
