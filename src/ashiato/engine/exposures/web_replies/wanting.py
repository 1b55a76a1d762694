"""What a request's templates make of it: the runs that the log should have of it, one by one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import count

from ashiato.engine.exposures.web_replies.asked import Asked
from ashiato.engine.exposures.web_replies.runs import VALUE, Want, said_by, stem_of
from ashiato.engine.exposures.web_replies.templates import Template

#: Tells how often requests of a kind were seen to run a statement, at the most.
Times = Callable[[str], int]


def learned_wants(
    templates: Sequence[Template], asked: Asked, times: Times, dialect: str, own_key: str | None = None
) -> Iterator[Want]:
    """Yield the runs of learned templates: of those of the same words, each run may be any."""
    by_stem: dict[str, list[Want]] = {}
    for template in templates:
        want = _want(template, asked, dialect, own_key)
        by_stem.setdefault(want.stem, []).append(want)
    for stem, held in by_stem.items():
        ways = tuple(way for want in held for way in want.ways)
        texts = tuple(text for want in held for text in want.texts)
        yield from [Want(stem, ways, texts)] * max(times(stem), 1)


def declared_wants(
    templates: Sequence[Template], asked: Asked, times: Times, dialect: str, own_key: str | None = None
) -> Iterator[Want]:
    """Yield the runs of a data map's statements; more of one than it says, with values of their own."""
    listed: Counter[str] = Counter()
    for template in templates:
        want = _want(template, asked, dialect, own_key)
        listed[want.stem] += 1
        yield want
    for template in {stem_of(one.sql): one for one in templates}.values():
        stem = stem_of(template.sql)
        yield from [_want(_opened(template), asked, dialect, own_key)] * (times(stem) - listed[stem])


def _want(template: Template, asked: Asked, dialect: str, own_key: str | None) -> Want:
    """Return a run of a template; where it cannot be filled, of nothing but its words is anything known."""
    texts = tuple(template.fill(asked, own_key, dialect))
    ways = tuple(said_by(text) for text in texts)
    said = said_by(_opened(template).sql)
    return Want(said.stem, ways or (said,), texts or (None,))


def _opened(template: Template) -> Template:
    """Return a template none of whose values are known."""
    return replace(only_asked(template), places={})


def only_asked(template: Template) -> Template:
    """Return a template in which only a request's own values are known.

    What never changed while both logs exist may be somebody's own key, who alone asked then.
    """
    numbers = count()

    def opened(found: re.Match[str]) -> str:
        is_own = "{" in found[0] or found[0].lower() == "null"
        return found[0] if is_own else f"{{constant{next(numbers)}}}"

    return replace(template, sql=VALUE.sub(opened, template.sql), steady={})
