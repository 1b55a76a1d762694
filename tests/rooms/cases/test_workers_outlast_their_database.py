"""A database that hangs up on a worker, on a real PostgreSQL: the worker goes on with the next connection."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import OperationalError, ProgrammingError, connection

from ashiato.rooms.cases import api
from ashiato.rooms.enduring import Patience
from ashiato.rooms.living import MachineClock, machine_id
from ashiato.web.running import Worker

pytestmark = [pytest.mark.usefixtures("on_postgresql"), pytest.mark.slow]


def _ask(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def test_a_worker_that_was_hung_up_on_looks_for_runs_again(tmp_path: Path) -> None:
    worker = Worker(api.Holder(machine_id(), str(tmp_path / "mine.lock")), lambda: False)
    for _ in range(2):
        assert not worker.take_one()
        with pytest.raises(OperationalError):
            _ask("SELECT pg_terminate_backend(pg_backend_pid())")
    assert not worker.take_one()
    with pytest.raises(ProgrammingError):
        Patience(MachineClock(), lambda: False).insist(lambda: _ask("SELECT * FROM nothing"))
