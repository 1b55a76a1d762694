"""Files that may hold people's data, read to cells: MB/s by type, of the file's own bytes.

``python -m benchmarks.files [ROWS]`` (20,000 unless said): one list of people, written as each type.
"""

from __future__ import annotations

import csv
import io
import json
import sys
import time
from collections.abc import Sequence

from ashiato.engine.exposures.objects.contents import read_object
from ashiato.engine.exposures.objects.unwrapping import Leaf
from tests.engine.exposures.objects.office import document, pdf, workbook, zipped

Rows = Sequence[Sequence[str]]
_HEAD = ("id", "name", "mail", "phone", "birth_date", "address")
_LETTER = """From {mail} Mon Jun  1 00:00:00 2026
From: {mail}
To: desk@example.jp
Subject: {name}

{all}

"""
#: A page of a PDF, and lines on it.
_PDF_LINES = 2_000


def main(rows: int) -> None:
    """Print, for each type, its size, how fast it is read and how many values it holds."""
    people = [_person(number) for number in range(rows)]
    for kind, content in written_as(people).items():
        begun = time.process_time()
        values = sum(1 for read in read_object(Leaf(kind, content, (), ())) for _ in read.cells)
        took = time.process_time() - begun
        size = len(content) / 1e6
        print(f"{kind:12}{size:8.1f} MB{size / took:9.1f} MB/s of CPU{values:12,} values", flush=True)


def _person(number: int) -> tuple[str, ...]:
    day = f"19{40 + number % 60}-{1 + number % 12:02}-{1 + number % 28:02}"
    mail, phone = f"m{number}@example.jp", f"090-{number // 10_000:04}-{number % 10_000:04}"
    return (str(number), f"name-{number % 4_001}", mail, phone, day, f"town-{number % 977} {number % 97}")


def written_as(people: Rows) -> dict[str, bytes]:
    """Return a list of people as the bytes of each type of file."""
    table = _delimited(people, ",")
    lines = [" ".join(person) for person in people]
    inserts = "\n".join(f"INSERT INTO people VALUES ({', '.join(map(repr, person))});" for person in people)
    letters = "".join(_LETTER.format(mail=p[2], name=p[1], all=" ".join(p)) for p in people)
    return {
        "csv": table.encode(),
        "csv cp932": table.encode("cp932"),
        "tsv utf-16": _delimited(people, "\t").encode("utf-16"),
        "json lines": "\n".join(json.dumps(dict(zip(_HEAD, p, strict=True))) for p in people).encode(),
        "sql dump": inserts.encode(),
        "text": "\n".join(lines).encode(),
        "mbox": letters.encode(),
        "xlsx": workbook([_HEAD, *people], shared=True),
        "docx": document([], [_HEAD, *people]),
        "pdf": pdf(lines[:_PDF_LINES]),
        "zip of csv": zipped({"people.csv": table.encode()}),
    }


def _delimited(people: Rows, sign: str) -> str:
    held = io.StringIO()
    csv.writer(held, delimiter=sign, lineterminator="\n").writerows([_HEAD, *people])
    return held.getvalue()


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 20_000)
