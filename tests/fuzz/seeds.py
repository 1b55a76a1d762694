"""A line or two of each format, for fuzzing to begin with: those that are text stand in ``seeds.txt``."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import tarfile
import zipfile
from pathlib import Path

import zstandard

_HEADING = re.compile(rb"(?m)^\[\[([\w-]+)\]\]\n")
_WRITTEN = _HEADING.split(Path(__file__).with_name("seeds.txt").read_bytes())[1:]
_TEXTS = [(name.decode(), text) for name, text in zip(_WRITTEN[::2], _WRITTEN[1::2], strict=True)]
_LOG = dict(_TEXTS)["combined"]
_OBJECT = dict(_TEXTS)["json-lines"].strip()
_JOURNAL = b"""__CURSOR=s=1
__REALTIME_TIMESTAMP=1778544649250000
_HOSTNAME=web1
SYSLOG_IDENTIFIER=sshd
MESSAGE=Accepted password for ann from 192.0.2.7 port 1 ssh2

__CURSOR=s=2
__REALTIME_TIMESTAMP=1778544649250001
MESSAGE
"""


def _tar() -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        member = tarfile.TarInfo("logs/a.log")
        member.size = len(_LOG)
        archive.addfile(member, io.BytesIO(_LOG))
    return held.getvalue()


def _zip() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("logs/a.log", _LOG)
        archive.writestr("b.log.gz", gzip.compress(_LOG))
    return held.getvalue()


def _packed() -> list[bytes]:
    squeeze = (gzip.compress, bz2.compress, lzma.compress, zstandard.ZstdCompressor().compress)
    return [*(each(_LOG) for each in squeeze), gzip.compress(_LOG) * 2]


def _all() -> list[tuple[str, bytes]]:
    chunk = b"ElfChnk\x00" + b"\0" * 504 + b"**\x00\x00\x2c\0\0\0\x07" + b"\0" * 40
    whole = b"".join(text for name, text in _TEXTS if name in ("syslog", "json-lines", "postgresql-stderr"))
    return [
        *_TEXTS,
        ("journal-export", _JOURNAL + b"\x03\0\0\0\0\0\0\0a\nb\n\n"),
        ("lines", b"\x05\x07a\nbb\n\nccc\r\n" + b"d" * 99 + b"\ne"),
        ("elements", b'{"Records":[' + _OBJECT + b"," + _OBJECT + b"]}"),
        ("elements", b"[" + _OBJECT + b"]"),
        ("evtx", b"\0" * 4088 + chunk),
        *(("unpacking", each) for each in _packed()),
        ("tar", _tar()),
        ("zip", _zip()),
        ("detection", _LOG + whole),
    ]


#: Some bytes to begin with, by target.
SEEDS: dict[str, tuple[bytes, ...]] = {}
for _name, _content in _all():
    SEEDS[_name] = (*SEEDS.get(_name, ()), _content)
