"""A statement that one request, or few of many, were seen to run is no proof that their kind runs it."""

from __future__ import annotations

import pytest

from tests.engine.exposures.scene import Scene, Statement, fields_of
from tests.engine.exposures.web_replies.test_requests_without_a_logged_statement import (
    CONFIRMED,
    LATER_US,
    PROBABLE,
    asked,
    seen,
)


@pytest.mark.slow
@pytest.mark.parametrize("few", [(5,), (4, 5, 6)])
def test_what_few_requests_ran_confirms_nothing(scene: Scene, few: tuple[int, ...]) -> None:
    """Bytes follow the names, which are of one length; any other column of one row fits them as well."""
    honest = [
        seen(f"/card?id={n}", f"SELECT id, name FROM members WHERE id = {n}", LATER_US + n)
        for n in range(1, 10)
    ]
    more = [
        Statement(
            f"SELECT zip FROM members WHERE id = {n}", 1, LATER_US + n, code=None, hostile=False, beside=n - 1
        )
        for n in few
    ]
    hostile = [asked(f"/card?id={n}", 48, at_us=1_000 * n) for n in range(1, 13)]
    told = fields_of(scene.answer(*honest, *more, *hostile), "5")
    assert told["members.name"][0] == CONFIRMED
    assert told["members.zip"][0] == PROBABLE
