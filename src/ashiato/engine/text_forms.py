"""Text brought into the form in which another engine compares or sorts it, as a function of ours in SQL.

``text_form(text, how)``: NULL stays NULL. It is computed once for each different text of a batch.
"""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

#: The function's name in SQL.
NAME = "text_form"


def _jis(text: str) -> str:
    """Return EUC-JP's bytes in hex, by which the C library sorts Japanese; what it lacks comes first."""
    return "".join(map(_jis_character, text))


def _jis_character(character: str) -> str:
    try:
        return character.encode("euc_jp").hex()
    except UnicodeEncodeError:
        return f"00{ord(character):06x}"


FORMS: dict[str, Callable[[str], str]] = {"jis": _jis}


def form_all(texts: pa.Array, hows: pa.Array) -> pa.Array:
    """Bring many texts into the form named beside each."""
    how = hows[0].as_py() if len(hows) else ""
    held = (texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts).dictionary_encode()
    if isinstance(held, pa.ChunkedArray):
        held = held.combine_chunks()
    form = FORMS[how]
    made = pa.array([form(text) for text in held.dictionary.to_pylist()], pa.string())
    return pc.take(made, held.indices)
