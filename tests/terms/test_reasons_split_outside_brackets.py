from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ashiato.terms.reasons import Reason, ReasonCode, split_reasons

REASONS = st.builds(
    Reason,
    st.sampled_from(ReasonCode),
    st.lists(st.tuples(st.just("column"), st.text("ab;.", max_size=5)), max_size=2).map(tuple),
)


@given(st.lists(REASONS, max_size=6))
def test_joined_reasons_split_into_themselves_once(reasons: list[Reason]) -> None:
    texts = [str(reason) for reason in reasons]
    assert split_reasons(";".join(texts)) == list(dict.fromkeys(texts))
