"""Triggers: what a schema says runs beside a write, and what can be read of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ashiato.engine.exposures.hidden.definitions import Function
from ashiato.engine.exposures.sessions.pieces import plain_name, split_statements

_NAME = r"(?:[\w\"`]+\.)?[\w\"`]+"
_TRIGGER = re.compile(
    rf"\bcreate\s+(?:or\s+replace\s+)?(?:constraint\s+)?(?:definer\s*=\s*\S+\s+)?trigger\s+"
    rf"(?:if\s+not\s+exists\s+)?(?P<name>{_NAME})\s+(?P<when>before|after|instead\s+of)\s+"
    rf"(?P<events>[^;]+?)\s+on\s+(?P<table>{_NAME})\s(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
#: What dumps of MySQL write for servers of some version only.
_VERSIONED = re.compile(r"/\*!\d*(.*?)\*/", re.DOTALL)
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_EVENT = re.compile(
    r"\b(insert|update|delete|truncate)\b(?:\s+of\s+(?P<columns>[\w\s,\"`]+?)(?=\s+or\b|$))?", re.IGNORECASE
)
_RUNS = re.compile(
    rf"\bexecute\s+(?:function|procedure)\s+(?P<name>{_NAME})\s*\((?P<given>[^;]*?)\)\s*(?:;|$)",
    re.IGNORECASE | re.DOTALL,
)
_OF_MYSQL = re.compile(
    r"^\s*for\s+each\s+row\s+(?:(?:follows|precedes)\s+[\w\"`]+\s+)?(?P<body>.*)", re.IGNORECASE | re.DOTALL
)
_BLOCK = re.compile(r"^\s*(?:\w+\s*:\s*)?begin\b", re.IGNORECASE)
#: Where a block of code ends, and the next thing of the schema begins.
_ENDS = re.compile(
    r"\bend\b\s*(?:\w+\s*)?(?:;;|//|\$\$|\*/|\Z|;\s*(?:\Z|delimiter\b|create\b|drop\b|alter\b|insert\b|set\b|/\*|--))",
    re.IGNORECASE,
)
_WHOLE_BLOCK = re.compile(r"\bbegin\b(?P<inner>.*)\bend\b", re.IGNORECASE | re.DOTALL)
_CONTROL = re.compile(
    r"\s*(?:(?:if|elsif|elseif|when|case)\b.*?\bthen\b|else\b|(?:for|foreach|while)\b.*?\b(?:loop|do)\b|"
    r"loop\b|repeat\b|begin\b|exception\b|end\b(?:\s+(?:if|loop|case|while|repeat)\b)?|<<\w+>>|\w+\s*:(?!=))",
    re.IGNORECASE | re.DOTALL,
)
_CHANGES = re.compile(r"\s*(?:with|insert|update|delete|merge|replace|truncate)\b", re.IGNORECASE)
_SPEAKS = re.compile(r"\s*(?:raise|signal|resignal)\b", re.IGNORECASE)
_RETURNS = re.compile(r"\s*return\b\s*(?P<what>.*)", re.IGNORECASE | re.DOTALL)
_ASSIGNS = re.compile(r"\bnew\s*\.\s*(?P<column>[\w\"`]+)\s*:?=", re.IGNORECASE)
_ASSIGNING = re.compile(r"\s*(?:set\b|new\s*\.)", re.IGNORECASE)
_ASSIGNS_ALL = re.compile(r"\s*(?:set\s+)?new\s*:?=", re.IGNORECASE)
_INTO = re.compile(r"\binto\s+(?:strict\s+)?(?P<targets>.*)", re.IGNORECASE | re.DOTALL)
_RETURNING_INTO = re.compile(r"\breturning\b.*?(?=\binto\b)", re.IGNORECASE | re.DOTALL)
_INTO_NEW = re.compile(r"\bnew\b(?:\s*\.\s*(?P<column>[\w\"`]+))?", re.IGNORECASE)
#: Functions that servers bring with them: each sets the column it is given, or none.
_SHIPPED = {
    "suppress_redundant_updates_trigger": False,
    "lo_manage": False,
    "tsvector_update_trigger": True,
    "tsvector_update_trigger_column": True,
    "moddatetime": True,
}

#: Tells which tables a piece of code may write without naming them as what it writes.
Behind = Callable[[str], frozenset[str]]


@dataclass(frozen=True)
class Body:
    """What a trigger does: ``statements`` that write, with NEW and OLD in them.

    ``assigned``: columns of its own row that it sets, None: it may set any. ``drops``: it may keep the row
    from being written. ``tables``: others of which it may write any row; ``is_read``: all was understood.
    """

    statements: tuple[str, ...] = ()
    assigned: frozenset[str] | None = frozenset()
    drops: bool = False
    tables: frozenset[str] = frozenset()
    is_read: bool = True


@dataclass(frozen=True)
class Trigger:
    """One trigger of a table: what fires it (``columns`` empty: an update of any), and what it does then.

    ``early``: it runs before the row is written. ``on_view``: it runs instead.
    """

    name: str
    table: str
    events: frozenset[str]
    columns: frozenset[str]
    early: bool
    on_view: bool
    body: Body


def _trigger(found: re.Match[str], body: Body) -> Trigger:
    events = list(_EVENT.finditer(found["events"]))
    updates = [event["columns"] for event in events if event[1].lower() == "update"]
    named = [plain_name(name.strip()) for name in (updates[0] or "").split(",")] if updates else []
    when = found["when"].lower()
    return Trigger(
        plain_name(found["name"].rpartition(".")[2]),
        found["table"],
        frozenset("delete" if event[1].lower() == "truncate" else event[1].lower() for event in events),
        frozenset(filter(None, named)),
        early=when == "before",
        on_view=when.startswith("instead"),
        body=body,
    )


@dataclass(frozen=True)
class TriggerReader:
    """Reads triggers.

    ``every``: all tables of the system. ``behind_code``, ``behind_statement``: which tables a piece of code,
    and a statement, may write without naming them as what they write.
    """

    every: frozenset[str]
    functions: Mapping[str, Function]
    behind_code: Behind
    behind_statement: Behind
    dialect: str

    def triggers_in(self, text: str) -> Iterator[Trigger]:
        """Yield the triggers that a text defines."""
        text = _VERSIONED.sub(r" \1 ", text)
        found = _TRIGGER.search(text)
        while found is not None:
            following = _TRIGGER.search(text, found.start("rest"))
            rest = text[found.start("rest") : following.start() if following else len(text)]
            yield _trigger(found, self._body_of(rest))
            found = following

    def _body_of(self, rest: str) -> Body:
        """Return what a trigger does, by what follows its table's name."""
        runs = _RUNS.search(rest)
        if runs is not None:
            return self._of_function(plain_name(runs["name"].rpartition(".")[2]), runs["given"])
        own = _OF_MYSQL.match(_COMMENT.sub(" ", rest))
        return self._of_code(_cut(own["body"])) if own is not None else self._unread()

    def _of_function(self, name: str, given: str) -> Body:
        function = self.functions.get(name.lower())
        if function is not None:
            whole = _WHOLE_BLOCK.search(_COMMENT.sub(" ", function.body))
            is_plain = whole is not None and function.language in ("", "plpgsql")
            return self._of_code(whole["inner"]) if whole is not None and is_plain else self._unread()
        if name.lower() not in _SHIPPED:
            return self._unread()
        first = given.split(",", maxsplit=1)[0].strip().strip("'\"")
        return Body(assigned=frozenset({first} if _SHIPPED[name.lower()] else ()))

    def _unread(self) -> Body:
        return Body(assigned=None, drops=True, tables=self.every, is_read=False)

    def _of_code(self, code: str) -> Body:
        statements: list[str] = []
        assigned: set[str] | None = set()
        tables: frozenset[str] = frozenset()
        drops = False
        for whole in split_statements(code, self.dialect):
            piece = _without_control(whole)
            if _SPEAKS.match(piece):
                continue
            changes = _CHANGES.match(piece) is not None
            tables |= self.behind_statement(piece) if changes else self.behind_code(piece)
            if changes:
                statements.append(piece.strip())
                returned_into = _RETURNING_INTO.search(piece)
                set_here = _columns_set(piece[returned_into.end() :]) if returned_into else set()
                assigned = None if assigned is None or set_here is None else assigned | set_here
            elif (returned := _RETURNS.match(piece)) is not None:
                what = returned["what"].strip().lower()
                drops |= what in ("null", "old")
                assigned = assigned if what in ("", "new", "null", "old") else None
            else:
                set_here = _columns_set(piece)
                assigned = None if assigned is None or set_here is None else assigned | set_here
        held = None if assigned is None else frozenset(assigned)
        return Body(tuple(statements), held, drops, tables, is_read=not tables)


def _cut(body: str) -> str:
    """Return a trigger's body without what follows it in the schema: one statement, or a block's inside."""
    if _BLOCK.match(body) is None:
        return body.partition(";")[0]
    ends = _ENDS.search(body)
    whole = _WHOLE_BLOCK.search(body[: ends.end()] if ends is not None else body)
    return whole["inner"] if whole is not None else body


def _without_control(piece: str) -> str:
    """Return a piece of code without the conditions and loops that it stands in."""
    while (found := _CONTROL.match(piece)) is not None and found.end():
        piece = piece[found.end() :]
    return piece


def _columns_set(piece: str) -> set[str] | None:
    """Return the columns of its own row that a piece of code sets, None: it may set any."""
    if _ASSIGNS_ALL.match(piece):
        return None
    if _ASSIGNING.match(piece):
        return {plain_name(found["column"]) for found in _ASSIGNS.finditer(piece)}
    into = _INTO.search(piece)
    names = [found["column"] for found in _INTO_NEW.finditer(into["targets"])] if into is not None else []
    return None if None in names else {plain_name(name) for name in names}
