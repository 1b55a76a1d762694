"""What the public pages say to everybody, as an operator wrote it: statements, questions, what is decided."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from ashiato.exports.words import Language
from ashiato.letters.notices.claims import Claim, claims_beyond
from ashiato.letters.notices.readings import bare
from ashiato.letters.notices.unsafe import unsafe_in
from ashiato.terms.errors import Place, ServerError
from ashiato.terms.ids import sha256_text
from ashiato.written.parsing import Written, parse_written
from ashiato.written.problems import Problem, Spot, refusal_of, shown


def read_statement(path: Path, sites: frozenset[str]) -> dict[str, Any]:
    """Read the file as plain values; ``sites``: names of the operator's own that may stand in texts.

    Raises: ServerError with the line: something is wrong, or a text is none that may be published.
    """
    if not path.is_file():
        raise ServerError("there is no such file", where=Place(str(path)), fix="see docs/guides/public.md")
    written = parse_written(path.read_bytes(), str(path))
    problems = [*written.problems] or [*_form_faults(written)]
    if not problems:
        problems = [*_text_faults(written, sites)]
    if problems:
        what, where, remedy = refusal_of(problems, "the statement of the public pages")
        raise ServerError(what, where=where, fix=remedy)
    said: dict[str, Any] = written.value
    return said


def digest_of_statement(said: Mapping[str, Any]) -> str:
    """Name a statement: what is approved."""
    return sha256_text("statement of the public pages", json.dumps(said, sort_keys=True, ensure_ascii=False))


def _form_faults(written: Written) -> Iterator[Problem]:
    text = resources.files("ashiato.rooms.publishing").joinpath("statement.schema.json").read_text("utf-8")
    for error in Draft202012Validator(json.loads(text)).iter_errors(written.value):
        fix = "write it as docs/guides/public.md shows."
        yield written.problem(tuple(error.absolute_path), error.message[:200], fix)


def _text_faults(written: Written, sites: frozenset[str]) -> Iterator[Problem]:
    for spot, name, text in _texts((), written.value):
        plain = bare(text)
        faults = [*unsafe_in(plain, sites)]
        language = Language.EN if name == "en" else Language.JA
        if claim := claims_beyond(plain, language, Claim.POSSIBLE):
            faults.append(f"`{shown(claim)}` claims of everybody what holds of some")
        for fault in faults:
            yield written.problem(spot, f"{fault}.", "say it without; see docs/guides/letters.md.")


def _texts(spot: Spot, value: object) -> Iterator[tuple[Spot, str, str]]:
    """Yield every text in a language with its place."""
    if isinstance(value, dict):
        for key, held in value.items():
            if key in ("ja", "en", "easy") and isinstance(held, str):
                yield (*spot, key), key, held
            else:
                yield from _texts((*spot, key), held)
    elif isinstance(value, list):
        for place, held in enumerate(value):
            yield from _texts((*spot, place), held)
