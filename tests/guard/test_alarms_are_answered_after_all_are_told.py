"""Answers take long: every alarm is told before the first of them, and lines are read between them."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from ashiato.guard.running import BATCH_S, Guard, NotTakenError
from ashiato.guard.state import State
from ashiato.terms.alarms import Alarm
from tests.guard.watched import Watched

_THIEVES = ("a", "b", "c")
Said = list[tuple[str, str]]


def _stolen(watched: Watched, *sessions: str) -> None:
    for session in sessions:
        for number in range(15):
            watched.ask(f"/owners/{number * number}", f"203.0.113.{ord(session)}", session)


def _who(alarm: Alarm) -> str:
    return next(actor.value for actor in alarm.actors if actor.kind == "session")


def _at_work(watched: Watched, state: State, said: Said, answer: Callable[[Alarm], None]) -> Guard:
    return Guard(
        watched.settings, state, lambda alarm: said.append(("told", _who(alarm))), watched.clock, answer
    )


def test_all_are_told_and_then_each_is_answered(tmp_path: Path) -> None:
    watched, said = Watched(tmp_path), Said()
    with (
        State(tmp_path) as state,
        closing(
            _at_work(watched, state, said, lambda alarm: said.append(("answered", _who(alarm))))
        ) as guard,
    ):
        guard.step()
        _stolen(watched, *_THIEVES)
        guard.step()
        assert said == [(what, who) for what in ("told", "answered") for who in _THIEVES]
        guard.hand_on()
        assert len(said) == 2 * len(_THIEVES)


def test_lines_are_read_between_answers_that_take_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched, said, now = Watched(tmp_path), Said(), [1_000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    def answer(alarm: Alarm) -> None:
        said.append(("answered", _who(alarm)))
        now[0] += BATCH_S
        if _who(alarm) == "a":
            _stolen(watched, "c")

    with State(tmp_path) as state, closing(_at_work(watched, state, said, answer)) as guard:
        guard.step()
        _stolen(watched, "a", "b")
        for _ in range(3):
            guard.step()
    assert said == [
        ("told", "a"), ("told", "b"), ("answered", "a"), ("told", "c"), ("answered", "b"), ("answered", "c"),
    ]  # fmt: skip


def test_an_answer_that_is_not_taken_comes_again_and_nothing_is_told_twice(tmp_path: Path) -> None:
    watched, said, refused = Watched(tmp_path), Said(), ["b"]

    def answer(alarm: Alarm) -> None:
        if _who(alarm) in refused:
            raise NotTakenError
        said.append(("answered", _who(alarm)))

    with State(tmp_path) as state, closing(_at_work(watched, state, said, answer)) as guard:
        guard.step()
        _stolen(watched, *_THIEVES)
        guard.step()
        assert [each for each in said if each[0] == "answered"] == [("answered", "a")]
        assert [_who(alarm) for alarm in state.alarms_to_tell()] == ["b", "c"]
        refused.clear()
        guard.hand_on()
        assert said == [*(("told", who) for who in _THIEVES), *(("answered", who) for who in _THIEVES)]
        assert state.alarms_to_tell() == []
