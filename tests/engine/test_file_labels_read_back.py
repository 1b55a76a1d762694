from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.sealed import file_label


def _read_back(label: str) -> str:
    """The reader's side, written from the documentation alone."""
    pieces = re.split(r"((?:%[0-9A-F]{2})+)", label)
    return "".join(
        bytes.fromhex(piece.replace("%", "")).decode() if re.fullmatch(r"(?:%[0-9A-F]{2})+", piece) else piece
        for piece in pieces
    )


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("nginx/access.log.1.gz", "nginx/access.log.1.gz"),
        ("a;b:c|d.log", "a%3Bb%3Ac%7Cd.log"),
        ("100%.log", "100%.log"),
        ("a%3B.log", "a%253B.log"),
        ("a\nb\x1b[31m\u202egol.", "a%0Ab%1B[31m%E2%80%AEgol."),
        ("アクセス.log", "アクセス.log"),
    ],
)
def test_labels_encode_only_what_must_be(name: str, label: str) -> None:
    assert file_label(name) == label


@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("%;:|3BA7C25\n")))
def test_every_label_can_be_read_back(name: str) -> None:
    label = file_label(name)
    assert _read_back(label) == name
    assert not set(label) & set(";:|\n\r\0\u202e")
