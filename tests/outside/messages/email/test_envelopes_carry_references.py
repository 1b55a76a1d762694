"""The envelope's sender and the Message-ID name the notice, and nobody else's address does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.outside.messages.email.envelope import Envelope
from ashiato.outside.messages.outcomes import MessageError, shown
from ashiato.outside.messages.references import REFERENCE
from tests.outside.messages.email.mails import ENVELOPE


@given(reference=st.from_regex(REFERENCE, fullmatch=True))
def test_references_come_back_from_both_addresses(reference: str) -> None:
    for address in (ENVELOPE.address_of(reference), ENVELOPE.message_id_of(reference)):
        assert ENVELOPE.reference_in(address) == reference
        assert ENVELOPE.reference_in(f" {address.upper()} ") == reference
        assert len(address) <= 254


@pytest.mark.parametrize(
    "address",
    ["", "dan@example.jp", "bounce-@bounce.example.co.jp", "bounce-n0000001@example.co.jp", "<>", "@"],
)
def test_addresses_of_others_carry_nothing(address: str) -> None:
    assert ENVELOPE.reference_in(address) is None


@pytest.mark.parametrize(
    "reference", ["", "short", "Abcdefgh", "a" * 49, "has space", "a\r\nb456789", "-abcdefgh"]
)
def test_what_cannot_stand_in_an_address_is_no_reference(reference: str) -> None:
    with pytest.raises(MessageError):
        ENVELOPE.address_of(reference)


@pytest.mark.parametrize("domain", ["", "nodot", "bad_name.jp", "Example.jp", "a.jp\r\n"])
def test_bounces_need_a_domain(domain: str) -> None:
    with pytest.raises(MessageError):
        Envelope(domain)


def test_the_servers_words_are_kept_harmless() -> None:
    assert shown(b"ok\x1b[31m\r\n\xff queued \xe2\x80\xae" + b"x" * 5000).startswith("ok [31m � queued x")
    assert len(shown("y" * 5000)) == 300
