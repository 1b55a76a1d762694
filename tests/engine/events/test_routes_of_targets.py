"""A target's route template holds no key of anybody."""

from __future__ import annotations

import pytest

from ashiato.engine.events.routes import template_of

_KEY = "5673C3D8-36dc-4cae-8bd6-ced935d62701"


@pytest.mark.parametrize(
    ("path", "template"),
    [
        (f"/people/{_KEY}", "/people/#"),
        (f"/people/{_KEY}.pdf", "/people/#.pdf"),
        (f"/people/{_KEY}.tar.gz", "/people/#.tar.gz"),
        ("/people/abcdefab-cdef-abcd-efab-cdefabcdefab", "/people/#"),
        ("/orders/2026-0042.pdf", "/orders/#-#.pdf"),
        ("/v2/tokens/eyJhbGciOiJIUzI1NiJ9", "/v#/tokens/#"),
        ("/scans/3f9a1c0b7de24455.jpeg", "/scans/#.jpeg"),
    ],
)
def test_keys_are_left_out_wherever_they_stand_in_a_segment(path: str, template: str) -> None:
    assert template_of(path, None) == template
