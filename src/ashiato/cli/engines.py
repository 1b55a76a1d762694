"""The engines of a run on the terminal: what each evaluated, and what was left to DuckDB by name."""

from __future__ import annotations

from ashiato.cli.screen import clean, say
from ashiato.engine.api import Efforts
from ashiato.exports.words import Words

_MOST_NAMES = 6


def say_efforts(efforts: Efforts, words: Words) -> None:
    """Print one line per engine, and one per reason why a station is not yet run by the cluster."""
    say()
    for effort in efforts.by_engine:
        sizes = {what: words.number(getattr(effort, what)) for what in ("stations", "rows", "statements")}
        say(words.say("investigate.engine", engine=effort.engine, **sizes))
    reasons: dict[str, list[str]] = {}
    for name, reason in sorted(efforts.notyet.items()):
        reasons.setdefault(reason, []).append(name)
    for reason, names in sorted(reasons.items()):
        say("  " + words.say("investigate.notyet", reason=clean(reason), names=_listed(names)))


def efforts_as_json(efforts: Efforts) -> dict[str, object]:
    """Return the same for ``--json``."""
    engines = {
        effort.engine: {"stations": effort.stations, "rows": effort.rows, "statements": effort.statements}
        for effort in efforts.by_engine
    }
    return {"engines": engines, "notyet": dict(efforts.notyet)}


def _listed(names: list[str]) -> str:
    over = len(names) - _MOST_NAMES
    return clean(", ".join(names[:_MOST_NAMES])) + (f" (+{over})" if over > 0 else "")
