"""A printer's measures: the address shows wherever the sheet slides, marks and bars stand where they may."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ashiato.exports.words import Language
from ashiato.letters.notices.accepting import CampaignError
from ashiato.letters.notices.batches import Printing, set_batch
from ashiato.letters.notices.matter import Address, Style
from ashiato.letters.notices.postal_bars import BARS, HEIGHT, PITCH, characters_of
from ashiato.letters.notices.profile import USUAL, Profile, profile_of
from ashiato.letters.notices.window import window_of
from tests.letters.notices.people import matter_of, person
from tests.letters.notices.sheets import picture, scanned, spots
from tests.letters.notices.test_post_codes_as_bars import read_bars

#: A real town, an invented house.
_HOME = Address("100-0013", ("東京都千代田区霞が関1丁目3番2号", "コーポあしあと 503室"))
_SQUARE = {"envelope": "角形2号窓", "window": {"left": 20, "top": 25, "width": 100, "height": 70}}
_SAID: list[dict[str, Any]] = [{}, {"barcode": True}, _SQUARE, {**_SQUARE, "barcode": True}]
_WINDOWS = st.fixed_dictionaries(
    {
        "left": st.integers(0, 40),
        "top": st.integers(0, 40),
        "width": st.integers(80, 130),
        "height": st.integers(35, 90),
    }
)


def test_the_usual_measures_are_those_of_the_guide() -> None:
    block = USUAL.block
    assert (block.left, block.top, block.width, block.height) == (20, 12.5, 65, 23.5)
    assert (USUAL.free_right, USUAL.free_bottom) == (110, 57)


@settings(max_examples=60)
@given(st.sampled_from(["長形3号窓", "角形2号窓"]), _WINDOWS)
def test_the_block_shows_wherever_the_sheet_slides(name: str, window: dict[str, int]) -> None:
    profile = _taken({"envelope": name, "window": window, "barcode": True})
    assert profile is None or _slides(profile)


def _taken(said: dict[str, Any]) -> Profile | None:
    try:
        return profile_of(said)
    except CampaignError:
        return None


def test_what_is_taken_is_not_nothing() -> None:
    assert all(_slides(profile_of(said)) for said in _SAID)


def _slides(profile: Profile) -> bool:
    block, window, envelope = profile.block, profile.envelope.window, profile.envelope
    assert block.width >= 60
    assert block.height >= 20
    assert 0.80 <= profile.pitch <= PITCH
    assert profile.pitch * (BARS - 0.5) + 4 <= block.width
    for right in (0, envelope.width - 210):
        for down in (0, envelope.height - envelope.folded):
            assert window.left <= block.left + right
            assert block.left + block.width + right <= window.left + window.width + 1e-9
            assert window.top <= block.top + down
            assert block.top + block.height + down <= window.top + window.height + 1e-9
    return True


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"envelope": "長形4号"}, "no envelope"),
        ({"envelope": "角形2号窓"}, "no window is usual"),
        ({"window": {"left": 20, "top": 12, "width": 80, "height": 45}}, "shows 55 x"),
        ({"window": {"left": 20, "top": 12, "width": 90, "height": 35}}, "mm"),
        ({"window": {"left": 60, "top": 12, "width": 90, "height": 45}}, "sender's block"),
        ({"window": {"left": 20, "top": 70, "width": 90, "height": 45}}, "too far down"),
        ({"window": {"left": 200, "top": 12, "width": 90, "height": 45}}, "beyond the envelope"),
        ({"marks": {"length": 30}}, "over the text"),
        ({"marks": {"top": 20}}, "in the window"),
        ({"marks": {"pitch": 40}}, "beyond the sheet"),
        ({"marks": {"thickness": 3}}, "into each other"),
    ],
)
def test_measures_that_cannot_be_are_refused_with_the_remedy(said: dict[str, Any], reason: str) -> None:
    with pytest.raises(CampaignError, match=reason) as refused:
        profile_of(said)
    assert refused.value.fix


@pytest.mark.parametrize("said", _SAID)
def test_letters_keep_to_their_profile(said: dict[str, Any]) -> None:
    profile = profile_of(said)
    made = set_batch(
        "b", [matter_of(recipient=person("𠮷田 花子", address=_HOME))], Printing(Language.JA, profile=profile)
    )
    block, told = profile.block, spots(made.pdf, 0)
    near = [spot for spot in told if spot.x < profile.free_right and spot.y < profile.free_bottom]
    shown = "".join(spot.text for spot in near).replace(" ", "")
    assert re.fullmatch(
        r"〒100-0013[\d-]{14}東京都千代田区霞が関1丁目3番2号コーポあしあと503室𠮷田花子様", shown
    )
    assert all(block.top < spot.y < block.top + block.height for spot in near)
    assert scanned(picture(made.pdf, 0))[0].endswith(made.manifest.letters[0].code)
    assert made.manifest.letters[0].barcode == ("yes" if profile.barcode else "no")


@pytest.mark.slow
def test_the_drawn_bars_say_the_address() -> None:
    profile = profile_of({"barcode": True})
    made = set_batch(
        "b", [matter_of(recipient=person("山田 花子", address=_HOME))], Printing(Language.JA, profile=profile)
    )
    found = window_of(person("山田 花子", address=_HOME), Language.JA, profile)
    dpi = 1200
    sheet = picture(made.pdf, 0, dpi) < 128
    top = profile.block.top + found.bars_top
    assert found.bars_top + HEIGHT + 2 <= profile.block.height
    rows = [round((top + HEIGHT * third / 6) / 25.4 * dpi) for third in (1, 3, 5)]
    middles = [profile.block.left + 2 + profile.pitch * (bar / 2 + 0.25) for bar in range(2 * BARS - 1)]
    columns = [round(at / 25.4 * dpi) for at in middles]
    assert read_bars(sheet[np.ix_(rows, columns)]) == characters_of("10000131-3-2-503")


def test_lines_go_before_bars() -> None:
    """Where lines leave no room, or the town is not that of the post code, the address stands alone."""
    profile = profile_of({"barcode": True})
    full = replace(_HOME, lines=(*_HOME.lines, "あしあと合同会社", "霞が関支店 総務部"))
    assert window_of(person("山田 花子", address=_HOME), Language.JA, profile).bars
    assert window_of(person("山田 花子", address=full, guardian=True), Language.JA, profile).bars is None
    assert window_of(person("山田 花子"), Language.JA, profile).bars is None


def test_marks_stand_where_the_printer_wants_them() -> None:
    profile = profile_of({"marks": {"left": 8, "top": 150, "pitch": 6, "length": 9, "bits": 5}})
    made = set_batch(
        "b", [matter_of(number) for number in (1, 2)], Printing(Language.JA, Style.ORDINARY, True, profile)
    )
    for entry in made.manifest.letters:
        sheet = picture(made.pdf, entry.first_page - 1, 100)
        rows = [round((150 + place * 6) / 25.4 * 100) for place in range(8)]
        seen = [bool((sheet[row - 2 : row + 3, 36:62].min(axis=0) < 128).all()) for row in rows]
        assert seen[:2] == [True, True]
        assert [bool(entry.number >> place & 1) for place in range(5)] == seen[2:7]
        assert sum(seen) % 2 == 0
