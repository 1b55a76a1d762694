"""One connection's statements in order: what it prepared, which cursors it has open, what it then ran."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

from ashiato.engine.exposures.sessions import commands, cursors
from ashiato.engine.exposures.sessions.cursors import Cursor
from ashiato.engine.exposures.sessions.pieces import plain_name, put_values, split_statements, word_of

#: What is in doubt of a statement run so.
GAP = "gap"
ORDER = "order-unknown"


@dataclass(frozen=True)
class Ran:
    """A statement as it reached the tables.

    ``start_us``: as of when it read them, None for when it ran. ``note``: a reason code that stands against
    it; ``lent``: whether it ran at all is not in the log.
    """

    text: str
    start_us: int | None = None
    note: str = ""
    lent: bool = False


@dataclass(frozen=True)
class Said:
    """One logged text of a connection."""

    event_id: int
    start_us: int
    text: str
    rows: int | None = None
    failed: bool = False
    command: str | None = None
    prepared: str | None = None


@dataclass
class Connection:
    """What a connection holds while its statements are walked through."""

    dialect: str
    prepared: dict[str, commands.Prepared] = field(default_factory=dict)
    cursors: dict[str, Cursor] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    #: Where prepared statements and cursors came from, until something is seen to run them.
    idle: dict[tuple[str, str], tuple[int, Ran]] = field(default_factory=dict)
    #: What was still idle when its name was given up: nothing that was logged ever ran it.
    never_run: list[tuple[int, Ran]] = field(default_factory=list)

    def run(self, said: Said) -> list[Ran]:
        """Return what one text ran."""
        pieces = split_statements(said.text, self.dialect)
        alone = said if len(pieces) == 1 else replace(said, rows=None)
        return [ran for piece in pieces for ran in self._piece(replace(alone, text=piece))]

    def ends(self) -> list[tuple[int, Ran]]:
        """Return what was prepared or declared and never seen to run, by the event that did so."""
        return [*self.never_run, *self.idle.values()]

    def _piece(self, said: Said) -> list[Ran]:
        word, rest = word_of(said.text)
        known = self._commands.get(word)
        if known is not None:
            return known(said, rest)
        if word in ("commit", "end", "rollback", "abort") and not said.failed:
            self.cursors = {name: held for name, held in self.cursors.items() if held.held}
        into = commands.executed_into(said.text) if word in ("create", "explain") else None
        if into is not None and word == "create":
            return [replace(ran, text=into[0] + ran.text) for ran in self._piece(replace(said, text=into[1]))]
        if word == "set":
            self.variables |= commands.variables_set(rest)
        return [] if commands.is_silent(word, rest) else [Ran(said.text)]

    @cached_property
    def _commands(self) -> dict[str, Callable[[Said, str], list[Ran]]]:
        return {
            "prepare": self._prepare,
            "execute": self._execute,
            "declare": self._declare,
            "fetch": self._fetch,
            "move": self._move,
            "close": self._close,
            "deallocate": self._deallocate,
            "discard": self._discard,
        }

    def _prepare(self, said: Said, rest: str) -> list[Ran]:
        made = commands.read_prepare(rest)
        if made is None:
            return [Ran(said.text)]
        if made.variable is not None:
            held = self.variables.get(made.variable)
            made = commands.Prepared(made.name, commands.unquoted(held) if held else "")
        if said.command not in (None, "PREPARE"):
            # An audit record names what an EXECUTE ran by the text that prepared it.
            return [Ran(made.query)]
        if not said.failed:
            self.prepared[made.name] = made
            self._keep("prepared", made.name, said, Ran(made.query or said.text, note=GAP, lent=True))
        return []

    def _execute(self, said: Said, rest: str) -> list[Ran]:
        word, text = word_of(rest)
        if word == "immediate":
            return [Ran(commands.unquoted(text.strip().rstrip(";").strip()))]
        asked = commands.read_execute(rest, self.dialect)
        if asked is None:
            return [Ran(said.text)]
        name, values, variables = asked
        told = commands.read_prepare(word_of(said.prepared)[1]) if said.prepared else None
        held = told or self.prepared.get(name)
        self.idle.pop(("prepared", name), None)
        if held is None or not held.query:
            return [Ran(said.text)]
        if variables and all(variable in self.variables for variable in variables):
            values = [self.variables[variable] for variable in variables]
        return [Ran(put_values(held.query, values, self.dialect))]

    def _declare(self, said: Said, rest: str) -> list[Ran]:
        made = commands.read_declare(rest)
        if made is None:
            return [Ran(said.text)]
        name, held, query = made
        if not said.failed:
            self.cursors[name] = Cursor(query, said.start_us, held)
            self._keep("cursor", name, said, Ran(query, note=GAP, lent=True))
        return []

    def _fetch(self, said: Said, rest: str) -> list[Ran]:
        asked = cursors.fetched_from(rest)
        held = self.cursors.get(asked[0]) if asked is not None else None
        if asked is None or held is None:
            return [Ran(said.text)]
        self.idle.pop(("cursor", asked[0]), None)
        window, self.cursors[asked[0]] = cursors.fetch(held, asked[1], said.rows)
        if window.empty:
            return []
        text, exact = cursors.window_text(held.query, window, self.dialect)
        return [Ran(text, held.start_us, "" if exact else ORDER)]

    def _move(self, _said: Said, rest: str) -> list[Ran]:
        asked = cursors.fetched_from(rest)
        if asked is not None and asked[0] in self.cursors:
            self.idle.pop(("cursor", asked[0]), None)
            _, self.cursors[asked[0]] = cursors.fetch(self.cursors[asked[0]], asked[1], None)
        return []

    def _close(self, _said: Said, rest: str) -> list[Ran]:
        name = plain_name(rest.strip().rstrip(";").strip())
        for one in [*self.cursors] if name == "all" else [name]:
            self.cursors.pop(one, None)
        return []

    def _deallocate(self, _said: Said, rest: str) -> list[Ran]:
        words = rest.strip().rstrip(";").split()
        name = plain_name(words[-1]) if words else "all"
        for one in [*self.prepared] if name == "all" else [name]:
            self.prepared.pop(one, None)
        return []

    def _discard(self, _said: Said, rest: str) -> list[Ran]:
        if rest.strip().lower().startswith("all"):
            self.prepared.clear()
            self.cursors.clear()
        return []

    def _keep(self, kind: str, name: str, said: Said, ran: Ran) -> None:
        before = self.idle.get((kind, name))
        self.never_run += [before] if before is not None else []
        self.idle[kind, name] = (said.event_id, ran)
