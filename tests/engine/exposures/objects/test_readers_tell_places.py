"""Every reader: the values of a file under their headers, each with its bytes."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.exposures.objects.contents import Read, read_object
from ashiato.engine.exposures.objects.readers.delimited import read_delimited
from ashiato.engine.exposures.objects.readers.json_texts import read_json
from ashiato.engine.exposures.objects.unwrapping import Leaf
from tests.engine.exposures.objects.office import document, pdf, workbook, zipped

ROWS = [["番号", "氏名", "電話"], ["7", "石井 勇", "090-1"], ["8", "木下, 隆", "090-2"]]
VALUES = {(header, text) for row in ROWS[1:] for header, text in zip(ROWS[0], row, strict=True)}


def _values(content: bytes) -> set[tuple[str, str]]:
    return {(cell.header, cell.text) for read in read_object(_leaf(content)) for _, cell in read.cells}


def _leaf(content: bytes) -> Leaf:
    return Leaf("", content, (((0, len(content)),),), ((),))


def _reads(content: bytes) -> list[Read]:
    return list(read_object(_leaf(content)))


def _table(sign: str) -> str:
    return (
        "\r\n".join(sign.join(f'"{cell}"' if sign in cell else cell for cell in row) for row in ROWS) + "\r\n"
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp932", "euc_jp"])
@pytest.mark.parametrize("sign", [",", "\t", ";"])
def test_cells_stand_at_their_bytes(encoding: str, sign: str) -> None:
    content = _table(sign).encode(encoding)
    (read,) = _reads(content)
    bare = "utf-16-le" if encoding == "utf-16" else encoding
    cells = [cell for _, cell in read.cells]
    assert {(cell.header, cell.text) for cell in cells} == VALUES
    for cell in cells:
        assert content[cell.byte_first : cell.byte_last].decode(bare) == cell.text


@pytest.mark.parametrize("shared", [True, False])
def test_workbooks_tell_the_part_of_each_text(shared: bool) -> None:
    content = workbook(ROWS, shared=shared)
    assert _values(content) == VALUES
    (read,) = _reads(content)
    part = "xl/sharedStrings.xml" if shared else "xl/worksheets/sheet1.xml"
    for name, cell in read.cells:
        assert name == part
        assert cell.text in read.parts[name].content[cell.byte_first : cell.byte_last].decode()


def test_documents_give_paragraphs_and_tables() -> None:
    values = _values(document(["ご契約者 石井 勇 様", "本文です。"], ROWS))
    assert values == VALUES | {("", "ご契約者 石井 勇 様"), ("", "本文です。")}


def test_pdfs_give_their_lines() -> None:
    assert _values(pdf(["Name: Ann Bell", "tel 090-1111-2222"])) == {
        ("Name", "Ann Bell"),
        ("tel", "090-1111-2222"),
    }


def test_dumps_give_rows_under_columns() -> None:
    insert = (
        "CREATE TABLE `p` (\n  `番号` int,\n  `氏名` text,\n  `電話` text,\n  PRIMARY KEY (`番号`)\n);\n"
        "INSERT INTO `p` VALUES (7,'石井 勇','090-1'),(8,'木下, 隆','090-2');\n"
    )
    copy = "COPY public.p (番号, 氏名, 電話) FROM stdin;\n7\t石井 勇\t090-1\n8\t木下, 隆\t090-2\n\\.\n"
    wanted = {(f"p.{header}", text) for header, text in VALUES}
    assert _values(insert.encode()) == wanted
    assert _values(copy.encode()) == wanted
    assert ("p.a", "it's") in _values(b"INSERT INTO p (a, b) VALUES ('it''s', now()), (NULL, 'x');\n")


def test_mails_give_texts_and_attached_tables() -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@example.jp", "石井 勇 <isamu@example.jp>", "契約の件"
    mail.set_content("電話 090-1111-2222\n")
    mail.add_attachment(_table(",").encode(), maintype="text", subtype="csv", filename="list.csv")
    values = _values(mail.as_bytes())
    assert VALUES | {("subject", "契約の件"), ("電話", "090-1111-2222")} <= values
    box = b"".join(
        b"From x@example.jp Mon Jun  1 00:00:00 2026\n" + mail.as_bytes() + b"\n" for _ in range(2)
    )
    (read,) = _reads(box)
    assert len({cell.unit for _, cell in read.cells if cell.header == "subject"}) == 2


def test_archives_in_archives_are_opened() -> None:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as archive:
        content = zipped({"深い/list.csv": _table(",").encode()})
        info = tarfile.TarInfo("b.zip")
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    (read,) = _reads(held.getvalue())
    assert read.name == "b.zip/深い/list.csv"
    assert {(cell.header, cell.text) for _, cell in read.cells} == VALUES
    assert _values(gzip.compress(_table("\t").encode())) == VALUES


_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@given(st.lists(st.lists(_TEXT, min_size=3, max_size=3), min_size=1, max_size=5))
def test_any_table_reads_back_as_written(rows: list[list[str]]) -> None:
    table = [["a", "b", "c"], *rows]
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in table]
    cells = list(read_delimited("\n".join(lines).encode(), "utf-8", ord(",")))
    found = [(cell.header, cell.text) for cell in cells]
    assert found == [(h, c) for row in rows for h, c in zip("abc", row, strict=True) if c.strip()]


def _grown(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1, max_size=4), inner, max_size=4)


@given(st.recursive(st.text(max_size=8) | st.integers(), _grown, max_leaves=12))
def test_any_json_gives_its_scalars(value: object) -> None:
    def scalars(inside: object) -> list[str]:
        if isinstance(inside, dict):
            return [text for each in inside.values() for text in scalars(each)]
        if isinstance(inside, list):
            return [text for each in inside for text in scalars(each)]
        is_told = str(inside).strip() and inside not in ("null", "true", "false")
        return [str(inside)] if is_told else []

    for indent in (None, 1):
        content = json.dumps(value, indent=indent).encode()
        assert [cell.text for cell in read_json(content)] == scalars(value)
