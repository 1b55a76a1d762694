"""Which statements a request may have run: declared, learned, told by its path, or anything."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ashiato.datamap.model import Answer
from ashiato.engine.exposures.state import StateTable
from ashiato.engine.exposures.web_replies.asked import (
    Asked,
    asked_by,
    asked_values,
    kind_of,
    names_nobody,
    places_of,
)
from ashiato.engine.exposures.web_replies.learning import Learned
from ashiato.engine.exposures.web_replies.path_keys import PathKeys
from ashiato.engine.exposures.web_replies.runs import Want
from ashiato.engine.exposures.web_replies.templates import Template, written_template
from ashiato.engine.exposures.web_replies.unlogged import Unlogged
from ashiato.engine.exposures.web_replies.wanting import Times, declared_wants, learned_wants
from ashiato.engine.routes import RouteBook, is_success
from ashiato.engine.store import quote_name, quote_text

# Half of a kind's requests running statements is the habit of the kind.
_HABIT = 0.5
# A reply that so many addresses got to the byte is nobody's own.
_ANYBODY = 3
_SERVER_ERROR = 500
# What a web server hands out from its disk; a route of the data map is none of them, whatever its name.
_FILES = (
    ".html",
    ".htm",
    ".css",
    ".js",
    ".map",
    ".txt",
    ".ico",
    ".png",
    ".jpg",
    ".jpeg",
    ".gif",
    ".svg",
    ".woff2",
)


class RouteModels:
    """The data map's routes and the state's tables, asked what a request may have run."""

    def __init__(self, tables: tuple[StateTable, ...], keys: PathKeys, book: RouteBook, dialect: str) -> None:
        """``tables``: those on people."""
        self._book = book
        self._dialect = dialect
        self._keys = keys
        self._tables = tables
        self._key_columns = frozenset(
            column for table in tables for column in (table.owner[1] if table.owner else table.key)
        )

    def may_carry(self, request: Unlogged) -> bool:
        """Tell whether a reply may be a person's: not one that anybody gets, nor of a route without data."""
        answer = self._answer(request)
        public = request.same >= _ANYBODY and (request.idle or not request.dark)
        if public or request.body_bytes == 0 or (answer and answer.columns == ()):
            return False
        prints = answer is not None and answer.prints_errors and (request.code or 0) >= _SERVER_ERROR
        return request.code is None or prints or is_success(answer, request.code)

    def statements_of(
        self, request: Unlogged, learned: Learned, own_key: str | None
    ) -> Iterator[tuple[str, bool]]:
        """Yield the statements a request may have run, and whether its route is known to run such.

        Of a request of which nothing is known, a statement that stands for anything.
        """
        kind, asked = _asked(request, learned)
        declared = self._declared(request)
        habitual = request.dark or request.usual_statements >= _HABIT
        templates = declared or (learned.of_request(kind, asked) if habitual else ())
        if templates:
            for template in templates:
                yield from ((text, template.known) for text in template.fill(asked, own_key, self._dialect))
        elif habitual:
            yield from ((text, False) for text in self._guessed(request, asked, own_key))

    def wants_of(self, request: Unlogged, learned: Learned, own_key: str | None, times: Times) -> list[Want]:
        """Return the runs that the log should have: as the data map says, else as was learned; else none."""
        kind, asked = _asked(request, learned)
        declared = self._declared(request)
        templates, wants = (
            (declared, declared_wants) if declared else (learned.of_request(kind, asked), learned_wants)
        )
        return list(wants(templates, asked, times, self._dialect, own_key))

    def guesses_of(
        self, request: Unlogged, learned: Learned, own_key: str | None, *, surely_ran: bool
    ) -> list[tuple[str, bool]]:
        """Return what a request may have run of whose route nothing is known, beside what is logged of it.

        ``surely_ran``: a logged statement is surely its own, so that it asked for no file.
        """
        _, asked = _asked(request, learned)
        texts = list(self._guessed(request, asked, own_key))
        return [(text, False) for text in texts or ([self.anything] if surely_ran else [])]

    def _guessed(self, request: Unlogged, asked: Asked, own_key: str | None) -> Iterator[str]:
        if own_key is not None and names_nobody(request.method, request.url_path, request.query):
            yield from self._own(own_key)
        elif self._answer(request) is not None or not self._is_file(request):
            yield from list(self._named_by_path(asked)) or [self.anything]

    def _answer(self, request: Unlogged) -> Answer | None:
        route = self._book.find(request.method, request.url_path)
        return self._book.routes[route].answer if route is not None else None

    def _declared(self, request: Unlogged) -> tuple[Template, ...]:
        number = self._book.find(request.method, request.url_path)
        if number is None:
            return ()
        route = self._book.routes[number]
        places = places_of(route.path)
        return tuple(written_template(sql, places, self._key_columns) for sql in route.statements)

    def _named_by_path(self, asked: Asked) -> Iterator[str]:
        """Yield a look-up for each table that the path names, by the key that follows a name in it."""
        segments = [asked[f"/{place}"] for place in range(len(asked)) if f"/{place}" in asked]
        for name, value in pairwise(segments):
            named = [table for table in self._tables if _is_named(table, name) and len(table.key) == 1]
            held = [table for table in named if self._keys.may_be_key(table, value)]
            for table in held:
                yield _look_up(table, table.key[0], value)
                yield from (
                    _look_up(other, other.owner[1][0], value)
                    for other in self._tables
                    if other.owner and other.owner[0] == table.name and _named_in(other, segments)
                )

    def _own(self, own_key: str) -> Iterator[str]:
        """Yield the look-ups of the asker's own record and of what hangs on it directly."""
        for table in self._tables:
            columns = table.owner[1] if table.owner else table.key
            if len(columns) == 1 and (table.owner is None or table.owner[0] == table.person_table):
                yield _look_up(table, columns[0], own_key)

    @staticmethod
    def _is_file(request: Unlogged) -> bool:
        return not request.query and request.url_path.lower().endswith(_FILES)

    @property
    def anything(self) -> str:
        """The statement that stands for any: every row of every table on people."""
        names = ", ".join(quote_name(table.name) for table in self._tables)
        return f"SELECT * FROM {names} WHERE $1"


def _asked(request: Unlogged, learned: Learned) -> tuple[str, Asked]:
    """Return a request's kind, and its values with what its session was seen to decide."""
    held = learned.sessions.get(request.session or "", {})
    kind = kind_of(request.method, request.url_path, request.query)
    asked = asked_values(request.url_path, request.query) | held
    return kind, asked_by(asked, request.session, request.account, request.address)


def _look_up(table: StateTable, column: str, value: str) -> str:
    return f"SELECT * FROM {quote_name(table.name)} WHERE {quote_name(column)} = {quote_text(value)}"


def _named_in(table: StateTable, segments: list[str]) -> bool:
    return any(_is_named(table, segment) for segment in segments)


def _is_named(table: StateTable, word: str) -> bool:
    """Tell whether a segment of a path names a table, in the singular or the plural."""
    name = table.name.rsplit(".", 1)[-1].lower()
    return len(word) > 1 and word.lower().rstrip("s") == name.rstrip("s")
