"""A code, a sender, a site, a number: ours, not to be found, or not ours; and what to do."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ashiato.exports.words import Language
from ashiato.letters.notices.claims import Claim, claims_beyond
from ashiato.letters.notices.codes import check_digit, code_of, grouped
from ashiato.letters.notices.genuine import Known, Verdict, check, texts
from ashiato.letters.notices.unsafe import unsafe_in
from tests.letters.notices.people import KEY, SENDER

_OURS = code_of(KEY, "notice-1")
_OTHERS = code_of(KEY, "notice-2")
_KNOWN = Known(
    SENDER,
    lambda code: code == _OURS,
    frozenset({SENDER.site}),
    frozenset({"notice@minato-pet.example.jp"}),
    frozenset({SENDER.desk.phone}),
)
_SLIP = _OURS[:-1] + str((int(_OURS[-1]) + 1) % 10)


@pytest.mark.parametrize(
    ("asked", "verdict", "kind"),
    [
        (_OURS, Verdict.GENUINE, "code"),
        (grouped(_OURS), Verdict.GENUINE, "code"),
        ("　" + "".join(chr(ord("０") + int(digit)) for digit in _OURS), Verdict.GENUINE, "code"),
        (_OTHERS, Verdict.UNKNOWN, "code"),
        (_SLIP, Verdict.UNKNOWN, "code"),
        ("1234", Verdict.UNKNOWN, "code"),
        ("www.minato-pet.example.jp", Verdict.GENUINE, "site"),
        ("https://WWW.minato-pet.example.jp/check/123", Verdict.GENUINE, "site"),
        ("http://www.minato-pet.example.jp/", Verdict.NOT_OURS, "site"),
        ("https://www.minato-pet.example.jp.evil.example/", Verdict.NOT_OURS, "site"),
        ("https://www.minato-pet.example.jp@evil.example/", Verdict.NOT_OURS, "site"),
        ("https://www.minato-pet.example.jp:8443/", Verdict.NOT_OURS, "site"),
        ("https://www.minato-pet.example.jp\\@evil.example/", Verdict.NOT_OURS, "site"),
        ("https://www.mınato-pet.example.jp/", Verdict.NOT_OURS, "site"),
        ("minato-pet.example.co", Verdict.NOT_OURS, "site"),
        ("javascript://www.minato-pet.example.jp", Verdict.NOT_OURS, "site"),
        ("notice@minato-pet.example.jp", Verdict.GENUINE, "sender"),
        ("Notice@Minato-Pet.example.jp", Verdict.GENUINE, "sender"),
        ("notice@minato-pet.example.jp.evil.example", Verdict.NOT_OURS, "sender"),
        ("0120-000-123", Verdict.GENUINE, "phone"),
        ("+81 120 000 123", Verdict.GENUINE, "phone"),
        ("０１２０－０００－１２３", Verdict.GENUINE, "phone"),
        ("03-0000-0000", Verdict.NOT_OURS, "phone"),
        ("", Verdict.UNKNOWN, "unclear"),
        ("a" * 10_000, Verdict.UNKNOWN, "unclear"),
        ("山田花子", Verdict.UNKNOWN, "unclear"),
        ("0120\u202e000123", Verdict.UNKNOWN, "unclear"),
    ],
)
def test_what_is_asked_is_judged_for_what_it_is(asked: str, verdict: Verdict, kind: str) -> None:
    answer = check(asked, _KNOWN, Language.JA)
    assert (answer.verdict, answer.kind) == (verdict, kind)


@pytest.mark.parametrize("language", Language)
def test_every_answer_says_what_to_do_and_asks_for_nothing(language: Language) -> None:
    for text in texts().values():
        plain = (
            text.text.within(language).replace("{asked}", "").replace("{phone}", "").replace("{sender}", "")
        )
        assert plain.strip()
        assert not list(unsafe_in(plain))
        assert claims_beyond(plain, language, Claim.NOTHING) is None
    for asked in (_OURS, _OTHERS, _SLIP, "evil.example", "x@evil.example", "03-0000-0000"):
        answer = check(asked, _KNOWN, language)
        assert answer.means != answer.todo
        assert SENDER.desk.phone in answer.todo


@settings(max_examples=60)
@given(st.text(max_size=80))
def test_no_question_breaks_the_answer_or_is_called_ours(asked: str) -> None:
    answer = check(asked, _KNOWN, Language.EN)
    assert answer.verdict is not Verdict.GENUINE
    assert answer.means.isprintable()


@settings(max_examples=40)
@given(st.integers(0, 10**11 - 1))
def test_guessed_codes_are_not_found(number: int) -> None:
    code = f"{number:011}" + str(check_digit(f"{number:011}"))
    assert code == _OURS or check(code, _KNOWN, Language.JA).verdict is Verdict.UNKNOWN
