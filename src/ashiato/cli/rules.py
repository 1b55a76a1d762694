"""The rules that a run could not use, on the terminal: which, where and why."""

from __future__ import annotations

from collections.abc import Sequence

from ashiato.cli.screen import clean, say
from ashiato.engine.api import RefusedRule
from ashiato.exports.words import Words

_MOST = 12


def say_refused(refused: Sequence[RefusedRule], words: Words) -> None:
    """Print how many rules were not used, and the first of them; nothing when all were."""
    if not refused:
        return
    say()
    say(words.say("investigate.rules_refused", count=words.number(len(refused))))
    for rule in refused[:_MOST]:
        say(f"  {clean(rule.file)}:{rule.line}: {clean(rule.why)}")
    if len(refused) > _MOST:
        say(f"  (+{len(refused) - _MOST})")


def refused_as_json(refused: Sequence[RefusedRule]) -> dict[str, object]:
    """Return all of them for ``--json``."""
    return {"rules_refused": [{"file": r.file, "line": r.line, "why": r.why} for r in refused]}
