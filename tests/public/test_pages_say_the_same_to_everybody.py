"""Pages in three voices, the same for everybody: no cookie, no outside host, nothing to do but show."""

from __future__ import annotations

import http.client
import re
from html import unescape
from importlib import resources
from typing import Any

import pytest
import yaml

from ashiato.letters.notices.readings import READING
from tests.public.site import DAN, EMI, Answer, Site

_OTHER_CODE = "104837265921"
_PAGES = ("", "advice/", "questions/", "check/")


def _ask(site: Site, path: str, **form: str) -> Answer:
    return site.ask(path, form or None, {"X-Forwarded-For": "192.0.2.7"})


@pytest.mark.slow
@pytest.mark.parametrize("voice", ["/", "/easy/", "/en/"])
@pytest.mark.parametrize("page", _PAGES)
def test_every_page_stands_in_every_voice(site: Site, voice: str, page: str) -> None:
    answer = _ask(site, voice + page)
    assert answer.status == 200
    assert f'<html lang="{"en" if voice == "/en/" else "ja"}">' in answer.text
    assert "Set-Cookie" not in answer.headers
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', answer.text)
    assert " style=" not in answer.text
    assert "<script>" not in answer.text
    assert "｜" not in answer.text, "readings stand over their characters"
    assert ("<ruby>" in answer.text) == (voice == "/easy/")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("asked", "verdict"),
    [
        (DAN, "genuine"),
        ("4839-2017-4627", "genuine"),
        ("４８３９２０１７４６２７", "genuine"),
        (EMI, "genuine"),
        (_OTHER_CODE, "unknown"),
        ("123", "unknown"),
        ("https://www.mirai-pet.example.jp/check/", "genuine"),
        ("https://www.mirai-pet.example.jp.example.com/", "not_ours"),
        ("notice@mirai-pet.example.jp", "genuine"),
        ("notice@mirai-pet.example.com", "not_ours"),
        ("0120-000-123", "genuine"),
        ("090-1234-5678", "not_ours"),
    ],
)
@pytest.mark.parametrize("voice", ["/", "/easy/", "/en/"])
def test_what_is_pasted_is_told_to_be_ours_or_not(site: Site, voice: str, asked: str, verdict: str) -> None:
    answer = _ask(site, f"{voice}check/", asked=asked)
    assert re.findall(r'<div class="answer (\w+)"', answer.text) == [verdict]
    assert "お名前" not in answer.text, "never whom it went to, nor what it says"


@pytest.mark.slow
def test_the_square_of_a_letter_leads_to_its_answer(site: Site) -> None:
    assert '<div class="answer genuine"' in _ask(site, f"/check/{DAN}").text
    assert '<div class="answer unknown"' in _ask(site, f"/en/check/{_OTHER_CODE}").text


@pytest.mark.slow
def test_what_is_typed_is_shown_and_never_obeyed(site: Site) -> None:
    for typed in (
        "<script>alert(1)</script>",
        "{{ said }}{% debug %}",
        "'; DROP TABLE public_tally; --",
        "\0\x1b[31m",
        "あ" * 5_000,
    ):
        answer = _ask(site, "/check/", asked=typed)
        assert answer.status == 200
        assert "<script>" not in answer.text
        assert '<div class="answer unknown"' in answer.text
    assert _ask(site, "/check/", asked=DAN).status == 200


@pytest.mark.slow
def test_another_sites_form_is_refused(site: Site) -> None:
    ours = {"X-Forwarded-For": "192.0.2.9", "Host": f"127.0.0.1:{site.port}"}
    for foreign in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://example.com"}):
        assert site.ask("/check/", {"asked": DAN}, ours | foreign).status == 403
    for own in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": f"http://127.0.0.1:{site.port}"}):
        assert site.ask("/check/", {"asked": DAN}, ours | own).status == 200


@pytest.mark.slow
def test_who_asks_without_end_is_held_back_and_nobody_else(site: Site) -> None:
    def asks(address: str) -> int:
        return site.ask(f"/check/{DAN}", headers={"X-Forwarded-For": address}).status

    seen = [asks("198.51.100.4") for _ in range(125)]
    assert seen == [200] * 120 + [429] * 5
    assert asks("198.51.100.5") == 200
    assert asks("198.51.100.4, 198.51.100.6") == 200, "the first of our own servers says who asks"
    assert asks("203.0.113.9, 198.51.100.4") == 429, "and nobody else"
    assert [asks(f"2001:db8::{number}") for number in range(1, 122)][-1] == 429, "a household is one"


@pytest.mark.slow
def test_other_hosts_other_methods_and_other_paths_are_refused(site: Site) -> None:
    assert site.ask("/", headers={"Host": "evil.example"}).status == 400
    assert site.ask("/", {"a": "b"}).status == 405
    for path in ("/nothing", "/admin/", "/en/nothing/", "/static/../models.py", "/static/%2e%2e/models.py"):
        assert site.ask(path).status == 404
    assert site.ask("/check/" + "9" * 5_000).status in (400, 404, 414)


def test_voices_have_the_same_words_and_only_easy_japanese_has_readings() -> None:
    held = {voice: _words(voice) for voice in ("ja", "easy", "en")}
    answers = {key for key in held["easy"] if key.startswith("answers.")}
    assert held["ja"].keys() == held["en"].keys() == held["easy"].keys() - answers
    assert not [key for voice in ("ja", "en") for key, text in held[voice].items() if READING.search(text)]
    bare = {key: READING.sub("", text) for key, text in held["easy"].items()}
    assert not [key for key, text in bare.items() if re.search(r"[\u4e00-\u9fff]", text)], (
        "each has a reading"
    )
    for key in held["ja"]:
        names = {voice: sorted(re.findall(r"{(\w+)}", words[key])) for voice, words in held.items()}
        assert names["ja"] == names["en"] == names["easy"], key


def _words(voice: str) -> dict[str, str]:
    def flat(front: str, value: Any) -> dict[str, str]:
        if not isinstance(value, dict):
            return {front: unescape(value)}
        return {
            name: text
            for key, held in value.items()
            for name, text in flat(f"{front}.{key}".strip("."), held).items()
        }

    return flat(
        "",
        yaml.safe_load(resources.files("ashiato.public").joinpath(f"words/{voice}.yaml").read_text("utf-8")),
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "length"),
    [("multipart/form-data; boundary=b", 10), ("application/x-www-form-urlencoded", 2_000_000_000)],
)
def test_a_body_that_is_no_form_of_ours_is_refused_before_it_is_read(
    site: Site, kind: str, length: int
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    connection.putrequest("POST", "/check/")
    connection.putheader("Content-Type", kind)
    connection.putheader("Content-Length", str(length))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()
