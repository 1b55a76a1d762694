"""What all notices of a campaign say alike, as an operator wrote it: the incident, who speaks, the desk."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from ashiato.rooms.notifying.houses import house_of, list_houses, take_files
from ashiato.terms.errors import Place, ServerError
from ashiato.terms.ids import sha256_text
from ashiato.written.parsing import parse_written
from ashiato.written.problems import refusal_of


def read_matter(path: Path) -> dict[str, Any]:
    """Read the file as plain values, with what its logos and templates say in place of their names.

    Raises: ServerError with the line: something is wrong. NoticeError, TemplateError: it may not be sent.
    """
    if not path.is_file():
        raise ServerError("there is no such file", where=Place(str(path)), fix="see docs/guides/notices.md")
    return parse_matter(path.read_bytes(), str(path), path.parent)


def parse_matter(content: bytes, name: str, folder: Path | None) -> dict[str, Any]:
    """Read what such a file says; ``folder``: where its logos and templates lie, None where none can be had.

    Raises: as ``read_matter``; ``name`` is what the file is called where something is wrong.
    """
    written = parse_written(content, name)
    problems = list(written.problems)
    if not problems:
        text = resources.files("ashiato.rooms.notifying").joinpath("matter.schema.json").read_text("utf-8")
        for error in Draft202012Validator(json.loads(text)).iter_errors(written.value):
            fix = "write it as docs/guides/notices.md shows."
            problems.append(written.problem(tuple(error.absolute_path), error.message[:200], fix))
    if problems:
        what, where, remedy = refusal_of(problems, "the matter of the notices")
        raise ServerError(what, where=where, fix=remedy)
    matter = take_files(written.value, folder)
    for house in list_houses(matter):
        house_of(matter, house)
    return matter


def digest_of_matter(matter: Mapping[str, Any], templates: str) -> str:
    """Name the text: what the operator wrote, and the templates it goes into."""
    return sha256_text(json.dumps(matter, sort_keys=True, ensure_ascii=False), templates)
