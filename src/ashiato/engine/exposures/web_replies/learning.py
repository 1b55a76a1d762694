"""Learns a route's statements where both logs exist: which literal of a statement is which request value.

Requests of one kind are compared over all their logged statements of one shape. A literal that follows a
value of the request, or a whole number that grows with one, is that value; one that never changes is the
application's own, as far as what was asked, and who asked, did change: of a request that asks otherwise than
all of those it is not known. One that only the session decides is known for the sessions seen; the rest is
unknown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ashiato.engine.exposures.shapes import (
    NotUnderstoodError,
    Shaped,
    Value,
    replace_markers,
    shape_statement,
)
from ashiato.engine.exposures.web_replies.asked import (
    ASKER,
    Asked,
    may_decide,
    numbered_parts,
    path_of_kind,
)
from ashiato.engine.exposures.web_replies.templates import Steady, Template

# A statement that fewer of a route's requests run is no part of what the route does.
_LEAST_SHARE = 0.05
# One that fewer run hangs on what they found, or on who asked.
_HABIT = 0.5
_NULL = "NULL"

#: The parts of a path that hold digits.
Parts = tuple[str, ...]


@dataclass(frozen=True)
class Sample:
    """A request and one statement it ran."""

    request: int
    kind: str
    asked: Asked
    session: str | None
    text: str
    binds: str | None


@dataclass(frozen=True)
class Taught:
    """What the requests of one kind run: ``always``, and beside that what only some of its paths run.

    ``by_parts``: those paths by their parts with digits, each with its own; every path seen is there.
    """

    always: tuple[Template, ...]
    by_parts: dict[Parts, tuple[Template, ...]]

    def of_path(self, parts: Parts, *, widely: bool = False) -> tuple[Template, ...]:
        """Return the templates of one path; of one never seen none, unless every path runs the same.

        ``widely``: where paths run something in common, also what one of them alone was seen to run.
        """
        if widely and self.always and len(self.by_parts) > 1:
            return self.always + tuple(one for held in self.by_parts.values() for one in held)
        if parts in self.by_parts:
            return self.always + self.by_parts[parts]
        alike = len(self.by_parts) > 1 and not any(self.by_parts.values())
        return self.always if alike else ()


@dataclass(frozen=True)
class Learned:
    """What was taught of each kind of request, and what only sessions decide: by session and place."""

    kinds: dict[str, Taught]
    sessions: dict[str, Asked]

    def of_request(self, kind: str, asked: Asked, *, widely: bool = False) -> tuple[Template, ...]:
        """Return the templates of a request; of a kind never seen, those of the same path.

        ``widely``: also what of others of its kind one alone was seen to run, where they may be alike.
        """
        parts = numbered_parts(asked)
        if kind in self.kinds:
            return self.kinds[kind].of_path(parts, widely=widely)
        path = path_of_kind(kind)
        alike = (taught for other, taught in sorted(self.kinds.items()) if path_of_kind(other) == path)
        return tuple(template for taught in alike for template in taught.of_path(parts, widely=widely))


def learn(samples: Iterable[Sample], dialect: str, least_share: float = _LEAST_SHARE) -> Learned:
    """Return what the samples teach; statements that cannot be cut into tokens teach nothing.

    ``least_share``: nor does one that fewer of a kind's requests run.
    """
    gathered: dict[str, dict[str, list[tuple[Sample, Shaped]]]] = defaultdict(lambda: defaultdict(list))
    for sample in samples:
        try:
            shaped = shape_statement(sample.text, sample.binds, dialect)
        except NotUnderstoodError:
            continue
        gathered[sample.kind][shaped.shape].append((sample, shaped))
    sessions: dict[str, Asked] = defaultdict(dict)
    kinds = {kind: _taught(kind, shapes, sessions, least_share) for kind, shapes in sorted(gathered.items())}
    return Learned(kinds, dict(sessions))


def _taught(
    kind: str,
    shapes: dict[str, list[tuple[Sample, Shaped]]],
    sessions: dict[str, Asked],
    least_share: float,
) -> Taught:
    """Tell statements that every path of a kind runs from those of one path, whose part is then a name."""
    whole = len({sample.request for held in shapes.values() for sample, _ in held})
    usual = [held for _, held in sorted(shapes.items()) if len(held) >= least_share * whole]
    asked = {sample.request: numbered_parts(sample.asked) for held in shapes.values() for sample, _ in held}
    by_parts: dict[Parts, tuple[Template, ...]] = dict.fromkeys(asked.values(), ())
    always: list[Template] = []
    for number, held in enumerate(usual):
        template = _template(f"@{kind} {number}.", held, sessions)
        run_by = {numbered_parts(sample.asked) for sample, _ in held}
        widely = len(run_by) > 1 or len(by_parts) == 1
        alike = whole if widely else list(asked.values()).count(min(run_by))
        template = replace(template, known=_is_habit(len({sample.request for sample, _ in held}), alike))
        if widely:
            always.append(template)
        else:
            by_parts[run_by.pop()] += (template,)
    return Taught(tuple(always), by_parts)


def _is_habit(requests: int, alike: int) -> bool:
    """Tell whether so many of the requests alike show that each runs a statement; one shows nothing."""
    return requests > 1 and requests >= _HABIT * alike


def _template(name: str, held: Sequence[tuple[Sample, Shaped]], sessions: dict[str, Asked]) -> Template:
    places: dict[str, str] = {}
    lines: dict[str, tuple[int, int]] = {}
    steady: dict[str, Steady] = {}
    texts: list[str] = []
    unvaried = _unvaried([sample for sample, _ in held])
    for slot, value in enumerate(held[0][1].values):
        pairs = [(sample, shaped.values[slot]) for sample, shaped in held]
        if len({text.text for _, text in pairs}) == 1:
            texts.append(_constant(value))
            if unvaried:
                steady[f"v{slot}"] = Steady(texts[-1], unvaried)
                texts[-1] = f"{{v{slot}}}"
            continue
        around, place, line = _source(slot, pairs)
        if place is None:
            place = f"{name}{slot}"
            for session, text in _by_session(pairs):
                sessions[session][place] = text
        places[f"v{slot}"] = place
        if line is not None:
            lines[f"v{slot}"] = line
        texts.append(f"'{around}'" if value.is_text else around)
    return Template(replace_markers(held[0][1], texts), places, lines, steady=steady)


def _unvaried(samples: Sequence[Sample]) -> Asked:
    """Return what all these requests asked for alike, that may decide what another would run."""
    first, *others = (sample.asked for sample in samples)
    return {
        place: value
        for place, value in first.items()
        if may_decide(place, value) and all(other.get(place) == value for other in others)
    }


def _constant(value: Value) -> str:
    if value.text is None:
        return _NULL
    plain = value.text.replace("'", "''")
    return f"'{plain}'" if value.is_text else plain


def _source(
    slot: int, pairs: Sequence[tuple[Sample, Value]]
) -> tuple[str, str | None, tuple[int, int] | None]:
    """Return how a literal is written, where its value stands in a request, and by which line it grows."""
    texts = [value.text or "" for _, value in pairs]
    hole = f"{{v{slot}}}"
    common = set.intersection(*(set(sample.asked) for sample, _ in pairs)) - {ASKER}
    for place in sorted(common):
        asked = [sample.asked[place] for sample, _ in pairs]
        if (around := _around(asked, texts)) is not None:
            before, after = around
            return f"{before}{hole}{after}", place, None
        if (line := _line(asked, texts)) is not None:
            return hole, place, line
    return hole, None, None


def _around(asked: Sequence[str], texts: Sequence[str]) -> tuple[str, str] | None:
    """Return what stands before and after the asked value in every text, when that never changes."""
    if not asked[0] or asked[0] not in texts[0] or len(set(asked)) == 1:
        return None
    before, after = texts[0].split(asked[0], 1)
    same = all(text == f"{before}{value}{after}" for value, text in zip(asked, texts, strict=True))
    return (before.replace("'", "''"), after.replace("'", "''")) if same else None


def _line(asked: Sequence[str], texts: Sequence[str]) -> tuple[int, int] | None:
    """Return ``(times, more)`` when every text is so many times the asked number and so much more."""
    if not all(len(text) < 16 and text.isascii() and text.isdigit() for text in (*asked, *texts)):
        return None
    points = sorted({(int(x), int(y)) for x, y in zip(asked, texts, strict=True)})
    (x0, y0), (x1, y1) = points[0], points[-1]
    # Two points always make a line.
    if len(points) < 3 or x0 == x1 or (y1 - y0) % (x1 - x0):
        return None
    times = (y1 - y0) // (x1 - x0)
    more = y0 - times * x0
    return (times, more) if all(y == times * x + more for x, y in points) else None


def _by_session(pairs: Sequence[tuple[Sample, Value]]) -> Iterator[tuple[str, str]]:
    """Yield the sessions in which a literal never changes, each with its value."""
    seen: dict[str, set[str]] = defaultdict(set)
    for sample, value in pairs:
        if sample.session is not None and value.text is not None:
            seen[sample.session].add(value.text)
    for session, texts in sorted(seen.items()):
        if len(texts) == 1:
            yield session, min(texts)
