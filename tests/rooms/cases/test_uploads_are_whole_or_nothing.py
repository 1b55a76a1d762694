"""Evidence sent by a browser: in order, of the announced size, as it was read; or not sealed."""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import shutil
from datetime import UTC, datetime, timedelta
from io import FileIO
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as trials
from hypothesis import strategies as st

from ashiato.engine.api import Case, Custody, create_case, list_entries, list_sealed, writing
from ashiato.rooms.accounts.api import LedgerEntry, Staff, add_staff
from ashiato.rooms.cases import api, parts
from ashiato.terms.errors import ServerError

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
MOST = 1 << 20
BYTES = b"".join(b"%d GET /members/%d\n" % (number, number) for number in range(200))
CUSTODY = Custody("web1, /var/log", "Aoi, CSIRT")


@pytest.fixture
def here(database: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of the test's own."""
    monkeypatch.setattr(settings, "ASHIATO_HOME", database.parent)
    return database.parent


@pytest.fixture
def aoi(here: Path) -> Staff:
    assert here.is_dir()
    return add_staff("aoi")


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return create_case(tmp_path / "case", "Asia/Tokyo", lambda: 0)


@pytest.fixture
def file(case: Case, here: Path) -> api.CaseFile:
    assert here.is_dir()
    return api.open_casefile(case.folder, NOW)


def _begin(file: api.CaseFile, staff: Staff, name: str = "access.log", size: int = len(BYTES)) -> api.Upload:
    return api.announce(file, staff, api.Announced(name, size, 1_781_000_000_000_000), MOST, NOW)


def _send(upload: api.Upload, content: bytes, offset: int = 0) -> int:
    return api.take_piece(upload, offset, io.BytesIO(content), len(content))


def _finish(upload: api.Upload, content: bytes = BYTES) -> bool:
    return api.finish(upload, hashlib.sha256(content).hexdigest(), CUSTODY, NOW)


def _stand(upload: api.Upload) -> str:
    return api.Upload.objects.get(pk=upload.pk).stand


def _left(here: Path) -> list[Path]:
    return [path for path in (here / "uploads").rglob("*") if path.is_file()]


def test_what_is_sent_is_sealed_as_by_hand(file: api.CaseFile, aoi: Staff, case: Case, here: Path) -> None:
    upload = _begin(file, aoi)
    assert _send(upload, BYTES) == len(BYTES)
    assert _finish(upload)
    (whole,) = api.list_whole()
    assert api.seal(whole, lambda: 0, NOW)
    (sealed,) = list_sealed(case.folder)
    assert (sealed.file, sealed.source, sealed.custodian) == ("access.log", CUSTODY.source, CUSTODY.custodian)
    assert sealed.original_sha256 == hashlib.sha256(BYTES).hexdigest()
    assert sealed.modified_us == 1_781_000_000_000_000
    assert [entry["action"] for entry in list_entries(case.folder)] == ["case new", "evidence add"]
    (entry,) = LedgerEntry.objects.all()
    assert (entry.verb, entry.staff.name) == ("evidence sent", "aoi")
    assert sealed.original_sha256 in entry.why
    assert (_stand(upload), _left(here)) == (api.Arrival.SEALED, [])
    assert not api.seal(whole, lambda: 0, NOW)
    assert len(list_sealed(case.folder)) == 1


@trials(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(BYTES)), st.integers(1, 900)), max_size=12))
def test_whatever_order_pieces_come_in_only_the_next_is_taken(
    file: api.CaseFile, aoi: Staff, pieces: list[tuple[int, int]]
) -> None:
    upload = _begin(file, aoi)
    here = api.size_here(upload)
    for offset, length in pieces:
        piece = BYTES[offset : offset + length]
        if offset == here and piece:
            here = _send(upload, piece, offset)
        else:
            with pytest.raises(api.NotThereError) as refused:
                _send(upload, piece, offset if offset != here else here + 1)
            assert refused.value.offset == here
    _send(upload, BYTES[here:], here)
    assert _finish(upload)


def test_a_piece_that_breaks_off_is_gone_on_from(file: api.CaseFile, aoi: Staff) -> None:
    upload = _begin(file, aoi)
    assert api.take_piece(upload, 0, io.BytesIO(BYTES[:700]), 2000) == 700
    again = _begin(file, aoi)
    assert (again.pk, api.size_here(again)) == (upload.pk, 700)
    _send(again, BYTES[700:], 700)
    assert _finish(again)


def test_bytes_that_differ_are_thrown_away(file: api.CaseFile, aoi: Staff, case: Case, here: Path) -> None:
    upload = _begin(file, aoi)
    _send(upload, BYTES[:-1] + b"X")
    assert not _finish(upload)
    assert (_stand(upload), _left(here), api.list_whole()) == (api.Arrival.REFUSED, [], [])
    assert list_sealed(case.folder) == ()


def test_asked_again_for_want_of_an_answer_it_answers_the_same(file: api.CaseFile, aoi: Staff) -> None:
    upload = _begin(file, aoi)
    _send(upload, BYTES)
    assert [_finish(upload), _finish(upload), _finish(upload, b"other")] == [True, True, False]
    assert api.seal(api.list_whole()[0], lambda: 0, NOW)
    assert [_finish(upload), _finish(upload, b"other"), _stand(upload)] == [True, False, api.Arrival.SEALED]
    refused = _begin(file, aoi, "other.log")
    _send(refused, BYTES)
    assert [_finish(refused, b"other"), _finish(refused, b"other"), _finish(refused)] == [False] * 3


def test_what_is_still_being_compared_is_not_lost(file: api.CaseFile, aoi: Staff, here: Path) -> None:
    upload = _begin(file, aoi)
    _send(upload, BYTES)
    with (here / "uploads" / upload.token / upload.name).open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(api.BusyError):
            _finish(upload)
    assert _finish(upload)


def test_what_was_thrown_away_stays_away(file: api.CaseFile, aoi: Staff, here: Path) -> None:
    upload = _begin(file, aoi)
    _send(upload, BYTES[:10])
    assert api.discard(upload, NOW)
    with pytest.raises(api.OverError):
        _send(upload, BYTES)
    with pytest.raises(api.OverError):
        _finish(upload)
    assert (_stand(upload), list((here / "uploads").iterdir())) == (api.Arrival.DISCARDED, [])


def test_what_ends_while_its_lock_is_taken_stays_away(
    file: api.CaseFile, aoi: Staff, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload, lock = _begin(file, aoi), fcntl.flock

    def discard_first(part: FileIO, how: int) -> None:
        api.discard(upload, NOW)
        (here / "uploads" / upload.token).mkdir(exist_ok=True)
        lock(part, how)

    monkeypatch.setattr(fcntl, "flock", discard_first)
    with pytest.raises(api.OverError):
        _send(upload, BYTES)
    assert list((here / "uploads").iterdir()) == []


def test_neither_more_nor_less_than_announced(file: api.CaseFile, aoi: Staff) -> None:
    upload = _begin(file, aoi)
    with pytest.raises(api.TooLargeError, match="beyond the announced size"):
        _send(upload, BYTES + b"x")
    _send(upload, BYTES[:-1])
    with pytest.raises(api.NotThereError):
        _finish(upload)
    assert _stand(upload) == api.Arrival.RECEIVING


@pytest.mark.parametrize(
    ("size", "said"), [(0, "empty"), (MOST + 1, "larger than"), (10**13, "larger than")], ids=str
)
def test_a_size_that_cannot_be_is_refused(file: api.CaseFile, aoi: Staff, size: int, said: str) -> None:
    with pytest.raises(ServerError, match=said):
        _begin(file, aoi, size=size)


def test_a_disk_without_room_refuses_at_once(file: api.CaseFile, aoi: Staff) -> None:
    vast = api.Announced("all.tar", 1 << 60)
    with pytest.raises(api.NoRoomError):
        api.announce(file, aoi, vast, 1 << 61, NOW)
    assert not file.uploads.exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a file that is always full")
def test_a_disk_that_fills_up_keeps_what_is_here(file: api.CaseFile, aoi: Staff, here: Path) -> None:
    upload = _begin(file, aoi)
    place = here / "uploads" / upload.token
    place.mkdir(parents=True)
    (place / upload.name).symlink_to("/dev/full")
    with pytest.raises(api.NoRoomError, match="disk is full"):
        _send(upload, BYTES)
    assert _stand(upload) == api.Arrival.RECEIVING
    (place / upload.name).unlink()
    _send(upload, BYTES)
    assert _finish(upload)


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", " .. ", "../../etc/passwd", "/etc/passwd", "a/b", "..\\x", "a\0b", "a\nb", "\x1b[2J",
     "é" * 101],
    ids=ascii,
)  # fmt: skip
def test_a_name_is_never_a_path(file: api.CaseFile, aoi: Staff, name: str, here: Path) -> None:
    with pytest.raises(ServerError, match="name"):
        _begin(file, aoi, name=name)
    assert not (here / "uploads").exists()


@pytest.mark.parametrize("name", ["-rf", "a;b|c:d.log", "\u202egol.exe", "記録.log", "=1+1", "~", "é" * 100])
def test_an_odd_name_stays_a_name(file: api.CaseFile, aoi: Staff, name: str, case: Case, here: Path) -> None:
    upload = _begin(file, aoi, name=name)
    _send(upload, BYTES)
    assert _finish(upload)
    assert api.seal(api.list_whole()[0], lambda: 0, NOW)
    assert [sealed.file for sealed in list_sealed(case.folder)] == [name]
    assert {path.parent.parent for path in _left(here)} <= {here / "uploads"}


def test_of_two_senders_of_one_upload_one_is_taken(file: api.CaseFile, aoi: Staff, here: Path) -> None:
    upload = _begin(file, aoi)
    _send(upload, BYTES[:10])
    with (here / "uploads" / upload.token / upload.name).open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(api.NotThereError) as refused:
            _send(upload, BYTES[10:], 10)
    assert refused.value.offset == 10


def test_custody_is_asked_for(file: api.CaseFile, aoi: Staff) -> None:
    upload = _begin(file, aoi)
    _send(upload, BYTES)
    with pytest.raises(ServerError, match="custodian"):
        api.finish(upload, hashlib.sha256(BYTES).hexdigest(), Custody("web1"), NOW)
    assert _stand(upload) == api.Arrival.RECEIVING


def test_a_case_that_is_written_to_is_sealed_into_afterwards(
    file: api.CaseFile, aoi: Staff, case: Case
) -> None:
    upload = _begin(file, aoi)
    _send(upload, BYTES)
    _finish(upload)
    with writing(case):
        assert not api.seal(api.list_whole()[0], lambda: 0, NOW)
        (waiting,) = api.list_whole()
        assert "being written" in waiting.fault
    assert api.seal(waiting, lambda: 0, NOW)
    assert _stand(upload) == api.Arrival.SEALED


def test_what_died_between_sealing_and_saying_so_is_sealed_once(
    file: api.CaseFile, aoi: Staff, case: Case
) -> None:
    for _ in range(2):
        upload = _begin(file, aoi)
        _send(upload, BYTES)
        _finish(upload)
        assert api.seal(api.list_whole()[0], lambda: 0, NOW)
    assert len(list_sealed(case.folder)) == 1


def test_the_same_bytes_with_another_custody_are_told_apart(
    file: api.CaseFile, aoi: Staff, case: Case
) -> None:
    custodies = (CUSTODY, CUSTODY, Custody("backup of web1", "Ben, operator"))
    uploads = []
    for custody in custodies:
        uploads.append(_begin(file, aoi))
        _send(uploads[-1], BYTES)
        assert api.finish(uploads[-1], hashlib.sha256(BYTES).hexdigest(), custody, NOW)
        assert api.seal(api.list_whole()[0], lambda: 0, NOW)
    assert [_stand(upload) for upload in uploads] == ["sealed", "sealed", "known"]
    assert [sealed.source for sealed in list_sealed(case.folder)] == [CUSTODY.source]
    entry = LedgerEntry.objects.latest("pk")
    for said in ("backup of web1", "Ben, operator", "sealed before as access.log"):
        assert said in entry.why
    assert _finish(uploads[-1])


def test_a_fault_that_stands_is_written_once(file: api.CaseFile, aoi: Staff, case: Case) -> None:
    _send(upload := _begin(file, aoi), BYTES)
    _finish(upload)
    with writing(case):
        assert not api.seal(api.list_whole()[0], lambda: 0, NOW)
        with CaptureQueriesContext(connection) as asked:
            (waiting,) = api.list_whole()
            assert not api.seal(waiting, lambda: 0, NOW)
    assert [query["sql"].split()[0] for query in asked.captured_queries] == ["SELECT"]


def test_what_is_on_its_way_holds_its_room(file: api.CaseFile, aoi: Staff, here: Path) -> None:
    size = shutil.disk_usage(here).free // 3
    moving = api.announce(file, aoi, api.Announced("one.tar", size), 1 << 60, NOW)
    with pytest.raises(api.NoRoomError):
        api.announce(file, aoi, api.Announced("two.tar", size), 1 << 60, NOW)
    _send(moving, BYTES)
    with pytest.raises(api.NoRoomError):
        api.announce(file, aoi, api.Announced("two.tar", size), 1 << 60, NOW)
    assert api.announce(file, aoi, api.Announced("two.tar", size), 1 << 60, NOW + timedelta(days=99_999))


def test_a_piece_leaves_the_database_its_room(
    file: api.CaseFile, aoi: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = _begin(file, aoi)
    _send(upload, BYTES[:10])
    with monkeypatch.context() as patch:
        patch.setattr(parts, "_SPARE_BYTES", 1 << 60)
        with pytest.raises(api.NoRoomError):
            _send(upload, BYTES[10:], 10)
    assert _send(upload, BYTES[10:], 10) == len(BYTES)


def test_what_nobody_goes_on_with_is_given_up(file: api.CaseFile, aoi: Staff, here: Path) -> None:
    old, moving, fresh = (_begin(file, aoi, name) for name in ("old.log", "moving.log", "fresh.log"))
    for upload in (old, moving, fresh):
        _send(upload, BYTES)
    (here / "uploads" / ("0" * 32)).mkdir()
    long_ago = NOW - timedelta(days=8)
    api.Upload.objects.filter(pk__in=(old.pk, moving.pk)).update(begun_at=long_ago)
    os.utime(here / "uploads" / old.token / old.name, (long_ago.timestamp(),) * 2)
    api.sweep(NOW)
    assert [_stand(upload) for upload in (old, moving, fresh)] == ["discarded", "receiving", "receiving"]
    assert {path.name for path in (here / "uploads").iterdir()} == {moving.token, fresh.token}
