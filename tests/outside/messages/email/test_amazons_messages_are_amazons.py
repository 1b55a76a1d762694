"""A report that Amazon did not sign, of another topic or another time, changes nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from ashiato.outside.messages.email.sns import Topic, check_message, read_topic
from ashiato.outside.messages.outcomes import MessageError
from tests.outside.messages.email import amazon

_SAID = {"MessageId": "id-1", "Message": json.dumps({"eventType": "Bounce"})}
_CONFIRM = {
    **_SAID, "Type": "SubscriptionConfirmation", "Token": "t", "SubscribeURL": "https://sns.example/"
}  # fmt: skip


def topic(folder: Path, *certificates: bytes) -> Topic:
    """Our topic, by certificates in files."""
    files = []
    for number, content in enumerate(certificates or (amazon.certificate(),)):
        files.append(folder / f"{number}.pem")
        files[-1].write_bytes(content)
    return read_topic(amazon.TOPIC, files)


@pytest.mark.parametrize("said", [_SAID, {**_SAID, "Subject": "件名\n二行目"}, _CONFIRM])
def test_what_amazon_signed_is_taken_by_any_certificate_that_is_named(
    said: Mapping[str, str], tmp_path: Path
) -> None:
    other = rsa.generate_private_key(65537, 2048)
    named = topic(tmp_path, amazon.certificate(other), amazon.certificate())
    check_message(amazon.signed(said), named, amazon.now())
    with pytest.raises(MessageError, match="no certificate"):
        check_message(amazon.signed(said), Topic(named.name, named.certificates[:1]), amazon.now())


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"Message": "{}"}, "no certificate"),
        ({"MessageId": "id-2"}, "no certificate"),
        ({"Subject": "added"}, "no certificate"),
        ({"Type": "SubscriptionConfirmation"}, "no certificate"),
        ({"Type": "Another"}, "no message of Amazon"),
        ({"TopicArn": amazon.TOPIC + "-2"}, "another topic"),
        ({"SignatureVersion": "1"}, "SHA-1"),
        ({"Signature": "not base64"}, "cannot be read"),
        ({"Signature": ""}, "no certificate"),
        ({"SigningCertURL": "https://sns.ap-northeast-1.amazonaws.com.evil.example/x.pem"}, "not at Amazon"),
        ({"SigningCertURL": amazon.ADDRESS.replace("https", "http")}, "not at Amazon"),
        ({"SigningCertURL": amazon.ADDRESS.replace("//sns", "//evil@sns")}, "not at Amazon"),
    ],
)
def test_what_was_changed_on_its_way_is_refused(changed: Mapping[str, str], why: str, tmp_path: Path) -> None:
    with pytest.raises(MessageError, match=why):
        check_message({**amazon.signed(_SAID), **changed}, topic(tmp_path), amazon.now())


def test_a_signature_by_sha_1_is_not_taken_for_one_by_sha_256(tmp_path: Path) -> None:
    weak = amazon.signed(_SAID, version="1")
    for said in (weak, {**weak, "SignatureVersion": "2"}):
        with pytest.raises(MessageError, match=r"SHA-1|no certificate"):
            check_message(said, topic(tmp_path), amazon.now())


@pytest.mark.parametrize(("hours", "is_taken"), [(-2.0, False), (-1.0, True), (0.05, True), (0.2, False)])
def test_what_is_played_again_later_is_refused(hours: float, is_taken: bool, tmp_path: Path) -> None:
    now = amazon.now()
    sent = (now + timedelta(hours=hours)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    said = amazon.signed({**_SAID, "Timestamp": sent})
    if is_taken:
        check_message(said, topic(tmp_path), now)
        return
    with pytest.raises(MessageError, match="too old"):
        check_message(said, topic(tmp_path), now)


@pytest.mark.parametrize("days", [-400, 2])
def test_a_certificate_that_is_not_valid_now_proves_nothing(days: int, tmp_path: Path) -> None:
    now = amazon.now()
    named = topic(tmp_path, amazon.certificate(begins=now + timedelta(days=days)))
    with pytest.raises(MessageError, match="no certificate"):
        check_message(amazon.signed(_SAID), named, now)


def test_only_certificates_with_rsa_keys_are_read(tmp_path: Path) -> None:
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    for content in (b"", b"\xff", public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)):
        with pytest.raises(MessageError, match="no certificate"):
            topic(tmp_path, content)
    with pytest.raises(MessageError, match="no certificate"):
        read_topic(amazon.TOPIC, [tmp_path / "none.pem"])


_ANYTHING = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from(sorted(amazon.signed(_SAID))), _ANYTHING, min_size=1) | _ANYTHING)
def test_a_message_with_anything_in_it_is_refused_and_breaks_nothing(said: object) -> None:
    whole = {**amazon.signed(_SAID), **said} if isinstance(said, dict) else said
    if isinstance(said, dict) and not set(said) & set(amazon.signed(_SAID)):
        return
    with pytest.raises(MessageError):
        check_message(whole, Topic(amazon.TOPIC, []), amazon.now())
