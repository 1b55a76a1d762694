"""``ashiato verify``: check that nothing changed, and that answers follow from raw lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from ashiato.cli.options import AsJson, CaseFolder
from ashiato.cli.screen import clean, say, say_json
from ashiato.cli.surroundings import now_us
from ashiato.terms.errors import IntegrityError

if TYPE_CHECKING:
    from ashiato.engine.api import Problem


def verify(folder: CaseFolder, as_json: AsJson = False) -> None:
    """Re-hash the evidence, re-check the ledger and every output, and a sample of records from raw lines.

    Exit code 6 when anything is not as it was sealed; each problem names its file and place.
    """
    from ashiato.cli.progress import telling
    from ashiato.engine.api import open_case, verify_case

    case = open_case(folder, now_us)
    with telling() as tell:
        problems = verify_case(case, tell)
    if as_json:
        say_json([_as_json(problem) for problem in problems])
    elif problems:
        for problem in problems:
            say(clean(problem))
    else:
        say("Everything is as it was sealed.")
    if problems:
        raise typer.Exit(IntegrityError.exit_code)


def _as_json(problem: Problem) -> dict[str, object]:
    return {
        "kind": problem.kind,
        "file": problem.file,
        "what": problem.what,
        "bytes": None if problem.byte_first is None else [problem.byte_first, problem.byte_last],
        "lines": None if problem.line_first is None else [problem.line_first, problem.line_last],
    }
