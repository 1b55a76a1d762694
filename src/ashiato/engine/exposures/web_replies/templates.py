"""A route's statements as the application builds them: SQL text with places for a request's values.

Values are pasted as they came, because an application that pastes is how an injection works; where the
pasted text is no statement, or where a quote in the value may have been escaped, the escaped one is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ashiato.engine.exposures.masks import is_mask
from ashiato.engine.exposures.shapes import NotUnderstoodError, parse_shape, shape_statement
from ashiato.engine.exposures.web_replies.asked import Asked

_PIECE = re.compile(r"'(?:[^']|'')*'|\{\w+\}")
_HOLE = re.compile(r"\{(\w+)\}")
_COMPARED = r"(\w+)\s*=\s*'?\{%s\}"
_WHOLE = re.compile(r"-?[0-9]{1,15}$")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?$")
# Bound values no log gives: a place whose value nobody knows reads as one of them.
_UNKNOWN = 9_000


@dataclass(frozen=True)
class Steady:
    """A literal, as SQL, of requests that all had some values alike (``when``): it may hang on these."""

    sql: str
    when: Asked


@dataclass(frozen=True)
class Template:
    """SQL with ``{name}`` for values.

    ``places``: where a request has them. ``lines``: values that are so many times a request's number and so
    much more (an OFFSET by the page). ``own``: names for the asker's own key, where the request has none.
    ``known``: its kind is known to run it; not so of one that a single request, or few of many, were seen to.
    ``steady``: literals that were never seen to change, each as far as that goes.
    """

    sql: str
    places: Mapping[str, str]
    lines: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    known: bool = True
    steady: Mapping[str, Steady] = field(default_factory=dict)

    def fill(self, asked: Asked, own_key: str | None, dialect: str) -> Iterator[str]:
        """Yield the statements that a request with these values may have run, the likeliest first."""
        values = dict(self._values(asked, own_key))
        sql = self._settled(asked)
        pasted = _filled(sql, values, escaped=False)
        plain = all(_NUMBER.match(value) or value.isalnum() for value in values.values())
        if plain or _is_statement(pasted, dialect):
            yield pasted
        if not plain and (escaped := _filled(sql, values, escaped=True)) != pasted:
            yield escaped

    def _settled(self, asked: Asked) -> str:
        """Return the SQL with the literals that hold for whoever asks like this."""

        def settled(hole: re.Match[str]) -> str:
            held = self.steady.get(hole[1])
            known = held is not None and all(asked.get(place) == one for place, one in held.when.items())
            return held.sql if held is not None and known else hole[0]

        return _HOLE.sub(settled, self.sql) if self.steady else self.sql

    def _values(self, asked: Asked, own_key: str | None) -> Iterator[tuple[str, str]]:
        for name, place in self.places.items():
            if is_mask(asked.get(place)):
                continue
            if place in asked and name in self.lines:
                times, more = self.lines[name]
                if _WHOLE.match(asked[place]):
                    yield name, str(times * int(asked[place]) + more)
            elif place in asked:
                yield name, asked[place]
            elif name in self.own and own_key is not None:
                yield name, own_key


def written_template(sql: str, path_places: Mapping[str, str], key_columns: frozenset[str]) -> Template:
    """Return a data map's statement as a template; a name that the path does not have is a parameter's."""
    names = set(_HOLE.findall(sql))
    own = {name for name in names if (found := re.search(_COMPARED % name, sql)) and found[1] in key_columns}
    return Template(
        sql, {name: path_places.get(name, f"?{name}") for name in sorted(names)}, own=frozenset(own)
    )


def _filled(sql: str, values: Mapping[str, str], *, escaped: bool) -> str:
    unknown = iter(range(_UNKNOWN, _UNKNOWN + len(sql)))

    def fill(piece: re.Match[str]) -> str:
        text = piece[0]
        names = _HOLE.findall(text)
        if any(name not in values for name in names):
            return f"${next(unknown)}"
        quoted = text.startswith("'")
        return _HOLE.sub(lambda hole: _written(values[hole[1]], quoted=quoted, escaped=escaped), text)

    return _PIECE.sub(fill, sql)


def _written(value: str, *, quoted: bool, escaped: bool) -> str:
    if not escaped:
        return value
    safe = value.replace("'", "''")
    return safe if quoted or _NUMBER.match(value) else f"'{safe}'"


def _is_statement(text: str, dialect: str) -> bool:
    try:
        parse_shape(shape_statement(text, None, dialect).shape, dialect)
    except NotUnderstoodError as error:
        # A value nobody knows is missing from the text, which says nothing against its grammar.
        return str(error) == "bind-missing"
    return True
