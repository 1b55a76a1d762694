"""Write docs/reference/reasons.md: an example of each reason code, investigated for the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from ashiato.engine.api import (
    Case,
    Outcome,
    add_evidence,
    add_snapshot,
    create_case,
    investigate_case,
    open_outcome,
)
from ashiato.exports.words import Language, words_in
from ashiato.terms.grades import Grade

DOCS = Path(__file__).resolve().parent
PAGE = DOCS / "reference" / "reasons.md"
_TAKEN, _NOW_US = "2026-06-10T20:00:00+09:00", 1_790_000_000_000_000
_INTRUDER, _TOOL = "203.0.113.9", "sqlmap/1.7"
_LETTERS = "abcdefghijklmnopqrst"
_INTRO = """<!-- Written by docs/reason_examples.py, which investigates what it shows. Run `make docs`. -->

# Each reason code, in an example

A reading club's web server and database were broken into from 203.0.113.9; all people are fictional. Each
example shows the lines that matter as they were sealed, and what `ashiato investigate` answered; where a
database's log tells of them, it also holds somebody else's visit before and one after.
What each code does to a grade is in [the semantics](../semantics.md).
"""
Example = Mapping[str, Any]
Step = Mapping[str, Any]
#: A line of a log, and whether the page shows it.
Line = tuple[str, bool]


def read_examples() -> dict[str, Example]:
    """Return the examples of ``examples/reasons.yaml`` by code, each with its data map and tables."""
    held = yaml.safe_load((DOCS / "examples" / "reasons.yaml").read_text(encoding="utf-8"))
    return {
        code: {"map": held["map"], "tables": held["tables"], "files": {}} | example
        for code, example in held["examples"].items()
    }


def render_page() -> str:
    """Investigate every example and return the page."""
    examples = read_examples()
    return "\n".join([_INTRO, *(render_example(code, examples[code]) for code in sorted(examples))])


def render_example(code: str, example: Example) -> str:
    """Investigate one example and return what the page says of it."""
    steps = [*_usual(example.get("usual")), *example["steps"]]
    steps += _around(steps)
    logs = {"access.log": _web_lines(steps), "postgresql.log": _database_lines(steps)}
    with TemporaryDirectory() as folder:
        case = _case_of(Path(folder), example, logs)
        investigate_case(case)
        with open_outcome(case) as outcome:
            told = _limits(code, outcome) if "limit" in example else _record(example["record"], code, outcome)
    shown = [line for lines in logs.values() for line, is_shown in lines if is_shown]
    shown += [line for name, text in example["files"].items() for line in (f"# {name}", *text.splitlines())]
    words = words_in(Language.EN).code("reasons", code)
    return "\n".join(
        [f"## {code}\n", f"*{words}* {example['says']}\n", "```text", *shown, "```", "", *told, ""]
    )


def _case_of(root: Path, example: Example, logs: Mapping[str, list[Line]]) -> Case:
    _write(root / "tables", example["tables"])
    written = {name: "".join(f"{line}\n" for line, _ in lines) for name, lines in logs.items() if lines}
    written["access.log"] = "".join(f"{line}\n" for line in _hunting()) + written.get("access.log", "")
    _write(root / "logs", {**written, **example["files"]})
    _write(root, {"map.yaml": example["map"]})
    case = create_case(root / "case", "Asia/Tokyo", lambda: _NOW_US, root / "map.yaml")
    add_snapshot(case, root / "tables", _TAKEN, "club")
    add_evidence(case, [root / "logs"])
    return case


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def _hunting() -> Iterator[str]:
    """Yield what gives the intruder away: a look for paths, twenty a second."""
    for number in range(len(_LETTERS) ** 2):
        word = _LETTERS[number // 20] + _LETTERS[number % 20]
        yield _request(f"08:00:{number // 20:02}", f"GET /old/{word}/login.php 404 153", _INTRUDER, _TOOL)


def _request(clock: str, request: str, address: str, agent: str) -> str:
    method, target, code, size = request.split()
    head = f"{address} - - [10/Jun/2026:{clock} +0900]"
    return f'{head} "{method} {target} HTTP/1.1" {code} {size} "-" "{agent}"'


def _usual(said: Mapping[str, int] | None) -> Iterator[Step]:
    """Yield a site's usual minutes, which the page does not show: a request and its statement in each."""
    for minute in range(said["first"], said["last"] + 1) if said else ():
        yield _loan(11 + minute % 3, f"09:{minute:02}")


def _around(steps: Sequence[Step]) -> list[Step]:
    """Return a visit before and one after, where a database tells of steps: its log ends at none of them."""
    is_told = any({"sql", "log"} & set(step) for step in steps)
    return [_loan(11, clock) for clock in ("08:50", "14:10")] if is_told else []


def _loan(loan: int, clock: str) -> Step:
    asked = {"request": f"GET /loans/{loan} 200 300", "honest": True, "clock": clock}
    return asked | {"sql": f"SELECT title FROM loans WHERE id = {loan}", "rows": 1, "usual": True}


def _in_order(steps: Sequence[Step]) -> Iterator[tuple[int, str, Step]]:
    """Yield the steps in order of time, with their minute."""
    timed = [
        (step.get("clock", f"{13 if 'later' in step else 9:02}:{number:02}"), number, step)
        for number, step in enumerate(steps)
    ]
    for minute, number, step in sorted(timed, key=lambda each: each[:2]):
        yield number, minute, step


def _web_lines(steps: Sequence[Step]) -> list[Line]:
    lines = []
    for _, minute, step in _in_order(steps):
        lines += [(line.format(minute=minute), True) for line in step.get("web", ())]
        if "request" in step:
            known = ("198.51.100.7", "Mozilla/5.0") if step.get("honest") else (_INTRUDER, _TOOL)
            lines.append((_request(f"{minute}:01", step["request"], *known), "usual" not in step))
    return lines


def _database_lines(steps: Sequence[Step]) -> list[Line]:
    lines = []
    for number, minute, step in _in_order(steps):
        head = f"2026-06-10 {minute}:01.005 JST [{5000 + number}] app@club "
        said = [f"{head}{line}" for line in step.get("log", ())]
        if "sql" in step:
            quoted = step["sql"].replace('"', '""')
            kind = "WRITE,UPDATE" if step.get("later") else "READ,SELECT"
            said.append(f"{head}LOG:  statement: {step['sql']}")
            said.append(
                f'{head}LOG:  AUDIT: SESSION,{number + 1},1,{kind},,,"{quoted}",<none>,{step["rows"]}'
            )
        lines += [(line, "usual" not in step) for line in said]
    return lines


def _record(record: str, code: str, outcome: Outcome) -> list[str]:
    rows = outcome.store.rows(
        "SELECT field, rung, grade, reasons FROM exposures WHERE record_key = ? "
        "AND regexp_matches(reasons, '(^|;)' || ? || '($|[;(])') ORDER BY field",
        [record, code],
    )
    told = [
        f"| {record} | `{name}` | {rung} | {Grade(grade).word} | `{why}` |" for name, rung, grade, why in rows
    ]
    return ["| member | field | rung | grade | reasons |", "|---|---|---|---|---|", *told]


def _limits(code: str, outcome: Outcome) -> list[str]:
    rows = outcome.store.rows("SELECT params, events FROM limits WHERE reason = ? ORDER BY 1", [code])
    told = [f"| `{code}` | `{params}` | {events or ''} |" for params, events in rows]
    return ["| limit | of what | statements |", "|---|---|---|", *told]


if __name__ == "__main__":
    PAGE.write_text(render_page(), encoding="utf-8")
