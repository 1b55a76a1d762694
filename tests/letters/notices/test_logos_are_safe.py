"""A logo is shapes or pixels: what could fetch, run, expand or hide is refused with the reason."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ashiato.exports.words import Language
from ashiato.letters.notices.accepting import CampaignError
from ashiato.letters.notices.batches import Printing, set_batch
from ashiato.letters.notices.logos import logo_of
from tests.letters.notices.people import SENDER, matter_of
from tests.letters.notices.sheets import picture

_HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 80 10">'
)
SVG = f'{_HEAD}<rect width="80" height="10" fill="#c00"/></svg>'.encode()


def _png(width: int, height: int) -> bytes:
    held = BytesIO()
    Image.new("RGB", (width, height), (200, 0, 0)).save(held, "PNG")
    return held.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize(("content", "kind"), [(SVG, "svg"), (_png(160, 20), "png")])
def test_a_logo_stands_above_the_sender_and_nowhere_else(content: bytes, kind: str) -> None:
    logo = logo_of(content)
    assert (logo.kind, logo.ratio, logo.size) == (kind, 8.0, (60.0, 7.5))
    plain, made = (
        picture(set_batch("b", [matter_of(sender=sender)], Printing(Language.JA)).pdf, 0, 50)
        for sender in (SENDER, replace(SENDER, logo=logo))
    )
    rows, columns = np.nonzero(plain != made)
    mm = 25.4 / 50
    assert rows.min() * mm == pytest.approx(5.5, abs=1)
    assert rows.max() * mm == pytest.approx(13, abs=1)
    assert columns.min() * mm == pytest.approx(132, abs=1)
    assert columns.max() * mm == pytest.approx(192, abs=1)


@pytest.mark.parametrize(
    ("inside", "reason"),
    [
        ("<script>alert(1)</script>", "<script>"),
        ('<image href="file:///etc/passwd"/>', "<image>"),
        ('<image xlink:href="https://evil.example/x.png"/>', "<image>"),
        ("<text>Minato</text>", "<text>"),
        ('<use href="#a"/>', "<use>"),
        ("<foreignObject/>", "<foreignObject>"),
        ("<style>@import url(x)</style>", "<style>"),
        ('<rect onload="x()" width="1" height="1"/>', "onload"),
        ('<rect fill="url(https://evil.example/#a)" width="1" height="1"/>', "leads elsewhere"),
        ('<rect style="fill:url(http://x)" width="1" height="1"/>', "leads elsewhere"),
        ('<g xmlns="urn:x"><b/></g>', "it holds"),
        ("<g/>" * 2_001, "size"),
    ],
)
def test_what_could_fetch_or_run_is_refused(inside: str, reason: str) -> None:
    with pytest.raises(CampaignError, match=reason) as refused:
        logo_of(f"{_HEAD}{inside}</svg>".encode())
    assert refused.value.fix


_BOMB = b'<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        b"\x89PNG\r\n\x1a\n",
        _png(1, 1)[:20],
        b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + b"\xff" * 8,
        _BOMB + SVG,
        (_BOMB + SVG).decode().encode("utf-16"),
        (_BOMB + SVG).decode().encode("utf-16-le"),
        b'<?xml version="1.0"?><?xml-stylesheet href="http://x"?>' + SVG,
        b"<svg/>",
        SVG.replace(b"0 0 80 10", b"0 0 0 0"),
        SVG.replace(b"0 0 80 10", b"0 0 8000 1"),
        SVG + b" " * 200_000,
    ],
)
def test_what_is_no_logo_is_refused(content: bytes) -> None:
    with pytest.raises(CampaignError):
        logo_of(content)


@settings(max_examples=60)
@given(st.binary(max_size=200), st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", _HEAD.encode()]))
def test_any_bytes_are_a_logo_or_refused(content: bytes, start: bytes) -> None:
    try:
        logo = logo_of(start + content)
    except CampaignError:
        return
    assert logo.size <= (60.0, 7.5)
