"""OPRF(ristretto255, SHA-512), held against the vectors of RFC 9497, appendix A.1.1."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.bundle.oprf import blind, derive_key, evaluate, finish, output_of

_KEY = derive_key(bytes.fromhex("a3" * 32), b"test key")
_BLIND = bytes.fromhex("64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706")
_VECTORS = [
    (
        "00",
        "609a0ae68c15a3cf6903766461307e5c8bb2f95e7e6550e1ffa2dc99e412803c",
        "7ec6578ae5120958eb2db1745758ff379e77cb64fe77b0b2d8cc917ea0869c7e",
        (
            "527759c3d9366f277d8c6020418d96bb393ba2afb20ff90df23fb7708264e2f3"
            "ab9135e3bd69955851de4b1f9fe8a0973396719b7912ba9ee8aa7d0b5e24bcf6"
        ),
    ),
    (
        "5a" * 17,
        "da27ef466870f5f15296299850aa088629945a17d1f5b7f5ff043f76b3c06418",
        "b4cbf5a4f1eeda5a63ce7b77c7d23f461db3fcab0dd28e4e17cecb5c90d02c25",
        (
            "f4a74c9c592497375e796aa837e907b1a045d34306a749db9f34221f7e750cb4"
            "f2a6413a6bf6fa5e19ba6348eb673934a722a7ede2e7621306d18951e7cf2c73"
        ),
    ),
]


def test_the_key_is_derived_as_the_rfc_does() -> None:
    assert _KEY.hex() == "5ebcea5ee37023ccb9fc2d2019f9d7737be85591ae8652ffa9ef0f4d37063b0e"


@pytest.mark.parametrize(("asked", "blinded", "evaluated", "output"), _VECTORS)
def test_each_step_gives_the_vector(asked: str, blinded: str, evaluated: str, output: str) -> None:
    chosen, element = blind(bytes.fromhex(asked), _BLIND)
    assert (chosen, element.hex()) == (_BLIND, blinded)
    assert evaluate(_KEY, element).hex() == evaluated
    assert finish(bytes.fromhex(asked), chosen, bytes.fromhex(evaluated)).hex() == output
    assert output_of(_KEY, bytes.fromhex(asked)).hex() == output


@given(st.binary(max_size=300))
def test_asked_blindly_or_openly_the_output_is_one(asked: bytes) -> None:
    chosen, element = blind(asked)
    assert finish(asked, chosen, evaluate(_KEY, element)) == output_of(_KEY, asked)


def test_a_blinded_element_tells_nothing_of_what_is_asked() -> None:
    assert len({blind(b"the same")[1] for _ in range(20)}) == 20


@pytest.mark.parametrize("bad", [b"", b"\0" * 32, b"\xff" * 32, b"\x01" + b"\0" * 31, _BLIND[:31]])
def test_bytes_that_are_no_element_are_refused(bad: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - libsodium gives no words
        evaluate(_KEY, bad)


def test_too_much_to_ask_is_refused() -> None:
    with pytest.raises(ValueError, match="at most"):
        output_of(_KEY, bytes(65_536))
