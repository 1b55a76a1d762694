"""The text of letters, set once for all who are told the same, and not once for each person."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.resources import files
from io import BytesIO

import orjson
from pypdf import PdfReader

from ashiato.exports.words import Language
from ashiato.letters.notices.logo import Logo
from ashiato.letters.notices.look import LOOKS
from ashiato.letters.notices.matter import NoticeMatter, Style
from ashiato.letters.notices.message import Block, Message, Part
from ashiato.letters.notices.press import press
from ashiato.letters.notices.profile import USUAL, Profile
from ashiato.letters.notices.readings import pieces_of
from ashiato.letters.notices.window import post_code
from ashiato.letters.notices.wording import Wording
from ashiato.letters.phrases import day_text

_FRAME = ("code", "code_hint", "square_hint")


@dataclass(frozen=True)
class Body:
    """A text that was set. ``name``: of its file, by its content; ``pages``: how many it has."""

    name: str
    pdf: bytes
    pages: int


def body_of(matter: NoticeMatter, message: Message, wording: Wording, profile: Profile = USUAL) -> Body:
    """Return the text of a letter; people who are told the same share one."""
    contents = _contents(matter, message, wording, profile)
    return _set(orjson.dumps(contents, option=orjson.OPT_SORT_KEYS), matter.sender.logo)


@lru_cache(maxsize=1_024)
def _set(contents: bytes, logo: Logo | None) -> Body:
    source = files(__package__ or "").joinpath("body.typ").read_bytes()
    pdf = press(source, contents, {f"logo.{logo.kind}": logo.content} if logo else {})
    name = f"{hashlib.sha256(contents).hexdigest()[:24]}.pdf"
    return Body(name, pdf, len(PdfReader(BytesIO(pdf)).pages))


def _contents(
    matter: NoticeMatter, message: Message, wording: Wording, profile: Profile
) -> Mapping[str, object]:
    sender, language, look = matter.sender, message.language, LOOKS[message.style]
    easy = "easy_" if message.style is Style.EASY else ""
    return {
        "title": message.subject,
        "language": language.value,
        "date": day_text(matter.dated, language),
        "look": {**asdict(look), "head": profile.free_bottom + look.title_below, "colour": sender.colour},
        "sender": {
            "name": sender.name.within(language),
            "site": sender.site,
            "phone": sender.desk.phone,
            "hours": sender.desk.hours.within(language),
            "lines": _sender_lines(matter, language, wording),
            "logo": _logo(sender.logo),
        },
        "subject": pieces_of(message.subject),
        **{name: pieces_of(wording.say(f"{easy}{name}", language)) for name in _FRAME},
        "parts": [_part(part, sender.site) for part in message.parts],
    }


def _logo(logo: Logo | None) -> Mapping[str, object] | None:
    """Return where a logo's file stands beside the source, its content's hash and its size."""
    if logo is None:
        return None
    return {
        "file": f"logo.{logo.kind}",
        "sha256": hashlib.sha256(logo.content).hexdigest(),
        "size": logo.size,
    }


def _sender_lines(matter: NoticeMatter, language: Language, wording: Wording) -> list[str]:
    sender, desk = matter.sender, matter.sender.desk
    return [
        *filter(None, [post_code(sender.address)]),
        *sender.address.lines,
        desk.name.within(language),
        f"{wording.say('telephone', language)} {desk.phone}",
        desk.hours.within(language),
        sender.site,
    ]


def _part(part: Part, site: str) -> Mapping[str, object]:
    return {"heading": pieces_of(part.heading), "blocks": [_block(block, site) for block in part.blocks]}


def _block(block: Block, site: str) -> Mapping[str, object]:
    rows = [pieces_of(row) for row in block.rows]
    return {"text": pieces_of(block.text), "rows": rows, "ragged": site in block.text}
