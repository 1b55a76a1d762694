"""Enumeration asks for everybody once before anybody twice, in order or in an order of chance."""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from range.commands import app
from range.intruders.attack import Attack
from range.place import Place
from range.sites import SITES
from range.truth import Truth


def _attack(people: int, order: str) -> Attack:
    place = Place(Path(), SITES["insurer"], {"people": people})
    return Attack(place, Truth(io.StringIO(), "insurer", "id"), order=order)


@given(st.integers(1, 3000), st.sampled_from(["sequential", "random"]))
def test_every_person_comes_once_in_as_many_turns(people: int, order: str) -> None:
    asked = [_attack(people, order).person(turn) for turn in range(people)]
    assert sorted(asked) == list(range(1, people + 1))


def test_an_order_of_chance_is_no_sequence() -> None:
    asked = [_attack(5_100_000, "random").person(turn) for turn in range(100)]
    assert not [one for one, other in pairwise(asked) if abs(one - other) == 1]


@pytest.mark.parametrize(
    "words",
    [
        ["intrude", "folder", "nosuch"],
        ["intrude", "folder", "enumeration", "--order", "backwards"],
        ["intrude", "folder", "enumeration", "--rate", "0"],
        ["intrude", "folder", "enumeration", "--addresses", "0"],
        ["honest", "folder", "--site", "bank"],
        ["start", "folder", "--people", "0"],
        ["start", "folder", "--only", "bank"],
    ],
)
def test_orders_that_make_no_sense_are_refused_before_anything_happens(words: list[str]) -> None:
    assert CliRunner().invoke(app, words).exit_code == 2
