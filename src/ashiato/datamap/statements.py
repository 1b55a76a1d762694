"""The SQL a route is said to send, its values standing as ``{name}``: whether it can be read, and of what."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from ashiato.written.parsing import Written
from ashiato.written.problems import Problem, Spot, shown

_DIALECTS = {"postgresql": "postgres", "mariadb": "mysql", "sqlserver": "tsql", "other": "postgres"}
#: Text in quotes stays; a value outside quotes reads as a number.
_VALUE = re.compile(r"('(?:[^']|'')*')|\{\w+\}")


def check_statements(
    written: Written, spot: Spot, route: Mapping[str, Any], systems: Mapping[str, Any]
) -> Iterator[Problem]:
    """Yield advice for each statement that cannot be read as SQL of the route's system."""
    for number, statement in enumerate(route.get("statements") or []):
        if not _is_read(statement, _dialects(route, systems)):
            what = f"the statement `{shown(statement, 60)}` cannot be read as SQL."
            fix = (
                "write it as it is sent, each value as `{name}`; one statement for each way "
                "in which optional parts are put together."
            )
            yield written.problem((*spot, "statements", number), what, fix).as_advice()


def _dialects(route: Mapping[str, Any], systems: Mapping[str, Any]) -> set[str]:
    named = systems.get(route.get("system", ""))
    chosen = [named] if named is not None else list(systems.values())
    engines = {(system or {}).get("engine", "postgresql") for system in chosen} or {"postgresql", "mysql"}
    return {_DIALECTS.get(engine, engine) for engine in engines}


def tables_named(statement: str, engine: str) -> frozenset[str] | None:
    """Return what a route's statement reads from: bare names in small letters; None: it cannot be read."""
    trees = [tree for tree in _parsed(statement, _DIALECTS.get(engine, engine)) if tree is not None]
    if not trees or any(isinstance(tree, exp.Command) for tree in trees):
        return None
    named = {table.name.lower() for tree in trees for table in tree.find_all(exp.Table)}
    return frozenset(named - {each.alias.lower() for tree in trees for each in tree.find_all(exp.CTE)})


def _is_read(statement: str, dialects: set[str]) -> bool:
    return any(_parsed(statement, dialect) for dialect in sorted(dialects))


def _parsed(statement: str, dialect: str) -> list[exp.Expr | None]:
    """Return the trees of a statement whose values are numbers; none where it is no SQL."""
    text = _VALUE.sub(lambda found: found[1] or "1", statement)
    logger = logging.getLogger("sqlglot")
    level = logger.level
    # What the parser passes over it tells its log; that is not for the operator.
    logger.setLevel(logging.ERROR)
    try:
        return sqlglot.parse(text, read=dialect)
    except (SqlglotError, RecursionError):
        return []
    finally:
        logger.setLevel(level)
