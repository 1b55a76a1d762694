"""Property: whoever reads a message finds their own fields, their own grades, and nothing of anybody else."""

from __future__ import annotations

import re
import string
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ashiato.exports.words import Language
from ashiato.law.api import Text
from ashiato.letters.notices.accepting import NoticeError
from ashiato.letters.notices.codes import grouped
from ashiato.letters.notices.compose import compose
from ashiato.letters.notices.matter import Channel, NoticeMatter, Persona, ReachedField
from ashiato.letters.notices.message import Message
from ashiato.letters.notices.template import LISTS
from ashiato.terms.categories import Category
from ashiato.terms.grades import Grade
from tests.letters.notices.people import INCIDENT, matter_of, person

#: Labels that occur in no template, each with its number, so that whose it is can be seen in a text.
_LABELS = tuple(Text(f"甲{number}号欄", f"Field-{number}X") for number in range(12))
_TOLD = st.sampled_from((Grade.CONFIRMED, Grade.PROBABLE, Grade.POSSIBLE))
_FIELDS = st.dictionaries(
    st.sampled_from(_LABELS), st.tuples(st.sampled_from(list(Category)), _TOLD), min_size=1, max_size=8
).map(lambda held: tuple(ReachedField(label, *rest) for label, rest in held.items()))
_LONG = st.sampled_from((Channel.LETTER, Channel.EMAIL, Channel.CALL))

#: An oracle of its own, not the one that templates are checked by: words by grade, the strongest first.
_CERTAIN = {Language.JA: "ことを確認しました", Language.EN: "We have confirmed"}
_LIKELY = {Language.JA: "可能性が高い", Language.EN: "very likely"}
_MAYBE = {Language.JA: "否定できません", Language.EN: "cannot rule out"}
_WORDS = {Grade.CONFIRMED: _CERTAIN, Grade.PROBABLE: _LIKELY, Grade.POSSIBLE: _MAYBE}


@st.composite
def _matters(draw: st.DrawFn) -> NoticeMatter:
    number = draw(st.integers(1, 10**6))
    cleared = draw(st.lists(st.sampled_from(_LABELS), max_size=2, unique=True))
    return matter_of(
        number,
        recipient=person(f"試験{number}郎", guardian=draw(st.booleans())),
        persona=draw(st.sampled_from(Persona)),
        edition=draw(st.integers(1, 3)),
        fields=draw(_FIELDS),
        cleared=tuple(cleared),
    )


@settings(max_examples=15)
@given(_matters(), _LONG, st.sampled_from(Language))
def test_fields_stand_once_and_under_their_own_grade(
    matter: NoticeMatter, channel: Channel, language: Language
) -> None:
    assume(not {field.label for field in matter.fields} & set(matter.cleared))
    message = compose(matter, channel, language)
    own = {field.label.within(language): field.grade for field in matter.fields}
    told = {row: block.text for part in message.parts for block in part.blocks for row in block.rows}
    assert set(told) == {*own, *(label.within(language) for label in matter.cleared)}
    for row, intro in told.items():
        surest = next(
            (grade for grade in sorted(_WORDS, reverse=True) if _WORDS[grade][language] in intro), None
        )
        assert surest == own.get(row)


@settings(max_examples=15)
@given(_matters(), st.sampled_from(Channel), st.sampled_from(Language))
def test_no_message_names_a_field_or_person_not_its_own(
    matter: NoticeMatter, channel: Channel, language: Language
) -> None:
    message = compose(matter, channel, language)
    whole = _everything(message)
    own = {field.label.within(language) for field in matter.fields}
    own |= {label.within(language) for label in matter.cleared}
    named = set(re.findall(r"甲\d+号欄|Field-\d+X", whole))
    assert named == (set() if channel is Channel.SMS else own)
    assert set(re.findall(r"試験\d+郎", whole)) <= {matter.recipient.name}
    codes = set(re.findall(r"\d{4}-\d{4}-\d{4}", whole))
    assert codes == {grouped(matter.code)}


@settings(max_examples=15)
@given(_matters(), st.sampled_from(Channel), st.sampled_from(Language))
def test_no_sentence_is_surer_than_the_person_is(
    matter: NoticeMatter, channel: Channel, language: Language
) -> None:
    whole = compose(matter, channel, language).text
    for grade, words in _WORDS.items():
        if all(field.grade != grade for field in matter.fields):
            assert words[language] not in whole


_HOSTILE = st.one_of(
    st.text(max_size=40),
    st.text(string.punctuation + "＃＄［］｛｝", min_size=1, max_size=40),
    st.sampled_from(
        [
            '#import "x"',
            "#sys.inputs",
            "$x^2$ #{1+1}",
            "<script>alert(1)</script>",
            "{code} {name}",
            "a\u202eb",
            "a\x00b",
            "a\nBcc: x@example.jp",
            "花" * 10_000,
            '=HYPERLINK("http://x")',
        ]
    ),
)  # fmt: skip


@settings(max_examples=25)
@given(_HOSTILE, st.sampled_from((Channel.EMAIL, Channel.LETTER, Channel.SMS)))
def test_hostile_names_are_text_or_refused_with_a_reason(name: str, channel: Channel) -> None:
    matter = matter_of(recipient=replace(person("x"), name=name))
    message = _composed(matter, channel)
    if isinstance(message, NoticeError):
        assert matter.reference in message.what
        assert message.fix
        return
    plain = compose(matter_of(recipient=person("試験太郎")), channel, Language.JA)
    assert message.subject == plain.subject
    assert message.text.replace(f"{name} 様", "試験太郎 様") == plain.text
    assert len(re.findall("<[a-z/!]", message.html)) == len(re.findall("<[a-z/!]", plain.html))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", message.text)


def _composed(matter: NoticeMatter, channel: Channel) -> Message | NoticeError:
    try:
        return compose(matter, channel, Language.JA)
    except NoticeError as refused:
        return refused


@settings(max_examples=10)
@given(st.text("あいうえお、情報確認", max_size=30))
def test_incidents_that_claim_or_ask_too_much_reach_nobody(start: str) -> None:
    bad = (
        "あなたの情報が流出しました。",
        "パスワードを入力してください。",
        "こちらのリンクを開いてください。",
    )
    for sentence in bad:
        incident = replace(INCIDENT, outline=Text(f"{start}。{sentence}", "So it was."))
        with pytest.raises(NoticeError):
            compose(matter_of(incident=incident), Channel.EMAIL, Language.JA)


def test_lists_and_grades_are_the_same_words() -> None:
    assert {Grade.of_word(word) for word in LISTS[:3]} == set(_WORDS)


def _everything(message: Message) -> str:
    return "\n".join((message.subject, message.text, message.html, *message.sentences()))
