"""What the counts of notices give a draft: what was done for the people concerned, in one paragraph."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

from ashiato.exports.words import Language, Words, words_in
from ashiato.letters.document import Ground, Said
from ashiato.letters.phrases import day_text, instant_text, joined, phrase
from ashiato.letters.responses import Handed, Response


@dataclass(frozen=True)
class ResponseAnswers:
    """The counts of notices in one language; days as of ``zone``. Channels overlap, and are never added."""

    response: Response
    zone: tzinfo
    words: Words

    def say(self, name: str) -> Said | None:
        """Return the text for a name; None where the counts do not tell it."""
        makers: dict[str, Callable[[], str]] = {
            "notices.course": self._course,
            "notices.published": self._published,
        }
        text = makers[name]()
        return Said(text, (self._ground(),)) if text else None

    def paragraph(self) -> str:
        """Return all of it as one text."""
        told = (self._course(), self._published())
        return "\n".join(filter(None, told)) + "\n"

    def _course(self) -> str:
        held, days = self.response, self._days()
        if days is None:
            return ""
        course = self._phrase(
            "notices_course", people=self._count(held.people), told=self._count(held.told), days=days
        )
        parts = [
            course,
            self._listed("notices_channels", [self._channel(each) for each in held.channels if each.people]),
            self._listed("notices_waves", [self._wave(each) for each in held.waves if each.people]),
            self._listed("notices_outcomes", self._stands("notice_states", held.outcomes)),
            self._phrase("notices_settled", days=held.settle_days) if held.outcomes.get("delivered") else "",
            self._listed("notices_excluded", self._stands("notice_exclusions", held.excluded)),
        ]
        between = "" if self.words.language is Language.JA else " "
        return between.join(filter(None, parts))

    def _published(self) -> str:
        lines = [
            self._phrase(
                "notices_published",
                people=self._count(each.people),
                when=day_text(each.at.astimezone(self.zone).date(), self.words.language),
                where=each.where,
            )
            for each in self.response.publications
        ]
        return "\n".join(lines)

    def _days(self) -> str | None:
        return self._between([each for each in self.response.channels if each.people])

    def _between(self, those: list[Handed]) -> str | None:
        """Return from which day to which; None where nothing was handed over."""
        firsts = [each.first for each in those if each.first]
        lasts = [each.last for each in those if each.last]
        if not firsts or not lasts:
            return None
        first, last = (self._day(at) for at in (min(firsts), max(lasts)))
        return first if first == last else self._phrase("from_to", first=first, last=last)

    def _channel(self, each: Handed) -> str:
        channel = self.words.code("notice_channels", each.key)
        return self._phrase("notices_channel", channel=channel, people=self._count(each.people))

    def _wave(self, each: Handed) -> str:
        return self._phrase(
            "notices_wave", number=each.key, people=self._count(each.people), days=self._between([each]) or ""
        )

    def _stands(self, group: str, held: Mapping[str, int]) -> list[str]:
        """Return how many people stand where, in the words of a group of codes."""
        return [
            self._phrase("notices_outcome", outcome=self.words.code(group, name), people=self._count(number))
            for name, number in held.items()
            if number
        ]

    def _listed(self, key: str, parts: list[str]) -> str:
        return self._phrase(key, listed=joined(parts, self.words.language)) if parts else ""

    def _count(self, number: int) -> str:
        return self.words.count(self.response.count(number))

    def _day(self, at: datetime) -> str:
        return day_text(at.astimezone(self.zone).date(), self.words.language)

    def _phrase(self, key: str, **params: object) -> str:
        return phrase(key, self.words.language, **params)

    def _ground(self) -> Ground:
        when = instant_text(self.response.as_of, self.zone, self.words.language)
        return Ground(self._phrase("notices_ledger"), when, self._phrase("notices_counted"))


def write_response(response: Response, zone: tzinfo, folder: Path) -> list[Path]:
    """Write the counts as JSON and CSV, and the paragraph in each language; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        f"notices.{language}.txt": ResponseAnswers(response, zone, words_in(language)).paragraph().encode()
        for language in Language
    }
    contents = {"notices.json": response.as_json(), "notices.csv": response.as_csv(), **texts}
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in contents]
