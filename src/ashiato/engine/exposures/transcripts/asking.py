"""Reads hostile requests as questions, each beside what its answer looked like."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ashiato.engine.exposures.transcripts.allowing import allowed
from ashiato.engine.exposures.transcripts.claims import Claim, claim_of
from ashiato.engine.exposures.transcripts.contexts import Contexts
from ashiato.engine.exposures.transcripts.lifting import Value, split_marks
from ashiato.engine.exposures.transcripts.met import Met, met_by
from ashiato.engine.exposures.transcripts.payloads import payload_of, values_of
from ashiato.engine.exposures.transcripts.questions import Question, find_question
from ashiato.engine.exposures.transcripts.sought import Seeker, Sought
from ashiato.engine.exposures.transcripts.values import UnknownError
from ashiato.engine.store import Store

#: Shapes parsed at most; an intruder who never repeats himself cannot make a run last for ever.
MOST_SHAPES = 4_000
#: Sets of characters kept at a time; each has up to 24 kB.
_MOST_SETS = 4_000
#: User agents and the like come again and again; so many that ask nothing are remembered.
_MOST_SILENT = 20_000
_REFUSALS = (UnknownError, RecursionError, ValueError, TypeError, ArithmeticError, IndexError)

_REQUESTS = """
SELECT e.event_id, i.path, e.http_request_method, e.http_request_path, e.http_request_target,
       e.http_request_user_agent, e.http_request_referrer,
       e.http_response_code AS status, COALESCE(e.http_response_body_bytes, e.traffic_out_bytes) AS sent,
       e.duration_us AS took_us, e.unmapped,
       e.start_us - LAG(e.start_us) OVER (PARTITION BY i.path ORDER BY e.start_us, e.event_id) AS before_us,
       LEAD(e.start_us) OVER (PARTITION BY i.path ORDER BY e.start_us, e.event_id) - e.start_us AS after_us,
       e.time_step_us
FROM events AS e JOIN intrusion AS i ON i.event_id = e.event_id
WHERE e.event_kind = 'http' AND e.http_request_target IS NOT NULL
ORDER BY e.start_us, e.event_id
"""


@dataclass(frozen=True)
class Cell:
    """One unknown of one sought value: a character (after ``given``), a length, a number, or the whole."""

    sought: Sought
    kind: str
    place: int
    given: str | None = None
    hexed: bool = False


@dataclass(frozen=True)
class Answer:
    """What the log says of an answer; ``before_us`` and ``after_us`` are the pauses around its request.

    ``unmapped``: what the line has besides, whose meaning nobody told.
    """

    status: int | None
    sent: int | None
    took_us: int | None
    unmapped: str | None
    before_us: int | None
    after_us: int | None
    time_step_us: int | None


@dataclass(frozen=True)
class Asked:
    """One request that asked of one cell; ``met`` tells which characters (or numbers) say yes."""

    event_id: int
    path: str
    cell: Cell
    met: Met
    answer: Answer
    payload_length: int


@dataclass
class Transcript:
    """All questions by where and how they were put: (method, route, parameter, SQL around the question)."""

    asked: dict[tuple[str, ...], list[Asked]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Shape:
    """What is understood of one shape, and which literals change what says yes."""

    text: str
    question: Question
    seeker: Seeker
    outer: tuple[int, ...]


class Reader:
    """Understands each shape once, and each set of allowed characters once."""

    def __init__(self) -> None:
        """Start knowing nothing."""
        self._shapes: dict[str, _Shape | None] = {}
        self._sets: dict[tuple[object, ...], Met] = {}
        self._contexts = Contexts()
        self._silent: set[str] = set()

    def read(self, payload: str) -> tuple[str, Cell, Met] | None:
        """Return (carrier, cell, what says yes) of a payload, or None when it asks nothing we understand."""
        if payload in self._silent:
            return None
        read = self._read(payload)
        if read is None and len(self._silent) < _MOST_SILENT:
            self._silent.add(payload)
        return read

    def _read(self, payload: str) -> tuple[str, Cell, Met] | None:
        for lifted in self._contexts.lifts(payload):
            known = self._understand(lifted.shape, lifted.literals)
            if known is None:
                continue
            try:
                cell, met = self._put(known, lifted.literals)
            except _REFUSALS:
                return None
            return known.question.carrier, cell, met
        return None

    def _understand(self, shape: str, literals: tuple[Value, ...]) -> _Shape | None:
        if shape not in self._shapes:
            if len(self._shapes) >= MOST_SHAPES:
                return None
            question = find_question(shape, literals)
            self._shapes[shape] = (
                None if question is None else _Shape(shape, question, Seeker(question), _outer_of(question))
            )
        return self._shapes[shape]

    def _put(self, shape: _Shape, literals: tuple[Value, ...]) -> tuple[Cell, Met]:
        question, sought = shape.question, shape.seeker.name(literals)
        if question.is_piece(literals):
            return _cell_of(sought, claim_of(question, literals))
        place = question.place(literals) if question.kind == "character" else 0
        cell = Cell(sought, question.kind, place, None, question.hexed)
        key = (shape.text, *(literals[number] for number in shape.outer))
        if key not in self._sets:
            if len(self._sets) >= _MOST_SETS:
                self._sets.clear()
            self._sets[key] = allowed(question.condition(literals), numbers=question.kind != "character")
        return cell, self._sets[key]


def _outer_of(question: Question) -> tuple[int, ...]:
    """Return the literals of a condition that are not inside its unknown."""
    inside = {piece for piece in split_marks(question.unknown.sql()) if isinstance(piece, int)}
    pieces = split_marks(question.atom.sql())
    return tuple(piece for piece in pieces if isinstance(piece, int) and piece not in inside)


def _cell_of(sought: Sought, claim: Claim) -> tuple[Cell, Met]:
    if claim.last is not None:
        given = claim.given if claim.start == 1 or claim.given else None
        return Cell(sought, "character", claim.start + len(claim.given), given), claim.last
    return Cell(sought, "whole", 0, claim.given), met_by([1])


def read_transcript(store: Store) -> Transcript:
    """Read every hostile request as questions, in the order in which they were put."""
    reader, transcript = Reader(), Transcript()
    for event_id, path, method, route, target, agent, referrer, *answer in _rows(store):
        for where, value in values_of(target, agent, referrer):
            payload = payload_of(value)
            read = None if payload is None else reader.read(payload)
            if read is None or payload is None:
                continue
            point = (str(method), str(route) if where[0] != "/" else "", where, read[0])
            asked = Asked(event_id, path, read[1], read[2], Answer(*answer), len(payload))
            transcript.asked.setdefault(point, []).append(asked)
    return transcript


def _rows(store: Store) -> Iterator[tuple[Any, ...]]:
    for batch in store.batches(_REQUESTS):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
