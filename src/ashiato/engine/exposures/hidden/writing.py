"""What statements write without naming it: through views, in functions and procedures, in blocks of code.

What the schema says of a name tells which tables it may write. A procedure that no schema tells of, code put
together as it runs, and a prepared statement whose words the log lacks may write any.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ashiato.engine.exposures.hidden.definitions import Function, Source, definitions_in
from ashiato.engine.exposures.hidden.triggers import Trigger, TriggerReader
from ashiato.engine.exposures.sessions.pieces import plain_name, word_of
from ashiato.engine.exposures.state import State
from ashiato.engine.exposures.widening import tables_meant

_WRITES = re.compile(r"\b(?:insert|update|delete|merge|truncate|copy|replace|alter|drop)\b", re.IGNORECASE)
#: Within code: statements put together from texts, and code of other names.
_DYNAMIC = re.compile(r"\b(?:execute|prepare)\b", re.IGNORECASE)
_CALLED = re.compile(r"\b(?:call|exec|perform)\s+(?:[\w\"`]+\.)?(?P<name>[\w\"`]+)", re.IGNORECASE)
_RUN = re.compile(r"([a-z_]\w*)[\"`]?\s*\(", re.IGNORECASE)
_TARGET = re.compile(
    r"\b(?:into|update|from|truncate|table|ignore|only|delayed|low_priority|quick)\s+(?:[\w\"`]+\.)?([\w\"`]+)",
    re.IGNORECASE,
)
#: Statements that run what they do not say, by themselves or after others.
COMMANDS = r"(?is)^(([^']|'[^']*')*;)?(\s|--[^\n]*\n|/\*.*\*/)*(call|do|exec|execute)\b"
#: Statements that say what others are to run.
_DEFINES = frozenset({"create", "alter", "drop", "comment", "grant", "revoke"})
_DEFINING = re.compile(r"\b(?:view|function|procedure|trigger)\b", re.IGNORECASE)
#: As many rounds as names may stand behind each other.
_DEEPEST = 12


@dataclass
class HiddenWrites:
    """Which tables each view, function or procedure may write, and what runs beside a write of a table."""

    every: frozenset[str]
    views: dict[str, frozenset[str]]
    functions: dict[str, frozenset[str]]
    triggers: tuple[Trigger, ...] = ()

    @property
    def words(self) -> str:
        """What a statement's text is searched for, as a regular expression of the database's own."""
        named = [
            rf"\b{re.escape(name)}\b[\"`]?\s*\(" for name, held in sorted(self.functions.items()) if held
        ]
        views = [rf"\b{re.escape(name)}\b" for name in sorted(self.views)]
        writing = [f"({_WRITES.pattern}).*({'|'.join(views)})"] if views else []
        return "|".join([COMMANDS, *(f"(?i){one}" for one in named), *(f"(?is){one}" for one in writing)])

    def tables_of(self, text: str) -> frozenset[str]:
        """Return the tables that a statement may write without naming them as what it writes."""
        word, rest = word_of(text)
        if word in ("call", "exec"):
            found = _CALLED.search(text)
            name = plain_name(found["name"]).lower() if found else ""
            return self.functions.get(name, self.every)
        if word == "execute":
            return self.every
        if word in _DEFINES:
            return frozenset()
        code = self.of_code(rest) if word == "do" else self._of_run(text)
        return code | self._of_views(text)

    def of_code(self, body: str) -> frozenset[str]:
        """Return the tables that a block of code may write."""
        if _DYNAMIC.search(body):
            return self.every
        called = [plain_name(found["name"]).lower() for found in _CALLED.finditer(body)]
        behind = (self.functions.get(name, self.every) for name in called)
        own = frozenset(name for name in self.every if name.rpartition(".")[2].lower() in body.lower())
        named = own if _WRITES.search(body) else frozenset[str]()
        return named.union(self._of_run(body), self._of_views(body), *behind)

    def _of_run(self, text: str) -> frozenset[str]:
        if not self.functions:
            return frozenset()
        names = {name.lower() for name in _RUN.findall(text)}
        return frozenset[str]().union(*(self.functions[name] for name in names & self.functions.keys()))

    def _of_views(self, text: str) -> frozenset[str]:
        if not self.views or not _WRITES.search(text):
            return frozenset()
        names = {plain_name(name).lower() for name in _TARGET.findall(text)}
        return frozenset[str]().union(*(self.views[name] for name in names & self.views.keys()))


def hidden_writes(state: State, dialect: str, logged: Iterable[str] = ()) -> HiddenWrites:
    """Return what a system's schema, and what the log defines, say of writes behind names."""
    made = HiddenWrites(frozenset(state.tables), {}, {})
    texts = [text for text in (state.schema, *logged) if _DEFINING.search(text)]
    found = [
        one for text in texts for one in definitions_in(text, None, dialect, state.system.default_schema)
    ]
    views = [one for one in found if isinstance(one, Source) and one.made_us is None]
    functions = [one for one in found if isinstance(one, Function)]
    named = {function.name: function for function in functions}
    reader = TriggerReader(made.every, named, made.of_code, made.tables_of, dialect)
    for _ in range(_DEEPEST):
        before = dict(made.views), dict(made.functions), made.triggers
        for view in views:
            if view.name not in state.tables:
                made.views[view.name.rpartition(".")[2].lower()] = _read_by(view.query, made, state)
        for function in functions:
            made.functions[function.name] = made.of_code(function.body)
        _add_triggers(made, reader, texts, state)
        if before == (made.views, made.functions, made.triggers):
            break
    return made


def _add_triggers(made: HiddenWrites, reader: TriggerReader, texts: Sequence[str], state: State) -> None:
    """Add what runs beside writes of tables, and to the views what runs instead of writing them.

    A table that no snapshot holds is as a view here: of a write to it only what it leads to is known.
    """
    found = dict.fromkeys(trigger for text in texts for trigger in reader.triggers_in(text))
    made.triggers = tuple(trigger for trigger in found if not trigger.on_view)
    for trigger in (one for one in found if one.on_view or not _is_held(one, state)):
        name = plain_name(trigger.table.rpartition(".")[2]).lower()
        instead = trigger.body.tables.union(*map(made.of_code, trigger.body.statements))
        made.views[name] = made.views.get(name, frozenset()) | instead


def _is_held(trigger: Trigger, state: State) -> bool:
    schema, _, name = trigger.table.replace('"', "").replace("`", "").rpartition(".")
    return state.find_written(schema or None, name) is not None


def _read_by(query: str, made: HiddenWrites, state: State) -> frozenset[str]:
    words = set(re.findall(r"\w+", query.lower()))
    behind = [tables for name, tables in made.views.items() if name in words]
    named = frozenset(name for name in made.every if name.rpartition(".")[2].lower() in words)
    return named.union(*behind) if named or behind else tables_meant(query, state)


def command_of(text: str) -> str:
    """Return what a limit names a statement by that runs what it does not say: its first words."""
    word, rest = word_of(text)
    name = re.match(r"\s*([\w.\"`]+)", rest)
    return f"{word} {name[1]}" if name is not None and word in ("call", "exec", "execute") else word
