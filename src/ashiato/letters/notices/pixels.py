"""Pictures of one bit a pixel, as PNG: what squares and bars are drawn from."""

from __future__ import annotations

import struct
import zlib

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def line_bytes(width: int) -> int:
    """Return how many bytes a scan line of so many pixels takes, its filter byte counted."""
    return 1 + (width + 7) // 8


def png_of(width: int, height: int, lines: bytes) -> bytes:
    """Return scan lines (each a filter byte of 0, then a bit per pixel, 1 is white) as a PNG."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines, 1)), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(kind, body) for kind, body in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
