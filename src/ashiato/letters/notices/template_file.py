"""One file of templates: from YAML to sections; what is wrong is kept with its line and never raised here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ashiato.law.api import Text
from ashiato.letters.notices.template import CONDITIONS, LISTS, PLACEHOLDERS, Paragraph, Section
from ashiato.written.parsing import parse_written
from ashiato.written.problems import Problem, Spot, meant, shown

_LANGUAGES = ("ja", "en")
_PARAGRAPH = {*_LANGUAGES, "when", "list"}
_SECTION = {"item", "use", "heading", "say"}


class TemplateFile:
    """Reads one file; ``problems`` holds what it could not take."""

    def __init__(self, name: str, content: bytes, names: Iterable[str] = PLACEHOLDERS) -> None:
        """Read a file; ``names``: what may stand in braces."""
        self.name = name
        self._names = frozenset(names)
        self._written = parse_written(content, f"{name}.yaml")
        self.problems: list[Problem] = self._written.problems
        self._value: Mapping[str, Any] = self._mapping((), self._written.value)

    def sections(self) -> dict[str, Section]:
        """Return the sections of the file of shared blocks, by item."""
        return {item: self._section(item, (item,), fields) for item, fields in self._value.items()}

    def small_texts(self, names: Iterable[str]) -> dict[str, Paragraph]:
        """Return single texts by name, all of which are needed."""
        self._refuse_others((), self._value, names)
        return {name: self._paragraph((name,), self._value.get(name)) for name in names}

    def subject(self) -> Paragraph:
        """Return the subject of the message."""
        return self._paragraph(("subject",), self._value.get("subject"))

    def parts(self, blocks: Mapping[str, Section]) -> tuple[Section, ...]:
        """Return the sections in the order the file gives; ``use`` takes a shared one."""
        listed = self._list(("parts",), self._value.get("parts"))
        self._refuse_others((), self._value, {"subject", "parts"})
        return tuple(self._part(("parts", number), part, blocks) for number, part in enumerate(listed))

    def _part(self, spot: Spot, part: object, blocks: Mapping[str, Section]) -> Section:
        fields = self._mapping(spot, part)
        if "use" not in fields:
            return self._section(str(fields.get("item", "")), spot, fields)
        used = str(fields["use"])
        if used not in blocks:
            self._problem((*spot, "use"), f"no shared block is called `{shown(used)}`.", meant(used, blocks))
            return Section(used, None, ())
        return blocks[used]

    def _section(self, item: str, spot: Spot, value: object) -> Section:
        fields = self._mapping(spot, value)
        self._refuse_others(spot, fields, _SECTION)
        heading = self._paragraph((*spot, "heading"), fields["heading"]) if "heading" in fields else None
        said = self._list((*spot, "say"), fields.get("say"))
        paragraphs = (self._paragraph((*spot, "say", number), each) for number, each in enumerate(said))
        return Section(item, heading, tuple(paragraphs))

    def _paragraph(self, spot: Spot, value: object) -> Paragraph:
        fields = self._mapping(spot, value)
        self._refuse_others(spot, fields, _PARAGRAPH)
        text = Text(*(self._text((*spot, language), fields.get(language, "")) for language in _LANGUAGES))
        when = frozenset(self._known((*spot, "when"), _words_of(fields.get("when")), CONDITIONS))
        listed = "".join(self._known((*spot, "list"), _words_of(fields.get("list")), LISTS))
        return Paragraph(text, when, listed, self._written.file, self._lines(spot), spot)

    def _lines(self, spot: Spot) -> tuple[int | None, int | None]:
        return self._written.line((*spot, "ja")), self._written.line((*spot, "en"))

    def _text(self, spot: Spot, value: object) -> str:
        text = value if isinstance(value, str) else str(value)
        left = text
        for name in self._names:
            left = left.replace(f"{{{name}}}", "")
        if "{" in left or "}" in left:
            self._problem(spot, "braces hold no name known here.", meant(left, self._names))
        return text

    def _known(self, spot: Spot, words: Iterable[str], known: Iterable[str]) -> Iterator[str]:
        for word in words:
            if word in known:
                yield word
            else:
                self._problem(spot, f"`{shown(word)}` is not known.", meant(word, known))

    def _mapping(self, spot: Spot, value: object) -> Mapping[str, Any]:
        if isinstance(value, dict):
            return value
        self._problem(spot, "a mapping is expected here.", "write `ja:` and `en:`, or `item:` and `say:`.")
        return {}

    def _list(self, spot: Spot, value: object) -> list[Any]:
        if isinstance(value, list) and value:
            return value
        self._problem(spot, "a list of at least one entry is expected here.", "write `- ja: …` lines.")
        return []

    def _refuse_others(self, spot: Spot, fields: Mapping[str, Any], known: Iterable[str]) -> None:
        for key in fields:
            if key not in known:
                self._problem((*spot, key), f"`{shown(key)}` is not known here.", meant(key, known))

    def _problem(self, spot: Spot, what: str, fix: str) -> None:
        self.problems.append(self._written.problem(spot, what, fix))


def _words_of(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)
