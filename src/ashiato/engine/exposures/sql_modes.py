"""MySQL's modes that change what a text means: double quotes around names, ``||`` for putting together.

Source: MySQL 8.4 manual, Server SQL Modes (read 2026-11-22).
"""

from __future__ import annotations

from typing import ClassVar

import sqlglot
from sqlglot import exp
from sqlglot.dialects.mysql import MySQL
from sqlglot.errors import SqlglotError
from sqlglot.parsers.mysql import MySQLParser
from sqlglot.tokenizer_core import TokenType

from ashiato.datamap.model import System
from ashiato.engine.exposures.collations import MYSQL_LIKE

_DIALECTS = {"postgresql": "postgres", "sqlite": "sqlite"}
_QUOTED_NAMES, _PIPES_JOIN = "ANSI_QUOTES", "PIPES_AS_CONCAT"


class MySQLNames(MySQL):
    """MySQL with double quotes around names."""

    class Tokenizer(MySQL.Tokenizer):
        """Cuts them so."""

        QUOTES: ClassVar = ["'"]
        IDENTIFIERS: ClassVar = ["`", '"']
        STRING_ESCAPES: ClassVar = ["'", "\\"]


class MySQLPipes(MySQL):
    """MySQL with ``||`` for putting texts together."""

    class Parser(MySQLParser):
        """Reads it so."""

        DISJUNCTION: ClassVar = {TokenType.OR: exp.Or}

        def _parse_term(self, parse_mod: bool = True) -> exp.Expr | None:
            this: exp.Expr | None = super()._parse_term(parse_mod)
            while self._match(TokenType.DPIPE):
                this = self.expression(exp.DPipe(this=this, expression=super()._parse_term(parse_mod)))
            return this


class MySQLAnsi(MySQLNames):
    """MySQL with both."""

    class Parser(MySQLPipes.Parser):
        """Reads it so."""


def dialect_of(system: System) -> str:
    """Return the dialect in which a system's statements are written."""
    if system.engine not in MYSQL_LIKE:
        return _DIALECTS.get(system.engine, "postgres")
    modes = _modes_of(system)
    named, piped = _QUOTED_NAMES in modes, _PIPES_JOIN in modes
    return "mysqlansi" if named and piped else "mysqlnames" if named else "mysqlpipes" if piped else "mysql"


def _modes_of(system: System) -> set[str]:
    modes = {mode.strip().upper() for mode in (system.sql_mode or "").split(",")}
    return modes | ({_QUOTED_NAMES, _PIPES_JOIN} if "ANSI" in modes else set())


def hangs_on_mode(text: str, system: System, names: frozenset[str]) -> bool:
    """Tell whether a statement means something else in a mode of which nobody says that it was off.

    ``names``: the system's tables and columns; a text in double quotes that is none of them is a text.
    """
    if system.engine not in MYSQL_LIKE or system.sql_mode is not None or not ("||" in text or '"' in text):
        return False
    try:
        tokens = sqlglot.tokenize(text, read="mysql")
    except SqlglotError:
        return False
    return any(
        token.token_type is TokenType.DPIPE
        or (token.token_type is TokenType.STRING and text[token.start] == '"' and token.text in names)
        for token in tokens
    )
