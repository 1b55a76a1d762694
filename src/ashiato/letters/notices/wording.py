"""The templates of notices: the shipped ``words/*.yaml`` or a client's own; refused when unfit."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path

from ashiato.exports.words import Language
from ashiato.letters.notices.matter import Channel, Style
from ashiato.letters.notices.template import FRAME_TEXTS, Paragraph, Section, Template
from ashiato.letters.notices.template_check import check_small_texts, check_template
from ashiato.letters.notices.template_file import TemplateFile
from ashiato.terms.errors import AshiatoError
from ashiato.written.problems import Problem, refusal_of

__all__ = ["TemplateError", "Wording", "load_wording"]

BLOCKS = "blocks"
FRAME = "frame"
_EASY = "letter-easy"
#: Every template by its file's name, and the languages it must hold.
TEMPLATES: Mapping[str, tuple[Channel, tuple[Language, ...]]] = {
    "letter": (Channel.LETTER, tuple(Language)),
    _EASY: (Channel.LETTER, (Language.JA,)),
    "email": (Channel.EMAIL, tuple(Language)),
    "sms": (Channel.SMS, tuple(Language)),
    "call": (Channel.CALL, tuple(Language)),
}


#: The files that may stand in for shipped ones.
TEXTS = (BLOCKS, FRAME, *TEMPLATES)


class TemplateError(AshiatoError):
    """A template misses a required item or holds what a notice must not; the message names file and line."""

    exit_code = 9


@dataclass(frozen=True)
class Wording:
    """The templates of one client. ``digest``: SHA-256 over the files, by which a text is approved."""

    templates: Mapping[str, Template]
    frame: Mapping[str, Paragraph]
    digest: str

    def say(self, key: str, language: Language) -> str:
        """Return a small text that stands around letters; KeyError for no such key."""
        return self.frame[key].text.within(language)

    def template(self, channel: Channel, language: Language, style: Style) -> Template:
        """Return what a channel, language and style are written from; TemplateError where there is none."""
        if style is not Style.EASY:
            return self.templates[channel.value]
        if language is Language.JA and channel is Channel.LETTER:
            return self.templates[_EASY]
        raise TemplateError(
            "easy Japanese is written for letters in Japanese alone.", fix="choose another style or language."
        )


def load_wording(folder: Path | None = None) -> Wording:
    """Return the shipped templates, or those of a folder whose files stand in for shipped ones by name.

    TemplateError, naming every file and line, when one is unfit.
    """
    places = {name: folder / f"{name}.yaml" for name in TEXTS} if folder else {}
    return wording_of({name: place.read_bytes() for name, place in places.items() if place.is_file()})


def wording_of(own: Mapping[str, bytes]) -> Wording:
    """Return the shipped templates with a client's own files, by name, in stead of some."""
    return _read(tuple(sorted(own.items())))


@lru_cache(maxsize=64)
def _read(own: tuple[tuple[str, bytes], ...]) -> Wording:
    contents = {name: _shipped(name) for name in TEXTS} | dict(own)
    problems: list[Problem] = []
    files = {name: TemplateFile(name, content) for name, content in contents.items()}
    blocks = files[BLOCKS].sections()
    frame = files[FRAME].small_texts(FRAME_TEXTS)
    templates = {name: _template(files[name], blocks) for name in TEMPLATES}
    for name, (channel, languages) in TEMPLATES.items():
        problems.extend(check_template(templates[name], channel, languages))
    problems.extend(check_small_texts(frame.values()))
    problems = [*(each for file in files.values() for each in file.problems), *problems]
    if problems:
        problems = sorted(dict.fromkeys(problems), key=lambda each: (each.file, each.line or 0))
        what, where, fix = refusal_of(problems, "the folder of templates")
        raise TemplateError(what, where=where, fix=fix)
    return Wording(templates, frame, _digest(contents))


def _template(file: TemplateFile, blocks: Mapping[str, Section]) -> Template:
    subject, sections = file.subject(), file.parts(blocks)
    return Template(file.name, subject, sections)


def _shipped(name: str) -> bytes:
    return resources.files(__package__ or "").joinpath("words", f"{name}.yaml").read_bytes()


def _digest(contents: Mapping[str, bytes]) -> str:
    held = hashlib.sha256()
    for name in sorted(contents):
        held.update(f"{name}\0{len(contents[name])}\0".encode() + contents[name])
    return held.hexdigest()
