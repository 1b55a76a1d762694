"""Evidence that would break a careless reader, laid beside or into the made-up shop's, one kind at a time.

What the good evidence says stays the same.
"""

from __future__ import annotations

import gzip
import hashlib
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import IO

from tests.journeys.shop import DAY

GIGABYTE = 1 << 30
MEGABYTE = 1 << 20
#: The member whom only a stolen statement reaches.
STOLEN = "5"
_WEB = '{who} - - [{day}:{at} +0900] "GET {target} HTTP/1.1" {code} {size} "-" "{agent}"\n'
_INTRUDER, _AT = "203.0.113.7", "02:04:30"
_DATABASE = f"2026-06-10 {_AT}.200 JST [4711] shopapp@shop LOG:  "


def honest_lines(count: int, hour: int = 9) -> bytes:
    """Return lines of an access log that reach nobody."""
    return b"".join(
        _request(
            "198.51.100.77", f"{hour:02}:{n // 60 % 60:02}:{n % 60:02}", f"/items/{n % 7}", "Mozilla/5.0"
        )
        for n in range(count)
    )


def steal(shop: Path, statement: bytes) -> int:
    """Let the intruder run one more statement through a page of its own; return the log's line of it."""
    _insert(shop / "logs" / "access.log", b":08:00:00 ", _request(_INTRUDER, _AT, "/report", "curl/8"))
    name = _DATABASE.encode()
    told = name + b"statement: " + statement + b"\n" + name + b"duration: 0.120 ms\n"
    return _insert(shop / "logs" / "postgresql.log", b" 08:00:00.", told)


def download(shop: Path, name: str, content: bytes) -> None:
    """Let the intruder fetch a file, of which a copy is among the evidence."""
    (shop / "logs" / "files").mkdir(exist_ok=True)
    (shop / "logs" / "files" / name).write_bytes(content)
    line = _request(_INTRUDER, _AT, f"/files/{name}", "curl/8", len(content))
    _insert(shop / "logs" / "access.log", b":08:00:00 ", line)


def sparse_line(path: Path, size: int) -> None:
    """Write honest lines around a single line of so many bytes that takes no room on the disk."""
    with path.open("wb") as file:
        _write_around(file, lambda: file.seek(size, 1))


def packed_line(path: Path, size: int) -> None:
    """Write the same, packed small."""
    with gzip.open(path, "wb", compresslevel=1) as file:
        _write_around(file, lambda: [file.write(b"A" * MEGABYTE) for _ in range(size // MEGABYTE)])


def _write_around(file: IO[bytes] | gzip.GzipFile, write_line: Callable[[], object]) -> None:
    file.write(honest_lines(50))
    write_line()
    file.write(b"\n" + honest_lines(50, 10))


def noise(size: int) -> bytes:
    """Return bytes of no meaning, with line feeds among them."""
    return b"".join(hashlib.sha256(b"%d" % n).digest() for n in range(size // 32))


def zip_bomb(size: int) -> bytes:
    """Return an archive of a few hundred kilobytes with one file of so many zeros, and one good log."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        with archive.open("zeros.log", "w", force_zip64=True) as file:
            for _ in range(size // MEGABYTE):
                file.write(b"\0" * MEGABYTE)
        archive.writestr("access.log.4", honest_lines(20))
    return made.getvalue()


def nested_zips(depth: int) -> bytes:
    """Return an archive within an archive, and so on."""
    content = honest_lines(5)
    for _ in range(depth):
        made = BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("inner.zip", content)
        content = made.getvalue()
    return content


def endless_pdf(pages: int) -> bytes:
    """Return a small PDF whose many pages all draw one long text, so that reading it takes hours."""
    drawn = zlib.compress(b"BT /F1 9 Tf " + b"(Name: Ann) Tj 1 0 0 1 0 -9 cm " * 100_000 + b"ET", 9)
    kids = b" ".join(b"4 0 R" for _ in range(pages))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d /Kids [%b] >>" % (pages, kids),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Type /Page /Parent 2 0 R /Contents 5 0 R /Resources << /Font << /F1 3 0 R >> >> >>",
        b"<< /Filter /FlateDecode /Length %d >>\nstream\n%b\nendstream" % (len(drawn), drawn),
    ]
    out = BytesIO()
    out.write(b"%PDF-1.7\n")
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, content))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table))
    return out.getvalue()


def _request(who: str, at: str, target: str, agent: str, size: int = 512) -> bytes:
    return _WEB.format(who=who, day=DAY, at=at, target=target, code=200, size=size, agent=agent).encode()


def _insert(log: Path, mark: bytes, told: bytes) -> int:
    """Put lines in front of the first that holds a mark; return the number of the first of them."""
    content = log.read_bytes()
    place = content.rindex(b"\n", 0, content.index(mark)) + 1
    log.write_bytes(content[:place] + told + content[place:])
    return content.count(b"\n", 0, place) + 1
