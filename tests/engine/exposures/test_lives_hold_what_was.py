"""A row's lives hold what it was at every moment, or say that they do not know: against a row played out."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.exposures.deeds import Deed, Write
from ashiato.engine.exposures.lives import ARRIVED, UNSEEN, Doubt, Life, Seen, Sweeps, fold

COLUMNS = ("id", "name")
TEXTS = st.sampled_from(["a", "b", None])
Values = dict[str, str | None]


@dataclass
class Played:
    """A row's true history: what it was from each moment on, and what snapshots and the log tell of it."""

    states: list[tuple[int, Values | None]]
    seen: list[Seen] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    swept: dict[str, list[int]] = field(default_factory=lambda: {"name": [], "put": [], "taken": []})

    def at(self, moment: int) -> Values | None:
        """Return what the row was."""
        return [values for begun, values in self.states if begun <= moment][-1]

    @property
    def sweeps(self) -> Sweeps:
        """The writes of which no row is named."""
        return Sweeps({"name": self.swept["name"]}, self.swept["put"], self.swept["taken"])


@st.composite
def plays(draw: st.DrawFn) -> Played:
    """Play a row out: written by key or not, with values the log tells or not, seen now and then."""
    row: Values | None = {"id": "1", "name": "a"} if draw(st.booleans()) else None
    played = Played([(-(1 << 61), row)])
    for step in range(draw(st.integers(1, 7))):
        now = 10 * (step + 1)
        row = _step(draw, played, row, now)
        played.states.append((now, row))
    if not played.seen:
        played.seen.append(Seen(1_000, row))
    return played


def _step(draw: st.DrawFn, played: Played, row: Values | None, now: int) -> Values | None:
    way = draw(st.sampled_from(["seen", "set", "unsaid", "swept", "spared", "put", "taken", "swept away"]))
    if way == "seen":
        played.seen.append(Seen(now, dict(row) if row is not None else None))
        return row
    if way in ("swept", "spared"):
        played.swept["name"].append(now)
        return {"id": "1", "name": draw(TEXTS)} if row is not None and way == "swept" else row
    if row is None:
        told: Values = {"id": "1", "name": draw(TEXTS)}
        by_key = draw(st.booleans())
        if by_key:
            played.writes.append(Write("t", now, Deed.PUT, "1", tuple(sorted(told.items()))))
        else:
            played.swept["put"].append(now)
        return told
    return _written(draw, played, way, now)


def _written(draw: st.DrawFn, played: Played, way: str, now: int) -> Values | None:
    if way == "taken":
        played.writes.append(Write("t", now, Deed.TAKEN, "1", (("id", "1"),)))
        return None
    if way == "swept away":
        played.swept["taken"].append(now)
        return None
    name = draw(TEXTS)
    told, untold = ((), ("name",)) if way == "unsaid" else ((("name", name),), ())
    played.writes.append(Write("t", now, Deed.SET, "1", told, untold))
    return {"id": "1", "name": name}


def _then(lives: list[Life], moment: int) -> int | None:
    held = [n for n, life in enumerate(lives) if life.from_us <= moment < life.to_us]
    assert len(held) <= 1, "a row is one thing at a time"
    return held[0] if held else None


def _doubted(doubts: list[Doubt], life: int, moment: int) -> set[str]:
    return {d.column for d in doubts if d.life == life and d.from_us <= moment < d.to_us}


@given(plays())
def test_lives_hold_what_was_or_doubt_it(played: Played) -> None:
    lives, doubts = fold(played.seen, played.writes, played.sweeps, COLUMNS)
    assert [life.from_us for life in lives] == sorted(life.from_us for life in lives)
    for moment in range(0, 100, 5):
        true, number = played.at(moment), _then(lives, moment)
        if true is None:
            # What is taken out lasts until just after.
            just_gone = played.at(moment - 1) is not None
            assert number is None or just_gone or _doubted(doubts, number, moment) & {ARRIVED, UNSEEN}
            continue
        # A row that no snapshot holds is a ghost, and told of elsewhere.
        if all(one.values is None for one in played.seen):
            continue
        assert number is not None, "a row that was there is lost"
        unsure = _doubted(doubts, number, moment)
        for name, value in true.items():
            assert lives[number].values.get(name) == value or unsure & {name, ARRIVED, UNSEEN}


def _at(lives: list[Life], moment: int) -> Values | None:
    number = _then(lives, moment)
    return None if number is None else lives[number].values


def test_between_two_snapshots_one_write_explains_the_difference() -> None:
    seen = [Seen(0, {"name": "a"}), Seen(100, {"name": "b"})]
    write = Write("t", 50, Deed.SET, "1", (), ("name",))
    lives, doubts = fold(seen, [write], Sweeps(), ["name"])
    assert (_at(lives, 49), _at(lives, 50)) == ({"name": "a"}, {"name": "b"})
    assert not doubts


def test_one_write_of_unnamed_rows_explains_it_too() -> None:
    seen = [Seen(0, {"name": "a"}), Seen(100, {"name": "b"})]
    lives, doubts = fold(seen, [], Sweeps({"name": [50]}), ["name"])
    assert (_at(lives, 49), _at(lives, 50)) == ({"name": "a"}, {"name": "b"})
    assert not doubts


def test_what_no_write_explains_is_in_doubt_all_the_way() -> None:
    seen = [Seen(0, {"name": "a"}), Seen(100, {"name": "b"})]
    lives, doubts = fold(seen, [], Sweeps(), ["name"])
    assert (_at(lives, -1), _at(lives, 100)) == ({"name": "a"}, {"name": "b"})
    assert doubts == [Doubt(1, "name", 0, 100, filled=True)]


def test_literal_values_rebuild_the_state_forward_and_backward() -> None:
    writes = [
        Write("t", 20, Deed.SET, "1", (("name", "b"),)),
        Write("t", 60, Deed.SET, "1", (("name", "c"),)),
    ]
    lives, doubts = fold([Seen(0, {"name": "a"})], writes, Sweeps(), ["name"])
    assert [_at(lives, t) for t in (10, 40, 80)] == [{"name": "a"}, {"name": "b"}, {"name": "c"}]
    assert not doubts
    lives, doubts = fold([Seen(100, {"name": "c"})], writes, Sweeps(), ["name"])
    assert [_at(lives, t) for t in (40, 80)] == [{"name": "b"}, {"name": "c"}]
    assert [(d.column, d.to_us) for d in doubts] == [("name", 20)]


def test_rows_saying_when_they_were_written_did_not_change_since() -> None:
    swept = Sweeps({"name": [50]})
    _, doubts = fold([Seen(100, {"name": "a"}, since_us=30)], [], swept, ["name"])
    assert not [d for d in doubts if d.to_us > 30]
    _, doubts = fold([Seen(100, {"name": "a"}, since_us=70)], [], swept, ["name"])
    assert [d.to_us for d in doubts] == [50]


def test_deleted_row_ends_just_after_its_deletion() -> None:
    lives, doubts = fold(
        [Seen(0, {"name": "a"}), Seen(100, None)], [Write("t", 50, Deed.TAKEN, "1")], Sweeps(), ["name"]
    )
    assert [(life.to_us, life.values) for life in lives] == [(51, {"name": "a"})]
    assert not doubts
