"""Transcripts: values read blind, one answer of yes or no at a time, rebuilt from the web log alone.

Reads ``events``, ``intrusion``, the data map and the state tables; writes ``transcripts_exposures``,
``transcripts_proofs`` and ``transcripts_recovered``. The walk: values of hostile requests with their
encodings taken off (``payloads``), gathered by shape (``lifting``), parsed once per shape where they stood
in a statement (``contexts``), understood as questions about one character, length or number of one value
(``questions``, ``claims``, ``sought``, ``asking``); which characters say yes to each (``evaluating``,
``functions``, ``values``, ``allowing``, ``met``); which look of an answer says yes, inferred from how well
the answers then agree (``oracles``); each unknown solved (``solving``), values put together
(``rebuilding``), tied to records (``rows``, ``tying``) and told (``telling``).
"""

from __future__ import annotations

from collections.abc import Sequence

from ashiato.datamap.model import DataMap
from ashiato.engine.exposures.state import State
from ashiato.engine.exposures.transcripts.asking import read_transcript
from ashiato.engine.exposures.transcripts.rebuilding import Understood, rebuild
from ashiato.engine.exposures.transcripts.telling import tell_nothing, tell_rows
from ashiato.engine.store import Store


def rebuild_transcripts(store: Store, states: tuple[State, ...], datamap: DataMap) -> Sequence[Understood]:
    """Write what blind questions gave away; returns how each way of asking was understood."""
    transcript = read_transcript(store)
    if not transcript.asked:
        tell_nothing(store)
        return ()
    rebuilt, understood = rebuild(transcript)
    tell_rows(store, states, datamap, rebuilt)
    return understood


__all__ = ["Understood", "rebuild_transcripts"]
