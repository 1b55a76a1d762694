"""Values without a column of their own, where most lines have none of them."""

from __future__ import annotations

import pyarrow as pa

from ashiato.engine.reading.web_columns import unmapped_json


def test_rows_without_any_value_keep_their_place() -> None:
    """Every row stays, the ones that say nothing as nothing."""
    session = pa.array(["-", "a1", "-", "b2"])
    served = pa.array(["-", "0.1", "-", "-"])
    found = unmapped_json({"session": session, "served": served}, 4).to_pylist()
    assert found == [None, '{"session":"a1","served":"0.1"}', None, '{"session":"b2"}']
