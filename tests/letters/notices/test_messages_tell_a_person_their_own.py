"""What each channel tells: this person's fields by grade, who speaks, and how to check it."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest
import yaml

from ashiato.exports.words import Language
from ashiato.law.api import Text
from ashiato.letters.notices.accepting import NoticeError
from ashiato.letters.notices.codes import grouped
from ashiato.letters.notices.compose import compose
from ashiato.letters.notices.matter import Channel, Persona, Recipient, Speaker, Style
from ashiato.letters.notices.template import HARMS
from ashiato.terms.grades import Grade
from tests.letters.notices.people import BANK, CARE, INCIDENT, NAME, SENDER, matter_of, person

_LONG = (Channel.LETTER, Channel.EMAIL, Channel.CALL)


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("language", Language)
def test_every_message_says_how_to_check_it(channel: Channel, language: Language) -> None:
    matter = matter_of()
    text = compose(matter, channel, language).text
    for needed in (grouped(matter.code), SENDER.desk.phone, SENDER.site, SENDER.name.within(language)):
        assert needed in text


@pytest.mark.parametrize("channel", _LONG)
def test_each_field_stands_under_its_grade(channel: Channel) -> None:
    text = compose(matter_of(), channel, Language.JA).text
    at = [
        text.index(words)
        for words in (
            "確認しました。\n・お名前",
            "可能性が高い",
            "ペットの診療",
            "否定できません",
            "引落口座",
        )
    ]
    assert at == sorted(at)


def test_what_no_field_has_is_not_said() -> None:
    text = compose(matter_of(fields=(BANK,)), Channel.LETTER, Language.JA).text
    assert "読み取られたことを確認" not in text
    assert "可能性が高い" not in text
    assert "口座の入出金" in text
    assert "クレジットカードのご利用明細" not in text


@pytest.mark.parametrize("persona", Persona)
@pytest.mark.parametrize("language", Language)
def test_every_persona_is_told_why_data_is_held(persona: Persona, language: Language) -> None:
    parts = compose(matter_of(persona=persona), Channel.LETTER, language).parts
    assert len(next(part for part in parts if part.item == "why").blocks) == 1


def test_guardians_and_later_editions_are_told_so() -> None:
    child = person("山田 一郎", guardian=True)
    text = compose(matter_of(recipient=child, edition=2), Channel.LETTER, Language.JA).text
    assert text.startswith("山田 一郎 様の親権者 様\n")
    assert "ご本人が未成年のため" in text
    assert "先にお送りしたお知らせから" in text
    assert "未成年" not in compose(matter_of(), Channel.LETTER, Language.JA).text


def test_a_clinic_is_not_asked_for_its_birthday() -> None:
    clinic = person("あしあと動物病院", honorific="御中")
    text = compose(matter_of(recipient=clinic, persona=Persona.VET), Channel.LETTER, Language.JA).text
    assert "あしあと動物病院 御中" in text
    assert "ご担当の方" in text
    assert "生年月日" not in text


def test_either_party_can_speak_for_both() -> None:
    other = Text("あしあと代理店", "Ashiato Agency")
    for speaker, words in (
        (Speaker.CLIENT, "あしあと代理店に委託しています"),
        (Speaker.CONTRACTOR, "あしあと代理店から委託を受けて"),
    ):
        sender = replace(SENDER, other=other, speaks=speaker)
        assert words in compose(matter_of(sender=sender), Channel.EMAIL, Language.JA).text


def test_mail_escapes_what_looks_like_markup() -> None:
    message = compose(matter_of(recipient=person("<b>山田 & 花子</b>")), Channel.EMAIL, Language.JA)
    assert "&lt;b&gt;山田 &amp; 花子&lt;/b&gt;" in message.html
    assert "<b>山田" in message.text
    for banned in ("<a", "<img", "href", "src=", "<script", "http"):
        assert banned not in message.html


def test_what_is_proven_absent_is_told_as_such() -> None:
    text = compose(matter_of(cleared=(Text("マイナンバー", "My Number"),)), Channel.LETTER, Language.JA).text
    assert "読み取られていないことを確認しています。\n・マイナンバー" in text


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"fields": ()}, "none was reached"),
        ({"fields": (replace(NAME, grade=Grade.NOT_SHOWN),)}, "is not shown"),
        ({"fields": (replace(CARE, label=Text("漏えいした情報", "leaked data")),)}, "makes a claim"),
        ({"code": "123456789012"}, "check digit"),
        ({"recipient": person("山田\u202e花子")}, "U+202E"),
        ({"recipient": person("山田\n花子")}, "U+000A"),
        ({"recipient": person("山田\x00花子")}, "U+0000"),
        ({"recipient": person("花" * 10_000)}, "10,000 characters"),
        ({"recipient": person("花\ue000子")}, "U+E000"),
        ({"recipient": person(" ")}, "there is none"),
        ({"recipient": person("｜山田《やまだ》")}, "sets readings"),
        ({"recipient": Recipient("山田 花子")}, "no letter can be sent"),
        ({"sender": replace(SENDER, check_page="https://evil.example/check")}, "no https page of"),
        ({"sender": replace(SENDER, check_page=SENDER.check_page.rstrip("/"))}, "ends with a slash"),
        ({"sender": replace(SENDER, check_page=SENDER.check_page + "a/" * 40)}, "no https page of"),
        ({"sender": replace(SENDER, site="みなと")}, "no name of a site"),
        ({"incident": replace(INCIDENT, outline=Text("情報が流出しました。", "So."))}, "claims of everybody"),
        ({"incident": replace(INCIDENT, done=Text("口座番号を返信ください。", ""))}, "a secret is asked for"),
        ({"incident": replace(INCIDENT, cause=Text(" ", "Cause."))}, "nothing is written"),
    ],
)  # fmt: skip
def test_what_must_not_be_sent_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(NoticeError) as refused:
        compose(matter_of(1, **changes), Channel.LETTER, Language.JA)
    assert reason in str(refused.value)


def test_a_name_that_a_screen_links_is_refused_on_screens() -> None:
    matter = matter_of(recipient=person("花子 www.evil.example"))
    assert compose(matter, Channel.LETTER, Language.JA)
    with pytest.raises(NoticeError, match="link"):
        compose(matter, Channel.EMAIL, Language.JA)


def test_easy_japanese_needs_an_incident_told_easily() -> None:
    easy = compose(matter_of(), Channel.LETTER, Language.JA, Style.EASY)
    assert "大切（たいせつ）" in easy.text
    with pytest.raises(NoticeError, match="easy Japanese"):
        compose(matter_of(incident=replace(INCIDENT, easy=None)), Channel.LETTER, Language.JA, Style.EASY)


def test_braille_text_is_lines_without_marks() -> None:
    blind = person("山田 花子", kana="ヤマダ ハナコ")
    matter = matter_of(recipient=blind)
    lines = compose(matter, Channel.LETTER, Language.JA, Style.BRAILLE).text.splitlines()
    assert lines[:2] == ["山田 花子 様", "ヤマダ ハナコ"]
    assert lines[-1] == "照会番号 " + grouped(matter.code).replace("-", " ")
    assert "2 ご住所" in lines
    assert not [line for line in lines if any(mark in line for mark in "■・│<>")]
    assert not [line for line in lines if line.count("。") > 1]


def test_harms_are_told_to_whom_they_threaten() -> None:
    told = compose(matter_of(harms=frozenset({"bank-fraud"})), Channel.LETTER, Language.JA).text
    assert "不正な引き落とし" in told
    assert "空き巣" not in told
    rules = yaml.safe_load(files("ashiato.engine.people").joinpath("harms.yaml").read_text("utf-8"))["rules"]
    assert {rule["harm"] for rule in rules} == set(HARMS)


@pytest.mark.parametrize(
    ("word", "persona"),
    [
        ("policyholder", Persona.POLICYHOLDER),
        ("Quote_Applicant", Persona.REQUESTER),
        ("third-party", Persona.THIRD_PARTY),
        ("customer", Persona.OTHER),
        ("", Persona.OTHER),
    ],
)
def test_words_of_data_maps_mean_personas(word: str, persona: Persona) -> None:
    assert Persona.of_word(word) is persona
