"""One row through time: what snapshots saw of it and what logged writes say, folded into its lives.

A *life* is a stretch in which the row's values are one and the same, as far as anything tells; a *doubt* is
a stretch of it in which a column may have been otherwise, or in which the row may not have been there.
Between two things known, the log's own writes decide: forward from what was known before, backward from what
is known after. Where both reach, they must agree; where they do not, or neither reaches, there is doubt.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from ashiato.engine.exposures.deeds import UPSERTS, Deed, Write

FIRST_US, LAST_US = -(1 << 60), 1 << 60
#: In a column's place: the row had not come yet, or was gone, if the log is right.
ARRIVED = "+"
#: In a column's place: whether the row was there is not known.
UNSEEN = "-"
#: Among a table's changed columns: of some writes the rows cannot be told.
ANY_ROW = "?"

Values = dict[str, str | None]


@dataclass(frozen=True)
class Seen:
    """A row in one snapshot: its values, or None where the snapshot does not hold it.

    ``since_us``: it was not written between then and the snapshot, if it says so itself.
    """

    time_us: int
    values: Mapping[str, str | None] | None
    since_us: int | None = None


@dataclass(frozen=True)
class Sweeps:
    """When writes of which no row is named touched a table: by column, and which put in or took out rows."""

    columns: Mapping[str, Sequence[int]] = field(default_factory=dict)
    put: Sequence[int] = ()
    taken: Sequence[int] = ()

    def of_column(self, name: str, gap: Gap) -> tuple[int, int] | None:
        """Return the first and the last write in a gap that may have touched a column."""
        written, turned = _within(self.columns.get(name, ()), gap), self.of_turns(gap, present=True)
        spans = [span for span in (written, turned) if span is not None]
        return _hull(spans) if spans else None

    def of_presence(self, gap: Gap, *, put: bool, taken: bool) -> tuple[int, int] | None:
        """Return the first and the last write in a gap that may have put the row in, or taken it out."""
        found = [_within(self.put, gap) if put else None, _within(self.taken, gap) if taken else None]
        spans = [span for span in found if span is not None]
        return (min(first for first, _ in spans), max(last for _, last in spans)) if spans else None

    def of_turns(self, gap: Gap, present: bool | None) -> tuple[int, int] | None:
        """Return between when a row that is the same on both sides of a gap may have been otherwise."""
        put, taken = _within(self.put, gap), _within(self.taken, gap)
        if present is None or put is None or taken is None:
            return None
        first, last = (taken[0], put[1]) if present else (put[0], taken[1])
        return (first, last) if first < last else None


@dataclass(frozen=True)
class Gap:
    """A stretch between two things known; ``quiet``: nothing was written in it, the row says so itself."""

    begun_us: int
    ended_us: int
    quiet: bool = False


@dataclass(frozen=True)
class Life:
    """A row's values from one moment up to another."""

    from_us: int
    to_us: int
    values: Values


@dataclass(frozen=True, order=True)
class Doubt:
    """A column of a life that may have been otherwise in a stretch; ``filled``: it held some value then."""

    life: int
    column: str
    from_us: int
    to_us: int
    filled: bool = False


@dataclass
class _Known:
    """What is known of a row at a moment: whether it was there, and the values told."""

    present: bool | None = None
    values: Values = field(default_factory=dict)


_Point = Seen | Write
_Part = tuple[int, int]


def fold(
    seen: Sequence[Seen], writes: Sequence[Write], sweeps: Sweeps, columns: Sequence[str]
) -> tuple[list[Life], list[Doubt]]:
    """Return a row's lives in order and what is in doubt of them."""
    points = _points(seen, _lasting(writes, seen))
    gaps = _gaps(points)
    ahead, behind = _ahead(points, gaps, sweeps), _behind(points, gaps, sweeps)
    guesses = _guesses(points)
    made = _Made()
    for number, gap in enumerate(gaps):
        last = points[number - 1] if number else None
        following = points[number] if number < len(points) else None
        between = _Between(gap, ahead[number], behind[number], guesses[number], last, following)
        between.cut(sweeps, columns, made)
    for write in writes:
        made.blur(write)
    return made.lives, sorted(set(made.doubts))


def _lasting(writes: Sequence[Write], seen: Sequence[Seen]) -> list[Write]:
    """Let a row taken out last until just after: what takes it out may return it."""
    times = sorted([*(write.time_us for write in writes), *(one.time_us for one in seen)])
    made = []
    for write in writes:
        if write.deed in (Deed.TAKEN, Deed.LEFT):
            following = bisect_right(times, write.time_us)
            ended_us = max(write.unclear[1], write.time_us + 1)
            made.append(replace(write, time_us=min([ended_us, *times[following : following + 1]])))
        else:
            made.append(write)
    return made


def _points(seen: Sequence[Seen], writes: Sequence[Write]) -> list[_Point]:
    """Sort what is known by time; a snapshot holds what was written at its very moment.

    A row that says when it was last written was as the snapshot has it from then on, unless the log knows
    better: it is known at both moments, and nothing was written in between.
    """
    held: list[tuple[int, int, _Point]] = [
        *((write.time_us, 0, write) for write in writes),
        *((one.time_us, 1, one) for one in seen),
    ]
    points: list[_Point] = []
    for _, _, point in sorted(held, key=lambda at: at[:2]):
        begun_us = points[-1].time_us if points else FIRST_US
        if isinstance(point, Seen) and point.since_us is not None:
            trusted = point.values is not None and begun_us <= point.since_us < point.time_us
            points += [Seen(point.since_us, point.values)] if trusted else []
            points.append(point if trusted else Seen(point.time_us, point.values))
        else:
            points.append(point)
    return points


def _gaps(points: Sequence[_Point]) -> list[Gap]:
    times = [FIRST_US, *(point.time_us for point in points), LAST_US]
    quiet = [*(isinstance(point, Seen) and point.since_us is not None for point in points), False]
    return [Gap(times[n], times[n + 1], quiet[n]) for n in range(len(times) - 1)]


def _hull(spans: Sequence[tuple[int, int]]) -> tuple[int, int]:
    return min(first for first, _ in spans), max(last for _, last in spans)


def _within(times: Sequence[int], gap: Gap) -> tuple[int, int] | None:
    """Return the first and last of sorted times after a gap's begin and up to its end."""
    if gap.quiet:
        return None
    first, last = bisect_right(times, gap.begun_us), bisect_right(times, gap.ended_us)
    return (times[first], times[last - 1]) if first < last else None


# -- forward and backward ---------------------------------------------------------------------------


def _ahead(points: Sequence[_Point], gaps: Sequence[Gap], sweeps: Sweeps) -> list[_Known]:
    """Return what is known at the begin of each gap from what came before it."""
    known = _Known()
    found = [known]
    for number, point in enumerate(points):
        known = _after(point, _swept(known, gaps[number], sweeps, put=known.present is False))
        found.append(known)
    return found


def _behind(points: Sequence[_Point], gaps: Sequence[Gap], sweeps: Sweeps) -> list[_Known]:
    """Return what is known at the end of each gap from what came after it."""
    known = _Known()
    found = [known]
    for number in range(len(points) - 1, -1, -1):
        known = _before(points[number], _swept(known, gaps[number + 1], sweeps, put=known.present is True))
        found.append(known)
    return found[::-1]


def _swept(known: _Known, gap: Gap, sweeps: Sweeps, *, put: bool) -> _Known:
    """Return what is still known across a gap; ``put``: a row put in would have made it otherwise."""
    values = {name: value for name, value in known.values.items() if sweeps.of_column(name, gap) is None}
    touched = sweeps.of_presence(gap, put=put, taken=not put)
    return _Known(known.present if touched is None else None, values)


def _after(point: _Point, known: _Known) -> _Known:
    # A row that was written was there: what says otherwise is no longer believed.
    if isinstance(point, Seen):
        return _Known(point.values is not None, dict(point.values or {}))
    if point.deed is Deed.SET:
        kept = {name: value for name, value in known.values.items() if name not in point.untold}
        return _Known(known.present or None, kept | dict(point.told))
    if point.deed is Deed.PUT:
        return _Known(present=True, values=dict(point.told))
    if point.deed in UPSERTS:
        return _after_upsert(point, known)
    return _Known(present=None if point.deed is Deed.ANY else False)


def _after_upsert(point: Write, known: _Known) -> _Known:
    put, told = dict(point.put), dict(point.told)
    present = True if point.deed is not Deed.OFFERED else known.present or None
    if point.deed is Deed.REPLACED or (known.present is False and present):
        return _Known(present, put)
    if known.present:
        return _Known(True, {n: v for n, v in known.values.items() if n not in point.untold} | told)
    # What it has either way.
    return _Known(present, {name: value for name, value in told.items() if put.get(name, "") == value})


def _before(point: _Point, known: _Known) -> _Known:
    if isinstance(point, Seen):
        return _Known(point.values is not None, dict(point.values or {}))
    if point.deed is Deed.SET:
        kept = {name: value for name, value in known.values.items() if name not in point.columns}
        return _Known(known.present or None, kept | dict(point.was))
    if point.deed is Deed.TAKEN or point.deed is Deed.LEFT:
        return _Known(present=True, values=dict(point.told))
    if point.deed in UPSERTS:
        # If it was there, it was as it is but for what was set.
        return _Known(None, {n: v for n, v in known.values.items() if n not in point.columns})
    return _Known(present=None if point.deed is Deed.ANY else False)


def _guesses(points: Sequence[_Point]) -> list[Values]:
    """Return for each gap the values that are likeliest: those of the next snapshot, else of the last."""
    seen = [dict(p.values) if isinstance(p, Seen) and p.values is not None else None for p in points]
    later: list[Values | None] = [None]
    for values in reversed(seen):
        later.append(values if values is not None else later[-1])
    earlier: list[Values | None] = [None]
    for values in seen:
        earlier.append(values if values is not None else earlier[-1])
    return [after or before or {} for after, before in zip(later[::-1], earlier, strict=True)]


# -- one gap ----------------------------------------------------------------------------------------


class _Made:
    """The lives and doubts made so far."""

    def __init__(self) -> None:
        self.lives: list[Life] = []
        self.doubts: list[Doubt] = []

    def add(self, part: _Part, values: Values, doubts: Mapping[str, bool]) -> None:
        """Add a stretch, to the last life where that goes on unchanged."""
        last = self.lives[-1] if self.lives else None
        if last is not None and last.to_us == part[0] and last.values == values:
            self.lives[-1] = Life(last.from_us, part[1], values)
        else:
            self.lives.append(Life(*part, values))
        for column, filled in doubts.items():
            self._doubt(Doubt(len(self.lives) - 1, column, *part, filled))

    def blur(self, write: Write) -> None:
        """Put in doubt what was written, as long as not everybody sees it or what came first is not told."""
        begun_us, ended_us = write.unclear
        columns = write.columns if write.deed is Deed.SET or write.deed in UPSERTS else frozenset()
        columns |= frozenset() if write.deed is Deed.SET else {UNSEEN}
        for number, life in enumerate(self.lives):
            begun, ended = max(life.from_us, begun_us), min(life.to_us, ended_us)
            if begun < ended:
                self.doubts += [Doubt(number, name, begun, ended) for name in columns]

    def _doubt(self, made: Doubt) -> None:
        for at, held in enumerate(self.doubts):
            same = (held.life, held.column, held.filled) == (made.life, made.column, made.filled)
            if same and held.to_us == made.from_us:
                self.doubts[at] = Doubt(held.life, held.column, held.from_us, made.to_us, held.filled)
                return
        self.doubts.append(made)


@dataclass(frozen=True)
class _Between:
    """A gap with what is known on both sides, and what stands at its ends."""

    gap: Gap
    before: _Known
    after: _Known
    guess: Values
    last: _Point | None
    following: _Point | None

    def cut(self, sweeps: Sweeps, columns: Sequence[str], made: _Made) -> None:
        """Cut the gap wherever something in it changes, and add the pieces in which the row was there."""
        if self.gap.begun_us >= self.gap.ended_us:
            return
        presence = list(self._presence(sweeps))
        if all(mark is None for _, mark in presence):
            return
        held = {name: list(self._column(name, sweeps)) for name in columns}
        cuts = {part[0] for part, _ in presence} | {
            part[0] for parts in held.values() for part, _, _, _ in parts
        }
        edges = [*sorted(cuts), self.gap.ended_us]
        for begun, ended in pairwise(edges):
            mark = next(mark for part, mark in presence if part[0] <= begun < part[1])
            if mark is None:
                continue
            at = {name: next(p for p in parts if p[0][0] <= begun < p[0][1]) for name, parts in held.items()}
            doubts = {name: filled for name, (_, _, sure, filled) in at.items() if not sure}
            if mark == ARRIVED:
                doubts = {ARRIVED: False}
            elif mark == UNSEEN:
                doubts[UNSEEN] = False
            made.add((begun, ended), {name: value for name, (_, value, _, _) in at.items()}, doubts)

    def _presence(self, sweeps: Sweeps) -> Iterator[tuple[_Part, str | None]]:
        """Yield parts of the gap: the row was there (an empty mark), perhaps, hardly, or not (None)."""
        before, after = self.before.present, self.after.present
        span = sweeps.of_turns(self.gap, before) if before is after else None
        if before is not after:
            span = sweeps.of_presence(self.gap, put=before is not True, taken=after is not True)
        if span is None:
            yield (self.gap.begun_us, self.gap.ended_us), self._unswept()
            return
        marks: dict[bool | None, str | None] = {True: "", False: None, None: UNSEEN}
        parts = [
            (self.gap.begun_us, span[0], marks[before]),
            (*span, UNSEEN),
            (span[1], self.gap.ended_us, marks[after]),
        ]
        yield from (((begun, ended), mark) for begun, ended, mark in parts if begun < ended)

    def _unswept(self) -> str | None:
        """Return the mark of a gap in which no other write can have put the row in or taken it out."""
        before, after = self.before.present, self.after.present
        put_in = isinstance(self.following, Write) and self.following.deed is Deed.PUT
        taken = isinstance(self.last, Write) and self.last.deed is Deed.TAKEN
        if before is after:
            return "" if before else None if before is False else UNSEEN
        if before is None and after is False:
            return UNSEEN if self.last is not None else ARRIVED if put_in else None
        if before is False and after is None:
            return ARRIVED if taken and self.following is None else None
        return "" if None in (before, after) else UNSEEN

    def _column(self, name: str, sweeps: Sweeps) -> Iterator[tuple[_Part, str | None, bool, bool]]:
        """Yield parts of the gap with a column's value, whether that is sure, and whether it held any."""
        begun, ended = self.gap.begun_us, self.gap.ended_us
        was, will = name in self.before.values, name in self.after.values
        first, last = self.before.values.get(name), self.after.values.get(name)
        likely = last if will else first if was else self.guess.get(name)
        filled = was and will and bool(first) and bool(last)
        span = sweeps.of_column(name, self.gap)
        if span is None:
            sure = (was or will) and not (was and will and first != last)
            yield (begun, ended), first if was and sure else likely, sure, filled
            return
        parts = [
            (begun, span[0], first if was else likely, was),
            (span[0], span[1], likely, False),
            (span[1], ended, last if will else likely, will),
        ]
        yield from (((start, end), value, sure, filled) for start, end, value, sure in parts if start < end)
