from __future__ import annotations

import pytest

from ashiato.exports.facts import Bounds
from ashiato.exports.words import Language
from ashiato.law.api import load_rulebook, load_vocabulary
from ashiato.letters.drafting import names_in
from ashiato.letters.outline import load_outlines
from ashiato.letters.phrases import load_phrases
from tests.letters.matters import drafted, found, known

KINDS = sorted(load_outlines())
#: Rules that an outline may name before their place's file is here.
_POINTS = [
    (kind, point)
    for kind, outline in load_outlines().items()
    for part in outline.parts
    for point in part.points
]


def test_every_draft_the_work_needs_is_there() -> None:
    assert set(KINDS) == {
        "ppc-preliminary", "ppc-final", "fsa", "common-form", "gdpr-33", "client-notice", "bank-list",
        "police", "announcement-1", "announcement-2", "announcement-final", "desk-qa", "board",
    }  # fmt: skip


def test_keys_stand_once_in_a_draft() -> None:
    keys = [(kind, point.key) for kind, point in _POINTS]
    assert len(keys) == len(set(keys))


def test_every_name_a_line_asks_for_is_known() -> None:
    for kind, point in _POINTS:
        assert point.label.ja
        assert point.label.en
        for variant in point.variants:
            names = names_in(variant.text.ja)
            assert names == names_in(variant.text.en), (kind, point.key)
            facts = [name for name in names if not name.startswith(("run.", "duty.", "notices."))]
            assert [name for name in facts if load_vocabulary().find(name) is None] == []


@pytest.mark.parametrize("language", Language)
def test_every_draft_is_made_with_and_without_a_run(language: Language) -> None:
    for kind in KINDS:
        for facts in (None, found(Bounds(2, 5))):
            document = drafted(kind, known(), facts=facts, language=language)
            assert document.sections
            assert "{" not in "".join(line.text or "" for line in document.lines())


def test_the_rules_a_draft_answers_are_shipped() -> None:
    named = {rule for outline in load_outlines().values() for rule in outline.rules}
    assert named <= set(load_rulebook().rules)


def test_small_pieces_stand_in_both_languages() -> None:
    for key, piece in load_phrases().items():
        assert set(piece) == set(Language), key
        assert sorted(names_in(piece["ja"])) == sorted(names_in(piece["en"])), key


def test_no_japanese_stands_in_an_english_draft() -> None:
    for kind in KINDS:
        said = [part.heading.en for part in load_outlines()[kind].parts]
        said += [variant.text.en for _, point in _POINTS for variant in point.variants]
        assert all(text.isascii() for text in said), kind
