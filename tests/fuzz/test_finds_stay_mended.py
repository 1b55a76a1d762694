"""What fuzzing found stays mended; the seeds hold every law, whole, cut short and with a byte changed."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest

from ashiato.engine.archives import Member, Unread, iterate_zip
from ashiato.engine.unpacking import TruncatedContent
from tests.fuzz.seeds import SEEDS
from tests.fuzz.targets import TARGETS


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_seeds_hold_the_laws(name: str) -> None:
    assert SEEDS[name]
    for seed in SEEDS[name]:
        middle = len(seed) // 2
        for content in (seed, seed[:middle], seed[:middle] + b"\xff" + seed[middle + 1 :], seed * 2):
            TARGETS[name](content)


def _zip_of(name: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), "some line\n")
    return held.getvalue()


def test_a_member_before_the_file_is_damaged(tmp_path: Path) -> None:
    whole = _zip_of("a.log")
    (begins,) = struct.unpack("<I", whole[-6:-2])
    # The directory says to begin further on than it does, so that its members stand before the file.
    (tmp_path / "a.zip").write_bytes(whole[:-6] + struct.pack("<I", begins + 1000) + whole[-2:])
    (member,) = iterate_zip(tmp_path / "a.zip")
    assert isinstance(member, Member)
    with pytest.raises(TruncatedContent, match="damaged"):
        list(member.chunks)


def test_a_member_without_a_name_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(_zip_of(""))
    assert list(iterate_zip(tmp_path / "a.zip")) == [Unread("member 0", "it has no name")]
