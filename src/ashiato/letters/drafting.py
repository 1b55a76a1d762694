"""Fill an outline with what is known; what is not known becomes a blank, never a guess."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ashiato.exports.cell import show
from ashiato.letters.document import Document, Line, Said, Section
from ashiato.letters.matter import Matter
from ashiato.letters.outline import Outline, Part, Point, Variant
from ashiato.letters.phrases import instant_text

_NAME = re.compile(r"\{([^{}]+)\}")


def draft(outline: Outline, matter: Matter) -> Document:
    """Return the draft of one kind for what is known."""
    matter = replace(matter, rules=outline.rules, withheld=outline.withheld)
    language = matter.language
    return Document(
        kind=outline.kind,
        language=language,
        title=outline.title.within(language),
        purpose=outline.purpose.within(language),
        as_of=instant_text(matter.assessment.as_of, matter.assessment.diary.zone, language),
        sections=tuple(section for part in outline.parts if (section := _section(part, matter)).lines),
        doubts=tuple(show(doubt) for doubt in matter.doubts()),
    )


def names_in(text: str) -> list[str]:
    """Return the names a text asks for, in order."""
    return _NAME.findall(text)


def _section(part: Part, matter: Matter) -> Section:
    lines = (line for point in part.points for line in _lines(point, matter))
    return Section(part.heading.within(matter.language), part.style, tuple(lines))


def _lines(point: Point, matter: Matter) -> Iterator[Line]:
    label = point.label.within(matter.language)
    said = [told for variant in point.variants if (told := _said(variant, matter)) is not None]
    if said:
        chosen = said if point.each else said[:1]
        grounds = dict.fromkeys(ground for told in chosen for ground in told.grounds)
        yield Line(point.key, label, "\n".join(told.text for told in chosen), tuple(grounds))
    elif not point.optional:
        yield Line(point.key, label, None)


def _said(variant: Variant, matter: Matter) -> Said | None:
    """Say a variant, if its condition holds for certain and every value it names is known."""
    found = matter.weigh(variant.applies_if)
    if found is None:
        return None
    text = variant.text.within(matter.language)
    values = {name: matter.say(name) for name in names_in(text)}
    if not all(values.values()):
        return None
    known = {name: said for name, said in values.items() if said is not None}
    grounds = [*found, *(ground for said in known.values() for ground in said.grounds)]
    return Said(show(_NAME.sub(lambda match: known[match[1]].text, text)), tuple(dict.fromkeys(grounds)))
