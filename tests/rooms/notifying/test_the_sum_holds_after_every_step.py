"""Plans, workers, deaths, receipts and decisions at random: the ledger is right after every step."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.journeys.databases import postgresql
from tests.rooms import server
from tests.rooms.notifying.ledger_machine import LedgerMachine

pytestmark = pytest.mark.slow


class RolledBack(LedgerMachine):
    """The same, leaving nothing behind."""

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        self._stack.enter_context(transaction.atomic())
        self._stack.callback(transaction.set_rollback, rollback=True)

    def teardown(self) -> None:
        """Take everything back."""
        self._stack.close()


def _run(examples: int) -> None:
    bounds: Any = settings(max_examples=examples, stateful_step_count=25, deadline=None)
    run_state_machine_as_test(RolledBack, settings=bounds)
    assert not transaction.get_connection().in_atomic_block


@pytest.mark.usefixtures("database")
def test_the_ledger_is_right_on_sqlite() -> None:
    _run(40)


def test_the_ledger_is_right_on_postgresql() -> None:
    with postgresql() as served, server.fresh_postgresql(served.port):
        _run(15)
