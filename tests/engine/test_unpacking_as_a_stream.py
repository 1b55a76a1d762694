from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tracemalloc
from collections.abc import Callable

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.archives import open_outer
from ashiato.engine.unpacking import CODECS, Bound, ChunkStream, TruncatedContent, chunks_of, unpack
from tests.engine.casework import log_lines

pytestmark = pytest.mark.first_quick

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": lambda content: gzip.compress(content, mtime=0),
    "bz2": bz2.compress,
    "xz": lambda content: lzma.compress(content, preset=0),
    "zst": zstandard.ZstdCompressor().compress,
}
CONTENT = log_lines(20_000)
PACKED = {name: pack(CONTENT) for name, pack in PACKERS.items()}


def _stream(packed: bytes) -> tuple[str, ChunkStream]:
    opened = open_outer(chunks_of(io.BytesIO(packed)))
    return opened.label, ChunkStream(opened.chunks)


@pytest.mark.parametrize("name", PACKERS)
def test_each_codec_gives_the_content_back(name: str) -> None:
    label, stream = _stream(PACKED[name])
    assert label == name
    assert stream.read() == CONTENT


@pytest.mark.parametrize("name", PACKERS)
def test_joined_streams_are_read_through(name: str) -> None:
    packed = PACKERS[name](b"first\n") + PACKED[name]
    assert _stream(packed)[1].read() == b"first\n" + CONTENT


@pytest.mark.parametrize("name", PACKERS)
def test_zeros_after_the_end_are_padding(name: str) -> None:
    assert _stream(PACKED[name] + b"\0" * 300)[1].read() == CONTENT


@pytest.mark.parametrize("name", PACKERS)
def test_a_truncated_file_gives_what_it_has_first(name: str) -> None:
    packed = PACKED[name]
    _, stream = _stream(packed[: len(packed) * 2 // 3])
    got = b"".join(iter(lambda: _quietly(stream, 7_000), b""))
    assert CONTENT.startswith(got)
    assert len(got) > (0 if name == "bz2" else 1000)
    with pytest.raises(TruncatedContent, match="breaks off"):
        stream.read(1)


def test_a_truncated_gzip_yields_all_that_zlib_can() -> None:
    packed = PACKED["gz"]
    _, stream = _stream(packed[:-8])
    assert stream.read() == CONTENT
    assert stream.broken is not None


@pytest.mark.parametrize("name", PACKERS)
def test_damage_in_the_middle_is_told(name: str) -> None:
    packed = bytearray(PACKED[name])
    packed[len(packed) // 2] ^= 0xFF
    _, stream = _stream(bytes(packed))
    got = _quietly(stream, len(CONTENT))
    with pytest.raises(TruncatedContent):
        stream.read(1)
    assert len(got) > (len(CONTENT) // 4 if name == "gz" else -1)


def test_rubbish_after_the_end_is_told() -> None:
    _, stream = _stream(PACKED["gz"] + b"rubbish that is no gzip")
    assert stream.read() == CONTENT
    assert stream.broken is not None


@pytest.mark.parametrize("head", [b"BZh is how this log begins\n", b"\x1f\x8b plain", b"PK then text", b""])
def test_plain_files_that_look_packed_stay_plain(head: bytes) -> None:
    label, stream = _stream(head + b"x" * 600 if head else b"")
    assert label == "none"
    assert stream.read() == (head + b"x" * 600 if head else b"")


@pytest.mark.parametrize("name", PACKERS)
def test_a_bomb_is_stopped_and_told(name: str) -> None:
    packed = PACKERS[name](b"\0" * 40_000_000)
    opened = open_outer(chunks_of(io.BytesIO(packed)), Bound(times=20, free_bytes=1 << 20))
    tracemalloc.start()
    stream = ChunkStream(opened.chunks)
    size = sum(len(piece) for piece in iter(lambda: _quietly(stream, 1 << 16), b""))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size < 3 << 20
    assert peak < 100 << 20
    assert stream.broken is not None
    assert "more than 20 times" in stream.broken.what


def _quietly(stream: ChunkStream, size: int) -> bytes:
    try:
        return stream.read(size)
    except TruncatedContent:
        return b""


@given(content=st.binary(max_size=3000), sizes=st.lists(st.integers(1, 500), min_size=1, max_size=9))
def test_pieces_of_any_size_join_to_the_content(content: bytes, sizes: list[int]) -> None:
    chunks = unpack(iter([gzip.compress(content)]), CODECS[0].make)
    stream = ChunkStream(chunks)
    got = b""
    turn = 0
    while piece := stream.read(sizes[turn % len(sizes)]):
        got += piece
        turn += 1
    assert got == content


def test_the_stream_fills_a_given_buffer() -> None:
    _, stream = _stream(PACKED["gz"])
    buffer = bytearray(1000)
    assert stream.readinto(buffer) == 1000
    assert bytes(buffer) == CONTENT[:1000]
    assert stream.readable()
