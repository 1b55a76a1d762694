"""Write docs/reference/ from the code, so that it cannot say anything else.

``python docs/generate.py`` writes the pages; a house test compares them with what this would write.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from ashiato.engine.tables import ALL_TABLES, Table
from ashiato.terms.categories import Category, LegalTag
from ashiato.terms.grades import Grade, Rung
from ashiato.terms.reasons import ReasonCode

DOCS = Path(__file__).resolve().parent
_NOTE = "<!-- Written by docs/generate.py from the code. Edit the code, then run `make docs`. -->\n"


def read_words(name: str) -> dict[str, str]:
    """Return a hand-written list of meanings: ``docs/<name>.yaml``."""
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
    rows = [f"| `{name}` | {kind} | {meanings[name]} |" for name, kind in table.columns.items()]
    ordered = ", ".join(f"`{name}`" for name in table.order)
    grain = table.grain[0].upper() + table.grain[1:]
    heading = [
        f"## {table.name}\n",
        f"{grain}. Sorted by {ordered}.\n",
        "| column | type | meaning |",
        "|---|---|---|",
    ]
    return "\n".join([*heading, *rows, ""])


def render_reasons() -> str:
    """Render the reason codes, the grades and the rungs."""
    meanings = read_words("reasons")
    parts = [
        _NOTE,
        "# Reason codes\n",
        (
            "Each names one limit of the evidence, with its parameters in round brackets: "
            "`drift(column=prefecture)`. What each does to a grade is in [the semantics](../semantics.md).\n"
        ),
        "| code | meaning |",
        "|---|---|",
        *(f"| `{code}` | {meanings[code]} |" for code in ReasonCode),
        "",
        "## Grades and rungs\n",
        "| grade | number in tables |",
        "|---|---|",
        *(f"| {grade.word} | {int(grade)} |" for grade in sorted(Grade, reverse=True)),
        "",
        "| rung | name |",
        "|---|---|",
        *(f"| {rung} | {rung.name.lower().replace('_', ' ')} |" for rung in Rung),
        "",
        "## Categories of columns and legal tags\n",
        *(f"- {category}" for category in Category),
        "",
        *(f"- tag: {tag}" for tag in LegalTag),
        "",
    ]
    return "\n".join(parts)


PAGES = {"tables.md": render_tables, "reasons.md": render_reasons}


def main() -> None:
    """Write every page."""
    folder = DOCS / "reference"
    folder.mkdir(exist_ok=True)
    for name, render in PAGES.items():
        (folder / name).write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
