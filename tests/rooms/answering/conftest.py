"""What every test of the desk may lean on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction


@pytest.fixture
def book(database: Path) -> Iterator[Path]:
    """An empty database in one transaction: nothing meets the disk."""
    with transaction.atomic():
        yield database
        transaction.set_rollback(True)
