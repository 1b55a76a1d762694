"""Which characters (or numbers) meet a condition, all of them at once."""

from __future__ import annotations

import numpy as np

from ashiato.engine.exposures.transcripts.evaluating import Condition
from ashiato.engine.exposures.transcripts.met import Met, met_of
from ashiato.engine.exposures.transcripts.values import (
    CHARACTERS,
    NULL_PLACE,
    PLACES,
    Characters,
    UnknownError,
    truth_of,
)


def allowed(condition: Condition, *, numbers: bool) -> Met:
    """Return, for every character (or number), whether the condition is met."""
    met = np.zeros(PLACES, dtype=bool)
    codes = np.arange(CHARACTERS, dtype=np.int64)
    try:
        told = truth_of(condition.of(codes if numbers else Characters(codes)))
        met[:CHARACTERS] = told
    except UnknownError:
        met[:CHARACTERS] = _one_by_one(condition, numbers=numbers)
    met[NULL_PLACE] = bool(truth_of(condition.of(None)))
    return met_of(met)


def _one_by_one(condition: Condition, *, numbers: bool) -> np.ndarray:
    """Ask for the first 256 and every character a literal names; the rest are like one of them."""
    named = {c for text in condition.literals if isinstance(text, str) for c in text[:64]}
    ours = sorted({*range(256), *(ord(c) for c in named if ord(c) < CHARACTERS)})
    like = 0x3042 if 0x3042 not in ours else 0x3044
    met = np.full(CHARACTERS, bool(truth_of(condition.of(like if numbers else chr(like)))))
    for code in ours:
        met[code] = bool(truth_of(condition.of(code if numbers else chr(code) if code else "")))
    return met
