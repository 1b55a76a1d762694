"""Calls, tries, promises and time in any order: nobody is known by less than the ladder asks."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.rooms.answering.ladder_machine import LadderMachine

pytestmark = pytest.mark.slow


class RolledBack(LadderMachine):
    """The same, leaving nothing behind."""

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        self._stack.enter_context(transaction.atomic())
        self._stack.callback(transaction.set_rollback, rollback=True)

    def teardown(self) -> None:
        """Take everything back."""
        self._stack.close()


@pytest.mark.usefixtures("database")
def test_no_order_of_calls_tells_a_caller_anything() -> None:
    bounds: Any = settings(max_examples=12, stateful_step_count=15, deadline=None)
    run_state_machine_as_test(RolledBack, settings=bounds)
    assert not transaction.get_connection().in_atomic_block
