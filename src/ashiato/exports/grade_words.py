"""Grades and fields as SQL text: the words files carry."""

from __future__ import annotations

from ashiato.terms.grades import Grade

_WHENS = " ".join(f"WHEN {int(grade)} THEN '{grade.word}'" for grade in Grade)


def grade_word(column: str) -> str:
    """Return SQL for the word of a grade column."""
    return f"CASE {column} {_WHENS} END"


def field_text(prefix: str = "") -> str:
    """Return SQL for one field of ``exposures``: ``table.column=grade/rung[:part]``."""
    part = f"CASE WHEN coalesce({prefix}part, '') = '' THEN '' ELSE ':' || {prefix}part END"
    return f"{prefix}field || '=' || {grade_word(prefix + 'grade')} || '/' || {prefix}rung || {part}"
