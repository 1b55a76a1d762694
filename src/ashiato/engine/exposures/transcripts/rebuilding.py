"""Puts solved characters together to values: complete, partial (which characters), or only tried."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from ashiato.engine.exposures.transcripts.asking import Asked, Cell, Transcript
from ashiato.engine.exposures.transcripts.met import Met
from ashiato.engine.exposures.transcripts.oracles import Oracle, infer_oracle
from ashiato.engine.exposures.transcripts.solving import Solved, solve
from ashiato.engine.exposures.transcripts.sought import Sought

#: Stands for a character that was not obtained.
UNKNOWN_CHARACTER = "\ufffd"
_LONGEST = 100_000
#: Fewer questions than these in one way of asking, not understood, are no transcript.
_FEWEST = 3

#: A value asked about on one path.
Key = tuple[str, str]


@dataclass(frozen=True)
class Rebuilt:
    """What one path's questions told of one value; ``events`` are those questions.

    ``state``: ``complete``, ``partial`` (``known`` lists the places told; others stand as U+FFFD), ``tried``.
    """

    path: str
    sought: Sought
    value: str
    state: str
    known: str
    events: tuple[int, ...]


@dataclass(frozen=True)
class Understood:
    """One way of asking, how its answers were read (None: no reading fits), and how many questions."""

    point: tuple[str, ...]
    oracle: Oracle | None
    questions: int
    path: str


def rebuild(transcript: Transcript) -> tuple[list[Rebuilt], list[Understood]]:
    """Return every value asked about with what is known of it, and how each way of asking was read."""
    answers: dict[Key, dict[Cell, list[tuple[int, Met, bool]]]] = defaultdict(dict)
    events: dict[Key, set[int]] = defaultdict(set)
    soughts: dict[Key, Sought] = {}
    understood: list[Understood] = []
    for point, asked in sorted(transcript.asked.items()):
        oracle = infer_oracle(asked)
        if oracle is None and len(asked) < _FEWEST:
            continue
        understood.append(Understood(point, oracle, len(asked), asked[0].path))
        for question in asked:
            key = (question.path, question.cell.sought.key)
            soughts[key] = question.cell.sought
            events[key].add(question.event_id)
            told = _told(oracle, question)
            if told is not None:
                cell = answers[key].setdefault(question.cell, [])
                cell.append((question.event_id, question.met, told))
    solved = {key: _solved(cells) for key, cells in answers.items()}
    lengths = _lengths(soughts, solved)
    return [
        _rebuilt(key[0], sought, solved.get(key, {}), lengths, events[key])
        for key, sought in sorted(soughts.items(), key=lambda pair: pair[0])
    ], understood


def _solved(cells: dict[Cell, list[tuple[int, Met, bool]]]) -> dict[Cell, Solved]:
    return {
        cell: solve([(met, told) for _, met, told in sorted(asked, key=lambda answer: answer[0])])
        for cell, asked in cells.items()
    }


def _lengths(
    soughts: dict[Key, Sought], solved: dict[Key, dict[Cell, Solved]]
) -> dict[tuple[object, ...], int]:
    """Return how long values are where questions asked for that, by path, row and columns."""
    found: dict[tuple[object, ...], int] = {}
    for key, sought in soughts.items():
        if sought.is_length:
            value, state, _ = _assemble(solved.get(key, {}), None)
            if state == "complete" and value.isdecimal():
                found[key[0], sought.row, sought.columns] = int(value[:9])
    return found


def _told(oracle: Oracle | None, question: Asked) -> bool | None:
    return None if oracle is None else oracle.read(question)


def _rebuilt(
    path: str,
    sought: Sought,
    solved: dict[Cell, Solved],
    lengths: dict[tuple[object, ...], int],
    events: Iterable[int],
) -> Rebuilt:
    length = None if sought.is_length else lengths.get((path, sought.row, sought.columns))
    value, state, known = _assemble(solved, length)
    return Rebuilt(path, sought, value, state, known, tuple(sorted(events)))


def _assemble(solved: dict[Cell, Solved], length: int | None) -> tuple[str, str, str]:
    whole = [cell.given for cell, told in solved.items() if cell.kind == "whole" and told.only == 1]
    if whole:
        return str(whole[-1]), "complete", ""
    numbers = [told.only for cell, told in solved.items() if cell.kind == "number" and told.only is not None]
    characters = _characters(solved)
    if not characters:
        return (str(numbers[0]), "complete", "") if numbers else ("", "tried", "")
    asked = next((t.only for c, t in solved.items() if c.kind == "length" and t.only is not None), None)
    text, complete = _text_of(characters, length if asked is None else asked)
    hexed = any(cell.hexed for cell in solved)
    if hexed:
        text, complete = _unhexed(text, complete=complete)
    if complete:
        return text, "complete", ""
    known = _spans([place for place, c in enumerate(text, 1) if c != UNKNOWN_CHARACTER])
    return (text, "partial", known) if known else ("", "tried", "")


def _characters(solved: dict[Cell, Solved]) -> dict[int, str | None]:
    """Return what is known at each place: a character, '' where the text has ended, None where it is open."""
    found: dict[int, str | None] = {}
    cells = [(cell, told) for cell, told in solved.items() if cell.kind == "character"]
    for cell, told in sorted(cells, key=lambda pair: pair[0].place):
        if cell.given is not None and cell.given != _before(found, cell):
            continue
        told_here = _character(told)
        if told_here is not None or cell.place not in found:
            found[cell.place] = told_here
    return found


def _before(found: dict[int, str | None], cell: Cell) -> str:
    first = cell.place - len(cell.given or "")
    return "".join(found.get(place) or UNKNOWN_CHARACTER for place in range(first, cell.place))


def _character(told: Solved) -> str | None:
    if not told.is_decided:
        return None
    return "" if told.is_end else chr(told.only) if told.only is not None else None


def _text_of(characters: dict[int, str | None], length: int | None) -> tuple[str, bool]:
    ends = [place for place, told in characters.items() if told == ""]
    filled = [place for place, told in characters.items() if told]
    last = min(max(filled, default=0), _LONGEST)
    size = length if length is not None else min((end - 1 for end in ends if end > last), default=None)
    shown = max(last, min(size or 0, _LONGEST))
    text = "".join(characters.get(place) or UNKNOWN_CHARACTER for place in range(1, shown + 1))
    return text, size is not None and size == last and UNKNOWN_CHARACTER not in text


def _unhexed(text: str, *, complete: bool) -> tuple[str, bool]:
    pairs = [text[i : i + 2] for i in range(0, len(text), 2)]
    raw = bytearray()
    for pair in pairs:
        try:
            raw.append(int(pair, 16) if len(pair) == 2 else 0xFF)
        except ValueError:
            raw.append(0xFF)
    told = raw.decode("utf-8", "replace")
    return told, complete and UNKNOWN_CHARACTER not in told


def _spans(places: list[int]) -> str:
    """Write places as spans: ``1-3,5``."""
    spans: list[list[int]] = []
    for place in places:
        if spans and place == spans[-1][1] + 1:
            spans[-1][1] = place
        else:
            spans.append([place, place])
    return ",".join(f"{a}" if a == b else f"{a}-{b}" for a, b in spans)
