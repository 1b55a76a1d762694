"""Reads questions that compare text with text: a beginning, a piece or the whole of the value."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlglot import exp

from ashiato.engine.exposures.transcripts.evaluating import value_of
from ashiato.engine.exposures.transcripts.lifting import Value
from ashiato.engine.exposures.transcripts.met import Met, met_by
from ashiato.engine.exposures.transcripts.questions import Question, holds
from ashiato.engine.exposures.transcripts.values import CHARACTERS, UnknownError

_PATTERN = re.compile(r"\^((?:\\.|[^\\\[\](){}.*+?|^$])*)(\[[^\]]{1,100}\])?(?:\.\*)?(\$)?\Z", re.DOTALL)
_LIKE = re.compile(r"((?:\\.|[^\\%_])*)(%?)\Z", re.DOTALL)
_GLOB = re.compile(r"([^*?\[]*)(\*?)\Z", re.DOTALL)
_LONGEST = 4_000


@dataclass(frozen=True)
class Claim:
    """That a value has ``given`` from ``start`` on, then a character out of ``last``; None: and no more."""

    start: int
    given: str
    last: Met | None


def claim_of(question: Question, literals: tuple[Value, ...]) -> Claim:
    """Return what a question of kind ``text`` claims; raises UnknownError where it is not understood."""
    atom = question.atom
    other = atom.expression if atom.this is not None and holds(atom.this, question.unknown) else atom.this
    told = value_of(other, literals, question.dialect)
    if not isinstance(told, str) or len(told) > _LONGEST or question.hexed:
        raise UnknownError("not text")
    if question.base is not question.unknown:
        return _piece(question, literals, told)
    if isinstance(atom, exp.EQ):
        return Claim(1, told, None)
    if isinstance(atom, (exp.Like, exp.ILike)):
        return _beginning(_LIKE.match(told))
    if isinstance(atom, exp.Glob):
        return _beginning(_GLOB.match(told))
    if isinstance(atom, exp.RegexpLike):
        return _patterned(told)
    raise UnknownError("comparison of text")


def _piece(question: Question, literals: tuple[Value, ...], told: str) -> Claim:
    compared = question.unknown.parent
    while isinstance(compared, (exp.Paren, exp.Cast, exp.Select, exp.Subquery)):
        compared = compared.parent
    if not isinstance(question.atom, exp.EQ) or compared is not question.atom or not told:
        raise UnknownError("comparison of text")
    start = question.place(literals)
    return Claim(start, told[:-1], _one(told[-1]))


def _beginning(found: re.Match[str] | None) -> Claim:
    if found is None:
        raise UnknownError("pattern")
    plain = re.sub(r"\\(.)", r"\1", found[1])
    if not found[2]:
        return Claim(1, plain, None)
    if not plain:
        raise UnknownError("pattern")
    return Claim(1, plain[:-1], _one(plain[-1]))


def _patterned(told: str) -> Claim:
    found = _PATTERN.match(told)
    if found is None:
        raise UnknownError("pattern")
    plain = re.sub(r"\\(.)", r"\1", found[1])
    if found[3] and not found[2]:
        return Claim(1, plain, None)
    if found[2]:
        return Claim(1, plain, _class(found[2]))
    if not plain:
        raise UnknownError("pattern")
    return Claim(1, plain[:-1], _one(plain[-1]))


def _class(text: str) -> Met:
    try:
        wanted = re.compile(text)
    except re.error as error:
        raise UnknownError("pattern") from error
    return met_by(code for code in range(1, 0x250) if wanted.match(chr(code)))


def _one(character: str) -> Met:
    if ord(character) >= CHARACTERS:
        raise UnknownError("no character")
    return met_by([ord(character)])
