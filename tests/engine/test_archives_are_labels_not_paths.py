from __future__ import annotations

import io
import struct
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ashiato.engine.evidence import contents
from ashiato.engine.evidence.sealing import Sealing, add_evidence
from ashiato.engine.sealed import SealedFile, list_sealed, open_content
from tests.engine.casework import content_of, log_lines, new_case, packed

Members = list[tuple[str, bytes]]
MODES: dict[str, Any] = {"": "w:", "gz": "w:gz", "bz2": "w:bz2", "xz": "w:xz"}


def _zip(members: Members, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name, (2026, 6, 11, 3, 12, 0)), content, method)
    return held.getvalue()


def _tar(members: Members, packing: str = "") -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode=MODES[packing]) as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(content), 1_780_000_000
            archive.addfile(info, io.BytesIO(content))
    return held.getvalue()


def _seal(tmp_path: Path, name: str, archive: bytes) -> tuple[Path, Sealing, tuple[SealedFile, ...]]:
    (tmp_path / name).write_bytes(archive)
    case = new_case(tmp_path / "case")
    sealing = add_evidence(case, [tmp_path / name])
    return case.folder, sealing, list_sealed(case.folder)


MEMBERS: Members = [
    ("nginx/access.log", log_lines(700)),
    ("nginx/access.log.1.gz", packed(log_lines(900, 5000))),
    ("empty.log", b""),
]


@pytest.mark.parametrize(
    ("name", "archive", "label"),
    [
        ("logs.zip", _zip(MEMBERS), "zip"),
        ("stored.zip", _zip(MEMBERS, zipfile.ZIP_STORED), "zip"),
        ("bz2.zip", _zip(MEMBERS, zipfile.ZIP_BZIP2), "zip"),
        ("logs.tar", _tar(MEMBERS), "tar"),
        ("logs.tgz", _tar(MEMBERS, "gz"), "tar.gz"),
        ("logs.tar.bz2", _tar(MEMBERS, "bz2"), "tar.bz2"),
        ("logs.tar.xz", _tar(MEMBERS, "xz"), "tar.xz"),
    ],
)
def test_members_come_out_as_streams(tmp_path: Path, name: str, archive: bytes, label: str) -> None:
    folder, sealing, sealed = _seal(tmp_path, name, archive)
    assert sealing.inside == ()
    found = {one.file: content_of(folder, one) for one in sealed}
    assert found == {
        f"{name}/nginx/access.log": log_lines(700),
        f"{name}/nginx/access.log.1.gz": log_lines(900, 5000),
        f"{name}/empty.log": b"",
    }
    assert {one.compression for one in sealed} == {label, f"{label}+gz"}
    assert {one.content_lines for one in sealed} == {700, 900, 0}
    assert len({one.original_sha256 for one in sealed}) == 1
    assert {path.name for path in (folder / "evidence" / "sealed").iterdir()} == {sealed[0].original_sha256}


@pytest.mark.parametrize("make", [_zip, _tar])
def test_names_that_climb_out_stay_inside(tmp_path: Path, make: object) -> None:
    names = ["../../etc/passwd", "/etc/shadow", "..\\..\\win.ini", "a/./../b.log", "..", "a\nb;c:d|e.log"]
    members = [(name, f"{name}\n".encode()) for name in names]
    archive = _zip(members) if make is _zip else _tar(members)
    folder, _, sealed = _seal(tmp_path, "evil", archive)
    assert sorted(one.file for one in sealed) == sorted(
        [
            "evil/etc/passwd",
            "evil/etc/shadow",
            "evil/win.ini",
            "evil/a/b.log",
            "evil#2",
            "evil/a\nb;c:d|e.log",
        ]
    )
    assert not (tmp_path / "etc").exists()
    assert {content_of(folder, one).decode() for one in sealed} == {f"{name}\n" for name in names}


def test_two_members_of_one_name_are_both_kept(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        archive = _zip([("a.log", log_lines(1)), ("a.log", log_lines(2, 50))])
    folder, _, sealed = _seal(tmp_path, "x.zip", archive)
    found = {one.file: content_of(folder, one) for one in sealed}
    assert found == {"x.zip/a.log": log_lines(1), "x.zip/a.log#2": log_lines(2, 50)}


def test_links_and_devices_in_a_tar_are_told(tmp_path: Path) -> None:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        for name, kind in (("link", tarfile.SYMTYPE), ("hard", tarfile.LNKTYPE), ("null", tarfile.CHRTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        info = tarfile.TarInfo("a.log")
        info.size = 3
        archive.addfile(info, io.BytesIO(b"x\ny"))
    _, sealing, sealed = _seal(tmp_path, "t.tar", held.getvalue())
    assert [one.file for one in sealed] == ["t.tar/a.log"]
    assert {one.path for one in sealing.inside} == {"t.tar/link", "t.tar/hard", "t.tar/null"}


def test_office_documents_are_not_taken_apart(tmp_path: Path) -> None:
    archive = _zip([("[Content_Types].xml", b"<x/>"), ("xl/workbook.xml", b"<y/>")])
    folder, _, sealed = _seal(tmp_path, "list.xlsx", archive)
    assert [(one.file, one.compression) for one in sealed] == [("list.xlsx", "none")]
    assert content_of(folder, sealed[0]) == archive


@pytest.mark.parametrize("cut", [0.3, 0.7, 0.95])
@pytest.mark.parametrize("packing", ["", "gz"])
def test_a_truncated_tar_gives_what_it_has(tmp_path: Path, packing: str, cut: float) -> None:
    members = [(f"{n}.log", log_lines(2000, n * 2000)) for n in range(4)]
    archive = _tar(members, packing)
    folder, sealing, sealed = _seal(tmp_path, "t.tar", archive[: int(len(archive) * cut)])
    assert sealing.inside
    whole = dict(members)
    for one in sealed:
        stream = open_content(folder, one)
        content = stream.read(one.content_bytes)
        assert whole[one.file.removeprefix("t.tar/")].startswith(content)
        assert len(content) == one.content_bytes
        assert (len(content) < len(whole[one.file.removeprefix("t.tar/")])) == (one.broken is not None)
        stream.close()


def test_a_truncated_zip_is_sealed_as_it_is(tmp_path: Path) -> None:
    archive = _zip(MEMBERS)[:-30]
    folder, _, sealed = _seal(tmp_path, "logs.zip", archive)
    assert [(one.file, one.compression) for one in sealed] == [("logs.zip", "none")]
    assert content_of(folder, sealed[0]) == archive


def test_a_damaged_zip_member_costs_no_other(tmp_path: Path) -> None:
    archive = bytearray(_zip(MEMBERS, zipfile.ZIP_STORED))
    archive[archive.index(log_lines(700)[100:140])] ^= 1
    _, sealing, sealed = _seal(tmp_path, "logs.zip", bytes(archive))
    broken = {one.file: one.broken for one in sealed if one.broken}
    assert list(broken) == ["logs.zip/nginx/access.log"]
    assert "checksum" in str(broken["logs.zip/nginx/access.log"])
    assert len(sealed) == 3
    assert len(sealing.inside) == 1


def test_an_encrypted_member_is_told(tmp_path: Path) -> None:
    archive = bytearray(_zip([("a.log", log_lines(5)), ("b.log", log_lines(5, 9))]))
    central = archive.index(b"PK\x01\x02")
    struct.pack_into("<H", archive, central + 8, 1)
    _, _, sealed = _seal(tmp_path, "logs.zip", bytes(archive))
    states = {one.file: one.broken for one in sealed}
    assert "encrypted" in str(states["logs.zip/a.log"])
    assert states["logs.zip/b.log"] is None


@pytest.mark.slow
def test_a_zip_bomb_is_stopped_and_named(tmp_path: Path) -> None:
    bomb = _zip([("zeros.log", b"\0" * (300 << 20)), ("honest.log", log_lines(5))])
    _, sealing, sealed = _seal(tmp_path, "bomb.zip", bomb)
    sizes = {one.file: one.content_bytes for one in sealed}
    assert sizes["bomb.zip/zeros.log"] <= 257 << 20
    assert sizes["bomb.zip/honest.log"] == len(log_lines(5))
    assert [(one.path, "times its size" in one.reason) for one in sealing.inside] == [
        ("bomb.zip/zeros.log", True)
    ]


def test_folders_and_links_in_a_zip_hold_nothing(tmp_path: Path) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("nginx/", b"")
        link = zipfile.ZipInfo("link.log")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, b"/etc/passwd")
        archive.writestr("nginx/a.log", log_lines(2))
    _, sealing, sealed = _seal(tmp_path, "x.zip", held.getvalue())
    assert [one.file for one in sealed] == ["x.zip/nginx/a.log"]
    assert [one.path for one in sealing.inside] == ["x.zip/link.log"]


def test_an_archive_of_too_many_members_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "MEMBERS_MOST", 3)
    archive = _zip([(f"{number}.log", log_lines(1, number)) for number in range(5)])
    _, sealing, sealed = _seal(tmp_path, "x.zip", archive)
    assert len(sealed) == 3
    assert "more than 3 members" in sealing.inside[0].reason


def test_an_archive_within_an_archive_is_kept_closed(tmp_path: Path) -> None:
    inner = _zip([("a.log", log_lines(4))])
    folder, _, sealed = _seal(tmp_path, "outer.tar", _tar([("inner.zip", inner)]))
    assert [(one.file, one.compression) for one in sealed] == [("outer.tar/inner.zip", "tar")]
    assert content_of(folder, sealed[0]) == inner
