"""The outlines of drafts (``outlines/<kind>.yaml``): which lines, said how, and when."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

from ashiato.law.api import Condition, ConditionReader, FactKind, FactType, Text, Vocabulary, load_vocabulary
from ashiato.letters.document import Style
from ashiato.written.parsing import parse_written
from ashiato.written.problems import Spot

#: What a run tells beside the diary, as flags that an outline may ask for.
RUN_FLAGS = {
    "run.present": Text("解析結果がある", "a run has answered"),
    "run.confirmed": Text("確認済みの記録がある", "records are confirmed"),
    "run.doubtful": Text("確認済みでない到達のおそれがある記録がある", "records may have been reached"),
    "run.people": Text("人数の上限と下限がある", "people are counted"),
    "run.holes": Text("ログに欠落がある", "logs have holes"),
    "run.cleared": Text("到達していないと立証された項目がある", "fields are proven not reached"),
    "run.persons": Text("立場別の数がある", "records are counted by persona"),
    "duty.applies": Text("報告等の義務がある", "the duty applies"),
    "duty.unverified": Text(
        "条文を確認していない規則による義務がある", "a duty applies by a text not verified"
    ),
    "duty.open": Text("義務の有無が確定していない", "whether the duty applies is open"),
    "duty.none": Text("この時点の事実では義務が認められない", "no duty applies as far as is known"),
}
_SHARED = "blocks.yaml"


@dataclass(frozen=True)
class Variant:
    """One way to say a line, where ``applies_if`` holds for certain."""

    text: Text
    applies_if: Condition | None


@dataclass(frozen=True)
class Point:
    """One line of an outline: the first variant that holds and whose values are known is said.

    ``optional``: nothing said is no blank. ``each``: every variant that holds is said, one after another.
    """

    key: str
    label: Text
    variants: tuple[Variant, ...]
    optional: bool
    each: bool


@dataclass(frozen=True)
class Part:
    """A section of an outline."""

    heading: Text
    style: Style
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Outline:
    """One kind of draft.

    ``rules``: the duties it answers. ``withheld``: names it never says, as its reader may not know them;
    ``run``: nothing of the run.
    """

    kind: str
    title: Text
    purpose: Text
    reader: Text
    rules: tuple[str, ...]
    withheld: frozenset[str]
    parts: tuple[Part, ...]


@functools.cache
def load_outlines() -> Mapping[str, Outline]:
    """Return every kind of draft by its name; ValueError where a shipped file is wrong."""
    folder = resources.files(__package__ or "").joinpath("outlines")
    blocks = _Reader(_SHARED, folder.joinpath(_SHARED).read_bytes())
    shared = {name: blocks.part((name,), part) for name, part in blocks.value.items()}
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    outlines = (
        _Reader(name, folder.joinpath(name).read_bytes()).outline(shared) for name in names if name != _SHARED
    )
    return {outline.kind: outline for outline in outlines}


class _Reader:
    """Reads one file of outlines; whatever is wrong in it stops the program at once."""

    def __init__(self, name: str, content: bytes) -> None:
        self._name = name
        self._written = parse_written(content, name)
        self._conditions = ConditionReader(self._written, _vocabulary(), {})
        self._refuse()
        self.value: Mapping[str, Any] = self._written.value

    def outline(self, shared: Mapping[str, Part]) -> Outline:
        """Return the outline a file holds, shared parts in their places."""
        value = self.value
        parts = tuple(
            self._part_or_shared(("parts", n), part, shared) for n, part in enumerate(value["parts"])
        )
        self._refuse()
        return Outline(
            kind=self._name.removesuffix(".yaml"),
            title=Text.of(value["title"]),
            purpose=Text.of(value["purpose"]),
            reader=Text.of(value["reader"]),
            rules=tuple(value.get("rules", ())),
            withheld=frozenset(value.get("withheld", ())),
            parts=parts,
        )

    def part(self, spot: Spot, fields: Mapping[str, Any]) -> Part:
        """Return a section that is written here."""
        points = tuple(self._points(spot, fields["points"]))
        self._refuse()
        return Part(Text.of(fields), Style(fields.get("style", Style.FORM)), points)

    def _part_or_shared(self, spot: Spot, fields: Mapping[str, Any], shared: Mapping[str, Part]) -> Part:
        if "use" not in fields:
            return self.part(spot, fields)
        part = shared[fields["use"]]
        left_out = frozenset(fields.get("without", ()))
        points = tuple(point for point in part.points if point.key not in left_out)
        heading = Text.of(fields) if "ja" in fields else part.heading
        style = Style(fields["style"]) if "style" in fields else part.style
        return replace(part, heading=heading, style=style, points=points)

    def _points(self, spot: Spot, points: Mapping[str, Any]) -> Iterator[Point]:
        for key, fields in points.items():
            at = (*spot, "points", key, "say")
            said = enumerate(fields.get("say", ()))
            yield Point(
                key,
                Text.of(fields),
                tuple(self._variant((*at, number), variant) for number, variant in said),
                fields.get("optional") is True,
                fields.get("each") is True,
            )

    def _variant(self, spot: Spot, fields: Mapping[str, Any]) -> Variant:
        applies_if = self._conditions.read((*spot, "if"), fields["if"]) if "if" in fields else None
        return Variant(Text.of(fields), applies_if)

    def _refuse(self) -> None:
        if self._written.problems:
            raise ValueError("; ".join(f"{each.line}: {each.what}" for each in self._written.problems))


def _vocabulary() -> Vocabulary:
    known = load_vocabulary()
    flags = {name: FactType(name, FactKind.FLAG, title) for name, title in RUN_FLAGS.items()}
    return replace(known, facts={**known.facts, **flags})
