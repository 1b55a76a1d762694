"""Shipped templates are whole; an unfit one is refused with its file, its line and the reason."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from ashiato.letters.notices.wording import TemplateError, load_wording

_WORDS = files("ashiato.letters.notices").joinpath("words")


def _folder(tmp_path: Path, name: str, old: str, new: str) -> Path:
    """Write one changed template into a folder of a client's own."""
    text = _WORDS.joinpath(name).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / name).write_text(text.replace(old, new), encoding="utf-8")
    return tmp_path


def test_shipped_templates_are_fit_and_have_one_digest() -> None:
    wording = load_wording()
    assert {"letter", "letter-easy", "email", "sms", "call"} == set(wording.templates)
    assert len(wording.digest) == 64


def test_an_own_template_stands_in_by_its_name(tmp_path: Path) -> None:
    own = load_wording(_folder(tmp_path, "sms.yaml", "大切なお知らせがあります", "お知らせがあります"))
    assert own.digest != load_wording().digest
    assert own.templates["letter"] == load_wording().templates["letter"]


@pytest.mark.parametrize(
    ("name", "change", "line", "reason"),
    [
        ("letter", ("  - use: desk\n", ""), 2, "`{phone}` is missing (ja)"),
        ("call", ("照会番号は {code} です", "照会番号があります"), 3, "`{code}` is missing (ja)"),
        ("letter", ("  - use: fields\n", ""), 2, "the confirmed fields are told nowhere"),
        ("letter", ("  - use: advice\n", ""), 2, "whose bank account was reached"),
        ("letter", ("use: done", "use: dome"), 10, "no shared block is called `dome`"),
        ("sms", ("{site} で", "で"), 2, "`{site}` is missing (ja)"),
        ("sms", ("窓口 {phone}", "{telephone}"), 6, "braces hold no name"),
        ("sms", ("お知らせ", "https://evil.example.com/x お知らせ"), 6, "`evil.example.com`"),
        ("sms", ("大切な", "<b>大切</b>な"), 6, "`<b` is markup"),
        ("sms", ("we have", "click the link below. We have"), 7, "a link is offered"),
        ("sms", ("です。", "です。次のリンクを開いてください。"), 6, "a link is offered"),
        ("sms", ("です。", "です。パスワードを入力してください。"), 6, "a secret is asked for"),
        ("sms", ("です。", "です。情報が漏えいしました。"), 6, "it claims too much"),
        ("sms", ("です。", "です。口座番号は漏えいしていません。"), 6, "it claims too much"),
        ("blocks", ("可能性を否定できません", "ことを確認しました"), 61, "it claims too much"),
        ("blocks", ("We cannot rule out", "It is very likely"), 62, "it claims too much"),
        ("blocks", ("when: minor", "when: miner"), 11, "`miner` is not known. Fix: did you mean `minor`?"),
        ("sms", ("大切な", "大切な\u202e"), 6, "U+202E shows nothing or misleads"),
    ],
)
def test_an_unfit_template_is_refused_by_line(
    tmp_path: Path, name: str, change: tuple[str, str], line: int, reason: str
) -> None:
    with pytest.raises(TemplateError) as refused:
        load_wording(_folder(tmp_path, f"{name}.yaml", *change))
    told = str(refused.value)
    assert reason in told
    assert f"{name}.yaml:{line} " in told
