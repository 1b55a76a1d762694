"""What somebody types comes out as one line that every database takes."""

from __future__ import annotations

import unicodedata

from django.test import RequestFactory
from hypothesis import example, given
from hypothesis import strategies as st

from ashiato.web.console.doing import typed


@given(st.text(max_size=500))
@example("a \0 b\x85c\u3000d\r\ne")
@example("髙橋\U000e0100 \ue000")
def test_one_line_without_controls_and_all_else_as_it_was(text: str) -> None:
    sent = {"why": text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")}
    request, text = RequestFactory().post("/", sent), sent["why"]
    said = typed(request, "why")
    assert len(said) <= 400
    assert not {unicodedata.category(sign) for sign in said} & {"Cc", "Cs", "Zl", "Zp"}
    assert said == " ".join(said.split())
    assert [sign for sign in said if sign != " "] == [
        sign for sign in text[:400] if not sign.isspace() and unicodedata.category(sign) not in {"Cc", "Cs"}
    ]
