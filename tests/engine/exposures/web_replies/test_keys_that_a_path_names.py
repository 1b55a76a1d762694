"""What a path's part after a table's name may be: a key, or a word that says nothing of whom."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest

from tests.engine.exposures.scene import MEMBER_ROWS, Scene, Statement, grades_of, keys

_POSSIBLE = 2
_EVERYBODY = keys(*range(1, 31))


def asked(target: str) -> Statement:
    """A hostile request that the database log says nothing of."""
    return Statement("", target=target, body_bytes=900, at_us=1_000, logged=False)


@pytest.mark.parametrize(
    "target", ["/members/batch?ids=3,4", "/members/export", "/members/top10", "/members/3%20or%201=1"]
)
def test_part_that_can_be_no_key_leaves_open_whom_it_asked_for(scene: Scene, target: str) -> None:
    assert grades_of(scene.answer(asked(target))) == dict.fromkeys(_EVERYBODY, _POSSIBLE)


def test_key_of_nobody_there_asked_for_nobody_else(scene: Scene) -> None:
    assert set(grades_of(scene.answer(asked("/members/3"), asked("/members/77")))) == keys(3)


def keyed(scene: Scene, names: list[str]) -> Scene:
    """The scene's members, keyed by a text."""
    scene.tables = {"members": replace(scene.tables["members"], key=("name",))}
    scene.rows = {"members": [{**MEMBER_ROWS[0], "id": nth, "name": name} for nth, name in enumerate(names)]}
    return scene


COUNTED = [f"c-{number:04}" for number in range(1, 11)]
DRAWN = [f"{number * 79_199_777 % 2**32:08x}-{number * 1_047 % 2**16:04x}" for number in range(51, 61)]
MIXED = [sha256(f"{number}".encode()).hexdigest()[:9] + "wxyz1k9" for number in range(10)]
#: As many that some are all digits, as ``2026`` is, or have digits where a word has them, as ``b2c`` has.
MANY_DRAWN = [sha256(f"{number}".encode()).hexdigest()[:8] for number in range(200)]
MANY_MIXED = [*MIXED, "1234567890123456", "b12345678901234c"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("names", "part", "is_key"),
    [
        (COUNTED, "c-00077", True),
        (COUNTED, "C-0077", True),
        (COUNTED, "top10", False),
        (COUNTED, "export-2026", False),
        (COUNTED, "3%20or%201=1", False),
        (COUNTED[:1], "export-2026", False),
        (DRAWN, "0000000a-000b", True),
        (DRAWN, "quarter1-report", False),
        (DRAWN, "top10", False),
        (MIXED, "a1b2c3d4ew0y1k97", True),
        (MIXED, "list-of-best-10s", False),
        (MIXED, "top10", False),
        (MANY_DRAWN, "2026", False),
        (MANY_DRAWN, "7", False),
        (MANY_DRAWN, "0a1b2c3d", True),
        (MANY_MIXED, "2026", False),
        (MANY_MIXED, "b2c", False),
        ([*COUNTED, "m2"], "m0003", True),
    ],
)
def test_part_that_is_nobody_s_key_is_one_where_keys_are_written_so(
    scene: Scene, names: list[str], part: str, *, is_key: bool
) -> None:
    grades = grades_of(keyed(scene, names).answer(asked(f"/members/{part}")))
    assert grades == ({} if is_key else dict.fromkeys(names, _POSSIBLE))


@pytest.mark.parametrize(("word", "reached"), [("hanako", {"hanako"}), ("export", {"hanako", "jiro"})])
def test_word_is_a_key_where_somebody_has_it(scene: Scene, word: str, reached: set[str]) -> None:
    assert set(grades_of(keyed(scene, ["hanako", "jiro"]).answer(asked(f"/members/{word}")))) == reached
