"""Write docs/reference/ from the code, so that it cannot say anything else.

``python -m docs.generate`` writes the pages; a house test compares them with what this would write.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from typer.main import get_command
from typer.testing import CliRunner

from ashiato.cli.main import app
from ashiato.engine.tables import ALL_TABLES, Table
from ashiato.exports.words import Language, words_in
from ashiato.terms.categories import Category, LegalTag
from ashiato.terms.grades import Grade, Rung
from ashiato.terms.proof_gaps import ProofGap
from ashiato.terms.reasons import ReasonCode
from docs.asvs import render_asvs
from docs.duties import render_duties
from docs.summary import render_summary

DOCS = Path(__file__).resolve().parent
RULES = DOCS.parent / "src" / "ashiato" / "rules"
_WIDTH = 100
_NOTE = "<!-- Written by docs/generate.py from the code. Edit the code, then run `make docs`. -->\n"


def read_words(name: str) -> dict[str, str]:
    """Return a hand-written list of meanings beside this file: ``<name>.yaml``."""
    words: dict[str, str] = yaml.safe_load((DOCS / f"{name}.yaml").read_text(encoding="utf-8"))
    return words


def render_tables() -> str:
    """Render the table dictionary: every table's grain, order and columns."""
    meanings = read_words("columns")
    parts = [
        _NOTE,
        "# Tables\n",
        (
            "The stages hand each other these tables as Parquet files (`runs/<run>/<table>.parquet`). "
            "Times are whole microseconds since 1970-01-01 UTC, sizes are bytes. A column name has one "
            "type and one meaning everywhere. Columns are only ever added, at the end.\n"
        ),
        *(f"- [{table.name}](#{table.name}): {table.grain}" for table in ALL_TABLES),
        "",
        *(_render_table(table, meanings) for table in ALL_TABLES),
    ]
    return "\n".join(parts)


def _render_table(table: Table, meanings: dict[str, str]) -> str:
    rows = [f"| `{name}` | {kind} | {meanings.get(name, '')} |" for name, kind in table.columns.items()]
    ordered = ", ".join(f"`{name}`" for name in table.order)
    grain = table.grain[0].upper() + table.grain[1:]
    heading = [
        f"## {table.name}\n",
        f"{grain}. Sorted by {ordered}.\n",
        "| column | type | meaning |",
        "|---|---|---|",
    ]
    return "\n".join([*heading, *rows, ""])


def render_codes_page() -> str:
    """Render the codes that tables and files carry, in the words screens and reports use."""
    english = words_in(Language.EN)
    grades = [grade.word for grade in sorted(Grade, reverse=True)]
    parts = [
        _NOTE,
        "# Codes\n",
        (
            "Tables and files carry codes; words come in at the edge, in English and Japanese "
            "(`exports/words/`). Each reason code names one limit of the evidence, with its parameters in "
            "round brackets: `drift(column=prefecture)`. What each does to a grade is in "
            "[the semantics](../semantics.md).\n"
        ),
        _render_codes("Reason codes", "reasons", [str(code) for code in ReasonCode]),
        _render_codes("What is missing for a proof", "proof_gaps", [str(code) for code in ProofGap]),
        _render_codes("Grades", "grades", grades, meanings="grade_meanings"),
        _render_codes("Rungs", "rungs", [str(rung) for rung in Rung], meanings="rung_meanings"),
        _render_codes("Categories of columns", "categories", [str(category) for category in Category]),
        _render_codes("Legal tags", "tags", [str(tag) for tag in LegalTag]),
        _render_codes("Techniques", "techniques", sorted(english.section("techniques"))),
    ]
    return "\n".join(parts)


def _render_codes(title: str, group: str, codes: list[str], *, meanings: str | None = None) -> str:
    english, japanese = words_in(Language.EN), words_in(Language.JA)
    words = [(code, english.section(group)[code], japanese.section(group)[code]) for code in codes]
    rows = [f"| `{code}` | {in_english} | {in_japanese} |" for code, in_english, in_japanese in words]
    heading = [f"## {title}\n", "| code | English | 日本語 |", "|---|---|---|"]
    if meanings is None:
        return "\n".join([*heading, *rows, ""])
    said = [f"- **{english.section(group)[code]}**: {english.section(meanings)[code]}" for code in codes]
    return "\n".join([*heading, *rows, "", *said, ""])


def render_rules() -> str:
    """Render the catalogue of detection rules that look at one event."""
    rules = [_read_rule(path) for path in sorted(RULES.glob("*.yml"))]
    rows = [
        f"| {rule['title']} | {rule['level']} | {', '.join(rule['tags'])} "
        f"| {' '.join(rule['description'].split())} | {' '.join(rule['falsepositives'])} | `{rule['id']}` |"
        for rule in rules
    ]
    parts = [
        _NOTE,
        "# Rules\n",
        (
            f"{len(rules)} Sigma rules, each looking at one event, each with samples that must fire and "
            "samples that must stay silent (`src/ashiato/rules/`). Behaviours, which look at many events "
            "together, are in `src/ashiato/engine/findings/`.\n"
        ),
        "| rule | level | tags | what it sees | what else it may be | id |",
        "|---|---|---|---|---|---|",
        *rows,
        "",
    ]
    return "\n".join(parts)


def render_commands() -> str:
    """Render the help of every command, as the command line itself prints it."""
    parts = [
        _NOTE,
        "# Commands\n",
        "What `--help` prints. Paths, names and times in the examples are made up.\n",
        *(f"## {name}\n\n```text\n{text}\n```\n" for name, text in list_commands().items()),
    ]
    return "\n".join(parts)


@cache
def list_commands() -> dict[str, str]:
    """Return every command's full name with its help text, groups before what is in them."""
    found: dict[str, str] = {}
    waiting: list[tuple[tuple[str, ...], object]] = [((), get_command(app))]
    while waiting:
        words, command = waiting.pop(0)
        found[" ".join(["ashiato", *words])] = _help_of(words)
        inner: dict[str, object] = getattr(command, "commands", {})
        waiting += [((*words, name), inner[name]) for name in sorted(inner)]
    return found


def _help_of(words: tuple[str, ...]) -> str:
    shown = CliRunner().invoke(app, [*words, "--help"], prog_name="ashiato", terminal_width=_WIDTH)
    return "\n".join(line.rstrip() for line in shown.stdout.strip().splitlines())


def _read_rule(path: Path) -> dict[str, Any]:
    rule: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return rule


def render_summary_page() -> str:
    """Render what stands in summary.json."""
    return f"{_NOTE}\n{render_summary()}"


def render_duties_page() -> str:
    """Render every rule of law, with its source."""
    return f"{_NOTE}\n{render_duties()}"


def render_asvs_page() -> str:
    """Render what of the OWASP standard holds."""
    return f"{_NOTE}\n{render_asvs()}"


PAGES = {
    "asvs.md": render_asvs_page,
    "duties.md": render_duties_page,
    "commands.md": render_commands,
    "rules.md": render_rules,
    "tables.md": render_tables,
    "codes.md": render_codes_page,
    "summary.md": render_summary_page,
}


def main() -> None:
    """Write every page."""
    folder = DOCS / "reference"
    folder.mkdir(exist_ok=True)
    for name, render in PAGES.items():
        (folder / name).write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
