"""Load the rules of law: ``rules/<place>.yaml``, checked and typed."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import resources
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from ashiato.law.condition_forms import ConditionReader
from ashiato.law.conditions import Condition, Every, Inverse, Shown
from ashiato.law.model import (
    Clock,
    ClockUnit,
    ContentItem,
    DayOne,
    Exemption,
    Grade,
    Kind,
    Place,
    Recipient,
    Remark,
    RollOver,
    Rule,
    Rulebook,
    Source,
    Variant,
    Window,
)
from ashiato.law.refusals import refuse_errors
from ashiato.law.rule_meaning import check_meaning
from ashiato.law.texts import Text
from ashiato.law.vocabulary import load_vocabulary
from ashiato.written.parsing import Written, parse_written
from ashiato.written.problems import Spot
from ashiato.written.structure import check_against, read_schema

Fields = Mapping[str, Any]
_ALWAYS = Every(())


@functools.cache
def load_rulebook() -> Rulebook:
    """Return the rules this program ships; LawError, located, when one of its files is wrong."""
    return rulebook_of((file, content) for file, content in list_rule_files())


def list_rule_files() -> list[tuple[str, bytes]]:
    """Return the shipped files of rules, name and bytes, in the order of their names."""
    folder = resources.files("ashiato.law").joinpath("rules")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    return [(name, folder.joinpath(name).read_bytes()) for name in names]


def rulebook_of(files: Iterable[tuple[str, bytes]]) -> Rulebook:
    """Return the rules of files given as name and bytes; LawError names every fault with its line."""
    places = [parse_place(content, file) for file, content in files]
    return Rulebook(MappingProxyType({place.code: place for place in sorted(places, key=lambda p: p.code)}))


def parse_place(content: bytes, file: str) -> Place:
    """Return the rules of one place."""
    written = parse_written(content, file)
    refuse_errors([*written.problems, *check_against(written, _schema())], "the file of rules")
    refuse_errors(check_meaning(written), "the file of rules")
    place = _Builder(written, hashlib.sha256(content).hexdigest()).build()
    refuse_errors(written.problems, "the file of rules")
    return place


@functools.cache
def _schema() -> dict[str, Any]:
    return read_schema("ashiato.law", "rules.schema.json")


@dataclass
class _Builder:
    """Builds one place from its written form, whose structure is right."""

    written: Written
    sha256: str
    conditions: dict[str, Condition] = field(default_factory=dict)

    @property
    def top(self) -> Fields:
        fields: Fields = self.written.value
        return fields

    def build(self) -> Place:
        """Return the place; faults of conditions go into the file's problems."""
        self.reader = ConditionReader(self.written, load_vocabulary(), self.conditions)
        for name, said in self.top.get("conditions", {}).items():
            self.conditions[name] = self.reader.read(("conditions", name), said)
        return Place(
            code=self.top["place"],
            title=Text.of(self.top["title"]),
            zone=ZoneInfo(self.top["zone"]),
            calendar=self.top.get("calendar"),
            concerned_if=self.reader.read(("concerned_if",), self.top["concerned_if"]),
            rules=tuple(self._rule(("rules", n), fields) for n, fields in enumerate(self.top["rules"])),
            conditions=MappingProxyType(self.conditions),
            file=self.written.file,
            sha256=self.sha256,
        )

    def _rule(self, spot: Spot, fields: Fields) -> Rule:
        trigger = self.reader.read((*spot, "applies_if"), fields["applies_if"])
        exemptions = self._exemptions((*spot, "exemptions"), fields.get("exemptions", ()))
        relied = tuple(exemption.applies_if for exemption in exemptions if exemption.enabled)
        self.conditions[fields["id"]] = Every((trigger, Inverse(Shown(Every(relied, one=True)))))
        knowing = fields.get("knowing") or fields.get("in_force", {})
        substitute = fields.get("substitute")
        return Rule(
            id=fields["id"],
            version=fields["version"],
            place=self.top["place"],
            kind=Kind(fields["kind"]),
            title=Text.of(fields["title"]),
            says=Text.of(fields["says"]),
            in_force=_window(fields.get("in_force", {})),
            knowing=_window(knowing or fields.get("in_force", {})),
            covered_before=knowing.get("before", "older text") == "older text",
            applies_if=trigger,
            clock=self._clock((*spot, "clock"), fields.get("clock")),
            recipients=self._recipients((*spot, "recipients"), fields.get("recipients", ())),
            content=self._content(fields.get("content")),
            exemptions=exemptions,
            substitute=tuple(map(Text.of, substitute["texts"])) if substitute else (),
            substitute_if=self.reader.read((*spot, "substitute", "applies_if"), substitute["applies_if"])
            if substitute
            else None,
            remarks=self._remarks((*spot, "remarks"), fields.get("remarks", ())),
            basis=tuple(fields["basis"]),
            source=self._source(fields["source"]),
            done=fields.get("done"),
            enabled=fields.get("enabled", True),
            disabled=Text.of(fields["disabled"]) if "disabled" in fields else None,
        )

    def _clock(self, spot: Spot, fields: Fields | None) -> Clock | None:
        if fields is None:
            return None
        variants = enumerate(fields.get("variants", ()))
        return Clock(
            start=fields["start"],
            unit=ClockUnit(fields["unit"]),
            length=fields.get("length"),
            least=fields.get("least"),
            day_one=DayOne(fields.get("day_one", DayOne.SILENT)),
            roll_over=RollOver(fields.get("roll_over", RollOver.SILENT)),
            variants=tuple(
                Variant(
                    self.reader.read((*spot, "variants", n, "applies_if"), variant["applies_if"]),
                    variant["length"],
                )
                for n, variant in variants
            ),
        )

    def _exemptions(self, spot: Spot, listed: Iterable[Fields]) -> tuple[Exemption, ...]:
        return tuple(
            Exemption(
                code=fields["code"],
                title=Text.of(fields),
                applies_if=self.reader.read((*spot, n, "applies_if"), fields["applies_if"]),
                basis=fields["basis"],
                source=self._source(fields["source"]),
                enabled=fields.get("enabled", True),
            )
            for n, fields in enumerate(listed)
        )

    def _recipients(self, spot: Spot, listed: Iterable[Fields]) -> tuple[Recipient, ...]:
        titles = self.top.get("recipients", {})
        return tuple(
            Recipient(
                code=fields["to"],
                title=Text.of(titles[fields["to"]]),
                applies_if=self._if((*spot, n), fields),
                remark=Text.of(fields["remark"]) if "remark" in fields else None,
            )
            for n, fields in enumerate(listed)
        )

    def _remarks(self, spot: Spot, listed: Iterable[Fields]) -> tuple[Remark, ...]:
        return tuple(
            Remark(fields["code"], Text.of(fields), self._if((*spot, n), fields))
            for n, fields in enumerate(listed)
        )

    def _if(self, spot: Spot, fields: Fields) -> Condition | None:
        if "applies_if" not in fields:
            return None
        return self.reader.read((*spot, "applies_if"), fields["applies_if"])

    def _content(self, fields: Fields | None) -> tuple[ContentItem, ...]:
        if fields is None:
            return ()
        items = self.top["contents"][fields["list"]]
        return tuple(
            ContentItem(item["number"], Text.of(item), tuple(map(Text.of, item.get("parts", ()))))
            for item in items
            if "only" not in fields or item["number"] in fields["only"]
        )

    def _source(self, fields: Fields) -> Source:
        kept = self.top["sources"][fields["key"]]
        return Source(
            key=fields["key"],
            title=kept["title"],
            url=kept.get("url"),
            section=fields["section"],
            grade=Grade(fields["grade"]),
            checked_on=date.fromisoformat(kept["checked_on"]),
        )


def _window(fields: Fields) -> Window:
    days = (fields.get(end) for end in ("from", "until"))
    return Window(*(date.fromisoformat(day) if day else None for day in days))
