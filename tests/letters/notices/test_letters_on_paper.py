"""Batches as they lie before the printer: address in the window, codes that scan, pages in order."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import tempfile
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ashiato.exports.words import Language
from ashiato.law.api import Text
from ashiato.letters.notices.accepting import CampaignError, NoticeError
from ashiato.letters.notices.batches import Batch, Printing, reprint, set_batch
from ashiato.letters.notices.codes import grouped
from ashiato.letters.notices.delivery import write_batch
from ashiato.letters.notices.matter import Address, NoticeMatter, Style
from ashiato.letters.notices.presses import Shop, print_letters
from ashiato.letters.notices.squares import squares_of
from ashiato.letters.notices.window import window_of
from ashiato.letters.notices.wording import load_wording
from tests.letters.notices.people import INCIDENT, NAME, SENDER, matter_of, person
from tests.letters.notices.sheets import picture, scanned, spots, texts

RARE = ("𠮷田 花子", "葛\U000e0100城 﨑男", "渡邉\U000e0101 髙子")
_JA = Printing(Language.JA)


def _people() -> list[NoticeMatter]:
    return [matter_of(number, recipient=person(name)) for number, name in enumerate(RARE, 1)]


@pytest.fixture(scope="module")
def batch() -> Batch:
    return set_batch("batch-000001", _people(), _JA)


def test_the_window_shows_the_address_and_nothing_else(batch: Batch) -> None:
    for entry in batch.manifest.letters:
        told = spots(batch.pdf, entry.first_page - 1)
        near = [spot for spot in told if spot.x < 110 and spot.y < 57]
        shown = "".join(spot.text for spot in near).replace(" ", "")
        name = re.escape(RARE[entry.number - 1].replace(" ", ""))
        code = re.escape(grouped(entry.code))
        home = "東京都新宿区架空1丁目23番45号コーポあしあと203号室"
        assert re.fullmatch(f"〒160-0000{code}{home}{name}様", shown)
        assert all(spot.x > 20 - 0.01 and 12.5 < spot.y < 36 for spot in near)


def test_every_code_scans_from_its_own_sheet(batch: Batch) -> None:
    for entry in batch.manifest.letters:
        found = scanned(picture(batch.pdf, entry.first_page - 1))
        assert found == [f"{SENDER.check_page}{entry.code}"]


def test_the_manifest_says_what_the_file_holds(batch: Batch) -> None:
    pages = texts(batch.pdf)
    assert batch.manifest.pdf_sha256 == hashlib.sha256(batch.pdf).hexdigest()
    assert batch.manifest.pages == len(pages) == 6
    assert b"(D:20261124000000Z)" in batch.pdf
    for entry, matter in zip(batch.manifest.letters, _people(), strict=True):
        assert (entry.reference, entry.code) == (matter.reference, matter.code)
        own = pages[entry.first_page - 1 : entry.last_page]
        assert all(f"照会番号 {grouped(entry.code)}" in page for page in own)
        assert [f"{number} / {len(own)}" in page for number, page in enumerate(own, 1)] == [True] * len(own)
    held = json.loads(batch.manifest.as_json())
    rows = list(csv.DictReader(io.StringIO(batch.manifest.as_csv().decode("utf-8-sig"))))
    assert held["count"] == len(rows) == 3
    assert [row["code"] for row in rows] == [each["code"] for each in held["letters"]]


def test_the_same_letters_give_the_same_bytes(batch: Batch) -> None:
    assert set_batch("batch-000001", _people(), _JA).pdf == batch.pdf


def test_a_letter_printed_again_is_the_same_letter(batch: Batch) -> None:
    again = reprint("batch-000001", 2, _people()[1], _JA)
    entry = batch.manifest.letters[1]
    assert again.manifest.letters[0].letter_sha256 == entry.letter_sha256
    assert again.pdf == reprint("batch-000001", 2, _people()[1], _JA).pdf
    for offset in range(2):
        before = picture(batch.pdf, entry.first_page - 1 + offset, 60)
        assert np.array_equal(before, picture(again.pdf, offset, 60))


def test_marks_tell_the_inserter_where_letters_end(batch: Batch) -> None:
    for entry in batch.manifest.letters:
        sheet = picture(batch.pdf, entry.first_page - 1, 100)
        rows = [round((120 + place * 4) / 25.4 * 100) for place in range(6)]
        seen = [bool((sheet[row - 2 : row + 3, 25:55].min(axis=0) < 128).all()) for row in rows]
        bits = [bool(entry.number >> place & 1) for place in range(3)]
        assert seen[:5] == [True, True, *bits]
        assert sum(seen) % 2 == 0


def test_one_sided_letters_have_no_empty_backs() -> None:
    large = Printing(Language.JA, Style.LARGE, duplex=False)
    one_sided = set_batch("b", [matter_of()], large)
    both = set_batch("b", [matter_of()], replace(large, duplex=True))
    assert one_sided.manifest.pages == 3
    assert both.manifest.pages == 4
    assert texts(both.pdf)[3].strip() == ""


@settings(max_examples=20)
@given(st.text("0123456789", min_size=12, max_size=12))
def test_sums_of_squares_are_the_codes_that_segno_makes(code: str) -> None:
    page = "https://www.example.jp/c/"
    like = segno.make_qr(page + "0" * 12, error="m", mode="byte", boost_error=False)
    whole = segno.make_qr(
        page + code, error="m", mode="byte", boost_error=False, version=like.version, mask=like.mask
    )
    pixels = np.asarray(Image.open(io.BytesIO(squares_of(page).picture(code))))
    assert (pixels == (np.asarray([list(row) for row in whole.matrix]) == 0)).all()


@pytest.mark.parametrize(
    ("name", "reason"),
    [("山田 😀", "U+1F600"), ("葛\U000e0102城", "U+845B U+E0102"), ("山田\u0bf5", "U+0BF5")],
)
def test_what_the_font_lacks_is_never_printed_otherwise(name: str, reason: str) -> None:
    made = set_batch("b", [matter_of(recipient=person(name))], _JA)
    assert not made.manifest.letters
    assert reason in made.manifest.refused[0].why


def test_one_bad_address_costs_nobody_else_the_letter() -> None:
    bad = matter_of(1, recipient=person("山田\x00花子"))
    made = set_batch("b", [bad, matter_of(2)], _JA)
    assert [each.reference for each in made.manifest.refused] == [bad.reference]
    assert [(each.number, each.reference) for each in made.manifest.letters] == [(1, matter_of(2).reference)]
    with pytest.raises(CampaignError):
        set_batch("b", [matter_of(incident=replace(INCIDENT, outline=Text("", "")))], _JA)


def test_code_in_a_name_is_set_as_text() -> None:
    names = ["#panic()", "$x^2$ *b* _i_", "[a] #[b] @c <d>", '"a" \\ // /* */', "= a", "- a ~"]
    people = [matter_of(number, recipient=person(name)) for number, name in enumerate(names)]
    made = set_batch("b", people, _JA)
    pages = [re.sub(r"\s", "", page) for page in texts(made.pdf)]
    for entry, name in zip(made.manifest.letters, names, strict=True):
        assert pages[entry.first_page - 1].count(re.sub(r"\s", "", name) + "様") == 2


def test_a_template_may_name_the_person_in_the_text(tmp_path: Path) -> None:
    words = files("ashiato.letters.notices").joinpath("words", "blocks.yaml").read_text(encoding="utf-8")
    own = words.replace("ja: お預かりしている個人情報", 'ja: "{name}の個人情報').replace(
        "深くお詫び申し上げます。\n", '深くお詫び申し上げます。"\n', 1
    )
    (tmp_path / "blocks.yaml").write_text(own, encoding="utf-8")
    made = set_batch("b", _people()[:2], _JA, load_wording(tmp_path))
    for entry, name in zip(made.manifest.letters, RARE[:2], strict=True):
        page = re.sub(r"\s", "", texts(made.pdf)[entry.first_page - 1])
        assert f"{name}様の個人情報について".replace(" ", "") in page


def test_nothing_of_a_person_is_written_beside_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, bytes] = {}

    class Watched(tempfile.TemporaryDirectory[str]):
        def cleanup(self) -> None:
            seen.update({path.name: path.read_bytes() for path in Path(self.name).iterdir()})
            super().cleanup()

    monkeypatch.setattr(tempfile, "TemporaryDirectory", Watched)
    assert set_batch("b", _people()[:1], _JA).pdf
    assert seen
    assert {Path(name).suffix for name in seen} == {".typ", ".pdf"}
    assert not [name for name, content in seen.items() if "𠮷田".encode() in content]


def test_forms_of_characters_are_told_apart_on_paper() -> None:
    pairs = [
        ("𠮷", "吉"),
        ("葛\U000e0100", "葛"),
        ("邉\U000e0102", "邉"),
        ("髙", "高"),
        ("辻\U000e0100", "辻"),
    ]
    names = [person(name) for pair in pairs for name in pair]
    one_sided = Printing(Language.JA, duplex=False)
    made = set_batch("b", [matter_of(1, recipient=name) for name in names], one_sided)
    firsts = [entry.first_page - 1 for entry in made.manifest.letters]
    shown = [picture(made.pdf, page, 100)[235:260, 80:110] for page in firsts]
    for one, other in zip(shown[::2], shown[1::2], strict=True):
        assert (one < 128).any()
        assert not np.array_equal(one, other)


def test_a_batch_is_written_whole_and_once(batch: Batch, tmp_path: Path) -> None:
    folder = write_batch(batch, tmp_path)
    assert write_batch(batch, tmp_path) == folder
    assert sorted(path.name for path in folder.iterdir()) == ["letters.pdf", "manifest.csv", "manifest.json"]
    assert [path.name for path in tmp_path.iterdir()] == ["batch-000001"]
    other = replace(batch, manifest=replace(batch.manifest, wording_sha256="0" * 64))
    with pytest.raises(NoticeError, match="holds other letters"):
        write_batch(other, tmp_path)


@pytest.mark.slow
def test_presses_print_everybody_once_in_order(tmp_path: Path) -> None:
    people = (matter_of(number, fields=(NAME,)) for number in range(1, 26))
    done = list(print_letters(people, Shop(tmp_path, _JA), size=10))
    told = [(each.folder.name, each.letters) for each in done]
    assert told == [("batch-000001", 10), ("batch-000002", 10), ("batch-000003", 5)]
    held = [json.loads((each.folder / "manifest.json").read_bytes())["letters"] for each in done]
    everybody = [matter_of(number).reference for number in range(1, 26)]
    assert [each["reference"] for letters in held for each in letters] == everybody


def test_long_addresses_shrink_break_and_then_are_refused() -> None:
    usual = window_of(person("山田 花子"), Language.JA)
    long = Address(
        "160-0000", ("東京都新宿区架空一丁目二十三番四十五号架空町住宅", "コーポあしあと別館東棟 203号室")
    )
    tight = window_of(person("山田 花子", address=long, guardian=True), Language.JA)
    assert usual.size > tight.size >= 8
    assert tight.names == ("山田 花子 様", "親権者 様")
    with pytest.raises(NoticeError, match="do not fit"):
        window_of(person("花" * 90, address=Address("1600000", ("町" * 110,) * 5)), Language.JA)


@pytest.mark.slow
def test_no_line_of_a_paragraph_stands_alone_on_a_page() -> None:
    """A paragraph that grows by a sentence is pushed over the foot of page 1; where it is split is seen."""
    seen = []
    for count in range(22, 38):
        text = "".join(f"第{number}に、情報を使った詐欺などのおそれがあります。" for number in range(count))
        matter = matter_of(incident=replace(INCIDENT, misuse=replace(INCIDENT.misuse, ja=text)))
        seen.append(_lines_by_page(text, set_batch("b", [matter], _JA).pdf))
    split = [counts for counts in seen if all(counts)]
    assert len(split) > 2
    assert all(min(counts) > 1 for counts in split), seen


def test_names_and_addresses_keep_within_the_sheet() -> None:
    """Long names shrink, an address without a post code is printed without one."""
    long = person(
        "アレクサンドラ・ヴィクトリア・フォン・シュヴァルツェンベルク・ウント・ヴィトゲンシュタイン",
        guardian=True,
    )
    abroad = person("山田 花子", address=Address("", ("1 Invented Road", "Nowhere 12345", "Atlantis")))
    made = set_batch("b", [matter_of(1, recipient=long), matter_of(2, recipient=abroad)], _JA)
    for entry in made.manifest.letters:
        sheet = picture(made.pdf, entry.first_page - 1, 72)
        assert (sheet[:, -34:] == 255).all()
    assert "〒160" in texts(made.pdf)[0]
    assert texts(made.pdf)[2].count("〒") == 1


def _lines_by_page(text: str, pdf: bytes) -> list[int]:
    """How many lines of a paragraph stand on each page."""
    pages = [[re.sub(r"\s", "", line) for line in page.splitlines()] for page in texts(pdf)]
    return [sum(len(line) > 3 and line in text for line in page) for page in pages]
