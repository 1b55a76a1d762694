"""A mail says what it was given, wherever it is read; nothing given to it becomes a line of its own."""

from __future__ import annotations

import email
import email.policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.outside.messages.email.addresses import UNSAFE, Mailbox, read_address
from ashiato.outside.messages.email.mime import MailWriter
from ashiato.outside.messages.outcomes import MessageError
from tests.outside.messages.email.mails import ENVELOPE, NOTICE, keys, notice, written

_SHOWN = st.text(
    st.one_of(
        st.sampled_from('あ渡邉𠮷葛󠄀ｱ=?_"\\,;<>@() A.'),
        st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")),
    ),
    max_size=120,
).filter(lambda text: not UNSAFE.search(text))
_BODY = st.text(
    st.one_of(st.sampled_from("\n\r\n. \tA=?_あ"), st.characters(exclude_categories=("Cs", "Cc"))),
    max_size=300,
)


def _read(content: bytes) -> EmailMessage:
    found = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def _text(found: EmailMessage, kind: str) -> str:
    part = found.get_body((kind,))
    assert part is not None
    data = part.get_payload(decode=True)
    assert isinstance(data, bytes)
    return data.decode("utf-8")


@given(subject=_SHOWN, name=_SHOWN)
def test_names_and_subjects_are_read_back(subject: str, name: str) -> None:
    content = written(notice(subject=subject, to=Mailbox("dan@example.jp", name)))
    found = _read(content)
    assert str(found["subject"]) == subject or str(found["subject"]).strip() == subject.strip()
    # The standard library's newer reader parts encoded words that stand side by side; its older one does not.
    raw = email.message_from_bytes(content)["to"]
    shown, address = parseaddr(raw)
    assert (str(make_header(decode_header(shown))).split(), address) == (name.split(), "dan@example.jp")


@given(text=_BODY, page=_BODY)
def test_both_bodies_are_read_back(text: str, page: str) -> None:
    found = _read(written(notice(text=text, html="<p>" + page)))
    for kind, given_text in (("plain", text), ("html", "<p>" + page)):
        lines = given_text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
        assert _text(found, kind) == (lines + "\n").replace("\n", "\r\n")


@given(text=_BODY, page=_BODY, subject=_SHOWN, name=_SHOWN)
def test_no_line_is_long_or_ended_by_halves(text: str, page: str, subject: str, name: str) -> None:
    mail = notice(text=text, html=page, subject=subject, to=Mailbox("dan@example.jp", name))
    content = MailWriter(ENVELOPE, keys()[1:]).write(mail).content
    assert content.count(b"\r") == content.count(b"\n") == content.count(b"\r\n")
    assert max(map(len, content.split(b"\r\n"))) <= 78
    assert content.isascii()


@pytest.mark.parametrize(
    "injected",
    [
        "a\r\nBcc: all@example.com",
        "a\nBcc: x",
        "a\rb",
        "a\x00",
        "a\u2028b",
        "\u202egnp.exe",
        "a\x85b",
        "\ud800",
    ],
)
def test_no_header_takes_a_line_of_its_own(injected: str) -> None:
    for changed in (
        {"subject": injected},
        {"to": Mailbox("dan@example.jp", injected)},
        {"sender": Mailbox("notice@example.co.jp", injected)},
        {"to": Mailbox(f"dan{injected}@example.jp")},
        {"headers": (("X-Campaign", injected),)},
        {"headers": ((f"X-{injected}", "1"),)},
        {"language": injected},
        {"reference": injected},
    ):
        with pytest.raises(MessageError):
            written(notice(**changed))


@pytest.mark.parametrize("name", ["Bcc", "to", "Content-Type", "DKIM-Signature", "Subject", "X-Ü", "A:", ""])
def test_headers_of_ours_cannot_be_added(name: str) -> None:
    with pytest.raises(MessageError):
        written(notice(headers=((name, "x"),)))


def test_a_control_character_in_the_text_is_refused() -> None:
    with pytest.raises(MessageError, match="control"):
        written(notice(text="a\x08b"))


@pytest.mark.parametrize(
    ("address", "wire", "international"),
    [
        ("Dan.Example+pet@Example.JP", "Dan.Example+pet@Example.JP", False),
        ("taro..yamada@docomo.ne.jp", '"taro..yamada"@docomo.ne.jp', False),
        (".taro.@ezweb.ne.jp", '".taro."@ezweb.ne.jp', False),
        ('"odd one"@example.jp', '"odd one"@example.jp', False),
        ("dan@日本語.jp", "dan@xn--wgv71a119e.jp", False),
        ("段@例え.jp", "段@xn--r8jz45g.jp", True),
    ],
)
def test_odd_addresses_are_written_as_the_standard_asks(address: str, wire: str, international: bool) -> None:
    found = read_address(address)
    assert (found.text, found.international) == (wire, international)


@pytest.mark.parametrize(
    "address",
    ["", "dan", "dan@", "@example.jp", "a b@example.jp", "dan@example.jp>", "dan@[127.0.0.1]", "dan@-x.jp",
     "a@b@example.jp", "dan@example.jp\r\nDATA",
     "d" * 65 + "@example.jp", "dan@exa_mple.jp", "<dan@example.jp>",
     "dan@example", "dan@example..jp", "dan,ben@example.jp"],
)  # fmt: skip
def test_what_is_no_address_is_refused_unnamed(address: str) -> None:
    with pytest.raises(MessageError) as refused:
        read_address(address)
    assert not address or address not in str(refused.value)


def test_the_same_mail_is_the_same_bytes() -> None:
    once, again = (MailWriter(ENVELOPE, keys()).write(NOTICE).content for _ in range(2))
    assert once == again


def test_a_notice_asks_machines_not_to_answer() -> None:
    found = _read(written(NOTICE))
    assert found["auto-submitted"] == "auto-generated"
    assert found["message-id"] == "<n0000000000000001@bounce.example.co.jp>"
    assert found["list-unsubscribe"] is None


@pytest.mark.parametrize(
    "address",
    ["Notice@example.co.jp", "bounce-n0000000000000001@bounce.example.co.jp", "a@BOUNCE.example.co.jp"],
)
def test_a_mail_to_ourselves_is_refused_before_it_goes_round(address: str) -> None:
    with pytest.raises(MessageError, match="address of our own"):
        written(notice(to=Mailbox(address)))
