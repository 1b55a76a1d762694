"""The worker's sealing: a fault of the database ends nothing, one of a case is tried again more rarely."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from ashiato.engine.api import Custody, create_case, open_case, writing
from ashiato.rooms.accounts.api import add_staff
from ashiato.rooms.cases import api
from ashiato.web.sealing import Sealer, seal_until

BYTES = b"GET /members/1\n" * 9
BEGUN = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@dataclass
class _Clock:
    """Time goes on when it is told to."""

    seconds: float = 0.0

    def now(self) -> datetime:
        return BEGUN + timedelta(seconds=self.seconds)

    def steady(self) -> float:
        return self.seconds

    def wait(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def upload(database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> api.Upload:
    """A file that waits to be sealed."""
    monkeypatch.setattr(settings, "ASHIATO_HOME", database.parent)
    file = api.open_casefile(create_case(tmp_path / "case", "Asia/Tokyo", lambda: 0).folder, BEGUN)
    made = api.announce(file, add_staff("aoi"), api.Announced("a.log", len(BYTES)), 1 << 20, BEGUN)
    api.take_piece(made, 0, io.BytesIO(BYTES), len(BYTES))
    assert api.finish(made, hashlib.sha256(BYTES).hexdigest(), Custody("web1", "Aoi"), BEGUN)
    return made


def _stand(upload: api.Upload) -> str:
    return api.Upload.objects.get(pk=upload.pk).stand


def _rename(before: str, after: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {before} RENAME TO {after}")


def test_a_fault_of_the_database_is_outlasted(upload: api.Upload, caplog: pytest.LogCaptureFixture) -> None:
    _rename("cases_upload", "away")
    waited: list[float] = []

    def is_over(seconds: float) -> bool:
        waited.append(seconds)
        if len(waited) == 3:
            _rename("away", "cases_upload")
        return len(waited) == 4

    seal_until(is_over, _Clock())
    assert (_stand(upload), waited) == (api.Arrival.SEALED, [1.0, 5.0, 5.0, 1.0])
    assert len(caplog.records) == 2


def test_a_case_that_is_held_is_tried_again_more_and_more_rarely(upload: api.Upload) -> None:
    clock, tried = _Clock(), list[float]()
    sealer = Sealer(clock)
    with writing(open_case(Path(upload.case.folder), lambda: 0)):
        while clock.seconds < 300:
            api.Upload.objects.update(fault="")
            sealer.take_round()
            if api.Upload.objects.get().fault:
                tried.append(clock.seconds)
            clock.wait(1)
    assert tried == [0, 1, 3, 7, 15, 31, 63, 123, 183, 243]
    clock.wait(60)
    sealer.take_round()
    assert _stand(upload) == api.Arrival.SEALED


def test_what_is_given_up_is_looked_for_once_an_hour(upload: api.Upload) -> None:
    clock = _Clock()
    sealer = Sealer(clock)
    left = Path(settings.ASHIATO_HOME) / "uploads" / ("0" * 32)
    swept = []
    for _ in range(5):
        left.mkdir(exist_ok=True)
        sealer.take_round()
        swept.append(not left.exists())
        clock.wait(1200)
    assert (swept, _stand(upload)) == ([True, False, False, True, False], api.Arrival.SEALED)
