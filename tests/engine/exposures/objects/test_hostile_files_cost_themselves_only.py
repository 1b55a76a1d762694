"""Bombs, loops, lies and broken files: a bounded time, a named fault, and all other files whole."""

from __future__ import annotations

import gzip
import time
import zipfile
from pathlib import Path

import pytest

from ashiato.engine.exposures.objects.cells import UnreadableError
from ashiato.engine.exposures.objects.contents import read_object
from ashiato.engine.exposures.objects.readers import pdfs
from ashiato.engine.exposures.objects.unwrapping import Leaf
from tests.engine.exposures.objects.bucket import PEOPLE, Bucket, Get
from tests.engine.exposures.objects.office import pdf, workbook, zipped

LIST = ("氏名,電話\n" + "".join(f"{one['name']},{one['phone']}\n" for one in PEOPLE)).encode()
_NESTED = b"nothing"
for _ in range(8):
    _NESTED = zipped({"inner.zip": _NESTED})
_BOMB = gzip.compress(b"\0" * (60 << 20), mtime=0)
_ENTITIES = zipped({
    "[Content_Types].xml": b"<Types/>",
    "word/document.xml": b'<!DOCTYPE w [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><w>&b;</w>',
})  # fmt: skip
HOSTILE = {
    "bomb.gz": (_BOMB, "unpacks-to-too-much"),
    "bomb.zip": (zipped({"a.txt": b"\0" * (60 << 20)}), "unpacks-to-too-much"),
    "nested.zip": (_NESTED, "nested-too-deeply"),
    "cut.xlsx": (workbook([["a"], ["b"]], shared=True)[:200], "damaged-archive"),
    "entities.docx": (_ENTITIES, "declares-entities"),
    "deep.json": (b"[" * 5000 + b"]" * 5000, "nested-too-deeply"),
    "broken.pdf": (b"%PDF-1.7\n" + b"\x80" * 400, "reader-stopped"),
    "program.exe": (bytes(range(256)) * 40, "binary"),
    "empty.csv": (b"", None),
}


def _faults(content: bytes) -> set[str | None]:
    found: set[str | None] = set()
    for read in read_object(Leaf("", content, (((0, len(content)),),), ((),))):
        found.add(read.fault)
        try:
            list(read.cells)
        except UnreadableError as error:
            found.add(str(error))
    return found


@pytest.mark.parametrize("name", [name for name, (_, fault) in HOSTILE.items() if fault])
def test_each_has_a_name_and_an_end(name: str) -> None:
    content, fault = HOSTILE[name]
    began = time.monotonic()
    assert fault in _faults(content)
    assert time.monotonic() - began < 20


@pytest.mark.slow
def test_the_rest_of_the_case_stays_whole(tmp_path: Path) -> None:
    objects = {f"x/{name}": content for name, (content, _) in HOSTILE.items()} | {"good.csv": LIST}
    outcome = Bucket(tmp_path, objects).answer(*(Get(key) for key in objects))
    assert set(outcome.grades()) == {one["id"] for one in PEOPLE}
    told = outcome.objects()
    assert told["good.csv"] == ("whole", "table")
    for name, (_, fault) in HOSTILE.items():
        if fault:
            assert f"not read: {fault}" in str(told[f"x/{name}"][1])


@pytest.mark.slow
def test_a_pdf_that_hangs_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdfs, "_SECONDS", 1)
    monkeypatch.setattr(pdfs, "_PAGES", "{seconds}{memory}\nwhile True: pass\n")
    began = time.monotonic()
    assert _faults(pdf(["Name: Ann"])) == {None, "reader-stopped"}
    assert time.monotonic() - began < 10


def test_encrypted_members_leave_the_others(tmp_path: Path) -> None:
    content = bytearray(zipped({"a.csv": LIST, "b.csv": b"secret"}, zipfile.ZIP_STORED))
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.rindex(sign) + place] |= 1
    outcome = Bucket(tmp_path, {"two.zip": bytes(content)}).answer(Get("two.zip"))
    assert set(outcome.grades()) == {one["id"] for one in PEOPLE}
    assert outcome.objects() == {"two.zip": ("whole", "table,not read: encrypted")}


def test_one_huge_line_and_stray_bytes_are_read(tmp_path: Path) -> None:
    row = f"{PEOPLE[0]['name']},{PEOPLE[0]['phone']}\n".encode()
    text = (
        "氏名,電話,備考\n".encode() + row + b'x,"' + b"y" * (3 << 20) + b"\n" + b"\xff\xfe\x00,\x00\n" + row
    )
    assert Bucket(tmp_path, {"a.csv": text}).answer(Get("a.csv")).grades()["C2001"] == 4
