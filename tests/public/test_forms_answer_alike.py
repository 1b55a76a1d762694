"""What people send is sealed, answered alike, opened by the console alone; own fields need their code."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from base64 import b64encode
from html import unescape
from pathlib import Path

import pytest
from altcha.v1 import solve_challenge

from ashiato.bundle.intake import Kind, letters_in, open_letter
from ashiato.bundle.openings import (
    Opening,
    bucket_of,
    canary_mark,
    fingerprint_of,
    opening_input,
    unpack_grades,
)
from ashiato.bundle.oprf import blind, finish
from tests.public.site import DAN, EMI, LABELS, LETTERS, Answer, Edition, Site, command, serving

pytestmark = pytest.mark.slow
_STRANGER = "104837265936"


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Site:  # type: ignore[misc]
    """A site of these tests' own: one that is asked much, with a list of leaked passwords."""
    home = tmp_path_factory.mktemp("asked") / "home"
    home.mkdir()
    hashes = sorted(hashlib.sha1(b"password %d" % n).hexdigest().upper() for n in range(20_000))  # noqa: S324
    (home / "leaked.txt").write_text("".join(f"{each}:{n + 1}\n" for n, each in enumerate(hashes)), "ascii")
    with serving(home, proxies=1, leaked_passwords="leaked.txt") as served:
        yield served


def _from(number: int) -> dict[str, str]:
    return {"X-Forwarded-For": f"192.0.2.{number}"}


def _proof(page: str) -> str:
    """Solve the page's challenge, with the library's own solver."""
    said = json.loads(unescape(re.findall(r'data-challenge="([^"]+)"', page)[0]))
    most = said.get("maxNumber", said.get("maxnumber"))
    solved = solve_challenge(said["challenge"], said["salt"], "SHA-256", most)
    assert solved is not None
    sent = {key: said[key] for key in ("algorithm", "challenge", "salt", "signature")} | {
        "number": solved.number
    }
    return b64encode(json.dumps(sent).encode()).decode()


def _mine(site: Site, code: str, contact: str, number: int) -> Answer:
    return site.ask("/en/mine/", {"code": code, "contact": contact}, _from(number))


def _letters(site: Site, to: Path) -> list[tuple[Kind, dict[str, str]]]:
    told = command("public", "hand-over", "--home", str(site.home), "--to", str(to), "--lang", "en")
    assert told.returncode == 0, told.stderr
    return [open_letter(site.keys, each) for each in letters_in(to.read_bytes())]


def test_code_and_contact_show_own_fields_by_grade(asked: Site) -> None:
    page = _mine(asked, "4839-2017-4627", "〒160-0000", 1).text
    told = page[page.index('class="answer own-found"') : page.index("with-code")]
    confirmed, probable, possible = told.split("<ul>")[1:]
    assert ("Name" in confirmed, "Postal address" in probable, "Bank account" in possible) == (
        True,
        True,
        True,
    )
    assert "Date of birth" not in told
    assert "edition 1 " in told.lower(), "the answer says of which version it is"


@pytest.mark.parametrize(
    ("code", "contact"), [(_STRANGER, "160-0000"), (DAN, "160-0001"), (EMI, "dan@example.jp")]
)
def test_anything_else_shows_the_same_nothing(asked: Site, code: str, contact: str) -> None:
    first = _mine(asked, code, contact, 2)
    plain = re.sub(r'data-challenge="[^"]+"', "", first.text)
    other = re.sub(r'data-challenge="[^"]+"', "", _mine(asked, "000000000000", "999-9999", 3).text)
    assert plain == other
    assert "does not mean that your data is not concerned" in plain, "not yet decided is not no"


def test_own_fields_are_asked_for_a_few_times_without_proof_and_more_with(asked: Site) -> None:
    seen = [_mine(asked, DAN, "160-0001", 4).status for _ in range(7)]
    assert seen == [200] * 5 + [429] * 2
    proof = _proof(asked.ask("/en/mine/", headers=_from(4)).text)
    form = {"code": DAN, "contact": "1600000", "altcha": proof}
    assert asked.ask("/en/mine/", form, _from(4)).status == 200
    assert asked.ask("/en/mine/", form, _from(4)).status == 429, "a proof counts once"
    forged = b64encode(
        json.dumps(
            {"algorithm": "SHA-256", "challenge": "0" * 64, "number": 1, "salt": "a", "signature": "b"}
        ).encode()
    )
    for bad in (forged.decode(), "x", "e30=", b64encode(b"[1]").decode(), "A" * 5_000):
        assert asked.ask("/en/mine/", form | {"altcha": bad}, _from(4)).status == 429


def test_asked_privately_the_browser_finds_what_the_page_would_show(asked: Site) -> None:
    said = opening_input(DAN, "post:1600000")
    chosen, element = blind(said)
    form = {"element": element.hex(), "bucket": str(bucket_of(said, 0))}
    assert asked.ask("/private/", form, _from(5)).status == 429, "not without proof"
    proof = _proof(asked.ask("/mine/", headers=_from(5)).text)
    answer = asked.ask("/private/", form | {"altcha": proof}, _from(5))
    assert answer.headers["X-Edition"] == "1"
    opening = Opening(finish(said, chosen, answer.content[:32]))
    payload = opening.find(answer.content[32:], 12 + 1 + 1 + 8)
    assert payload is not None
    assert [*unpack_grades(payload, len(LABELS))] == [*LETTERS[0].grades]
    assert Opening(finish(said, chosen, element)).find(answer.content[32:], 22) is None


_ELEMENT = "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76"


@pytest.mark.parametrize(
    ("element", "bucket"),
    [("", "0"), ("00" * 32, "0"), ("ff" * 32, "0"), ("zz", "0"),
     (_ELEMENT, "1"), (_ELEMENT, "-1"), (_ELEMENT, "9" * 99)],
)  # fmt: skip
def test_what_is_no_element_or_no_bucket_is_refused(asked: Site, element: str, bucket: str) -> None:
    assert asked.ask("/private/", {"element": element, "bucket": bucket}, _from(6)).status == 400


def test_a_contact_in_scope_and_a_strangers_get_the_same_bytes(asked: Site, tmp_path: Path) -> None:
    contacts = ("emi@example.jp", "nobody@example.jp", "090-0000-0000", "160-0000")
    answers = [asked.ask("/mine/without-code/", {"contact": each}, _from(7)) for each in contacts]
    seen = {
        (each.status, each.content, *sorted(set(each.headers.items()) - {("Date", each.headers["Date"])}))
        for each in answers
    }
    assert len(seen) == 1
    kept = [said["contact"] for kind, said in _letters(asked, tmp_path / "1") if kind == Kind.CONTACT_CHECK]
    assert sorted(kept) == ["090-0000-0000", "160-0000", "emi@example.jp", "nobody@example.jp"]
    with sqlite3.connect(asked.home / "server.sqlite3") as held:
        sizes = {length for (length,) in held.execute("SELECT length(sealed) FROM public_sealedletter")}
    assert len(sizes) == 1
    stored = b"".join(path.read_bytes() for path in asked.home.glob("server.sqlite3*"))
    assert b"emi@example.jp" not in stored
    assert b"nobody@example.jp" not in stored


_FORMS = {
    "correct": {"name": "山田 花子", "old_contact": "東京都", "new_contact": "大阪府\n大阪市"},
    "channel": {"code": DAN, "contact": "160-0000", "channel": "letter", "language": "braille"},
    "question": {"text": "私の情報は含まれますか。", "reply_to": "emi@example.jp"},
    "suspicious": {
        "came_by": "call",
        "came_from": "050-0000-0000",
        "text": "<script>警察と名乗った</script>",
    },
    "call-back": {"phone": "090-1234-5678", "when": "morning"},
}


@pytest.mark.parametrize("page", sorted(_FORMS))
@pytest.mark.parametrize("voice", ["/", "/easy/", "/en/"])
def test_every_form_reaches_the_console_as_it_was_typed(
    asked: Site, tmp_path: Path, page: str, voice: str
) -> None:
    number = 20 + sorted(_FORMS).index(page)
    answer = asked.ask(f"{voice}{page}/", _FORMS[page], _from(number))
    assert answer.status == 200
    said = [
        said for _, said in _letters(asked, tmp_path / "1") if said["voice"] == (voice.strip("/") or "ja")
    ]
    wanted = {name: text.replace("\n", "\n") for name, text in _FORMS[page].items()}
    assert [each for each in said if wanted.items() <= each.items()]


@pytest.mark.parametrize(
    ("page", "form", "wrong"),
    [
        ("correct", {}, {"name", "old_contact", "new_contact"}),
        ("channel", _FORMS["channel"] | {"code": "483920174628", "channel": "fax"}, {"code", "channel"}),
        ("question", {"text": "あ" * 1_501}, {"text"}),
        ("question", {"text": "a\x00b"}, {"text"}),
        ("call-back", {"phone": "110", "when": "morning"}, {"phone"}),
        ("mine/without-code", {"contact": "<b>"}, {"contact"}),
    ],
)
def test_faults_are_told_where_they_are_and_nothing_is_kept(
    asked: Site, page: str, form: dict[str, str], wrong: set[str]
) -> None:
    answer = asked.ask(f"/en/{page}/", form or {"a": "b"}, _from(40))
    assert answer.status == 422
    assert set(re.findall(r'id="(\w+)-wrong"', answer.text)) == wrong
    assert set(re.findall(r'<li><a href="#(\w+)">', answer.text)) == wrong
    assert "<b>" not in answer.text


def test_letters_stay_until_a_bundle_says_they_were_taken(tmp_path: Path) -> None:
    with serving(tmp_path / "home") as site:
        for text in ("first", "second"):
            assert site.ask("/question/", {"text": text}).status == 200
        assert len(_letters(site, tmp_path / "1")) == 2
        assert len(_letters(site, tmp_path / "2")) == 2, "a file that is lost loses nothing"
        first = next(letters_in((tmp_path / "1").read_bytes()))
        taken = hashlib.sha256(first).digest()[:16]
        site.load(Edition(LETTERS, 2, taken=taken).write(site.keys, tmp_path / "b"))
        assert len(_letters(site, tmp_path / "3")) == 1


def test_a_canarys_code_is_told_to_the_console(tmp_path: Path) -> None:
    with serving(tmp_path / "home") as site:
        keys = site.keys.public
        mark = canary_mark(keys.pepper, fingerprint_of(keys.pepper, EMI))
        site.load(Edition(LETTERS, 2, {"canaries": [mark]}).write(site.keys, tmp_path / "b"))
        seen = [site.ask(f"/check/{code}").text for code in (DAN, EMI, EMI, _STRANGER)]
        assert ["answer genuine" in each for each in seen] == [True, True, True, False]
        assert [(kind, said["code"]) for kind, said in _letters(site, tmp_path / "1")] == [
            (Kind.CODE_ASKED, EMI)
        ]


def test_leaked_passwords_are_asked_by_prefix_alone(asked: Site) -> None:
    for number in (0, 7, 19_999):
        whole = hashlib.sha1(b"password %d" % number).hexdigest().upper()  # noqa: S324 - the list's own hash
        answer = asked.ask(f"/leaked/{whole[:5]}", headers=_from(50))
        assert any(line.startswith(whole[5:] + ":") for line in answer.text.splitlines())
    with (asked.home / "leaked.txt").open() as file:
        lines = [line.strip() for line in file]
    for prefix in (lines[0][:5], lines[-1][:5], "00000", "FFFFF", lines[9_000][:5]):
        expected = [line[5:] for line in lines if line.startswith(prefix)]
        assert asked.ask(f"/leaked/{prefix}", headers=_from(51)).text.splitlines() == expected
    for bad in ("0000", "000000", "zzzzz", "..%2f..%2f"):
        assert asked.ask(f"/leaked/{bad}", headers=_from(52)).status == 404
