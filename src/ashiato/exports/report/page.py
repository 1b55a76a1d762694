"""report.html: one file, both languages, no script, nothing from outside.

The policy allows the page's own style by its hash and nothing else; Jinja2 escapes every text.
"""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from ashiato.exports.facts import Facts
from ashiato.exports.report.contents import contents_of
from ashiato.exports.whole import whole_file
from ashiato.exports.words import Language

_POLICY = "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'"


def write_page(facts: Facts, folder: Path, first: Language) -> Path:
    """Write ``report.html``, opening in the language ``first``."""
    path = folder / "report.html"
    with whole_file(path) as file:
        file.write(render_page(facts, first).encode())
    return path


def render_page(facts: Facts, first: Language) -> str:
    """Return the page; both languages are in it, and a switch without script shows one."""
    style = _text_of("page.css")
    template = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).from_string(_text_of("page.html.j2"))
    languages = sorted(Language, key=lambda language: language is not first)
    return template.render(
        parts=[_with_picture(facts, language) for language in languages],
        style=Markup(style),  # noqa: S704 - our own file, no text of a log
        policy=_POLICY.format(_hash_of(style)),
    )


def _with_picture(facts: Facts, language: Language) -> dict[str, object]:
    contents = contents_of(facts, language)
    picture = Markup(contents["picture"])  # noqa: S704 - render_picture escapes every text in it
    return contents | {"picture": picture}


def _text_of(name: str) -> str:
    return files(__package__ or "").joinpath(name).read_text(encoding="utf-8")


def _hash_of(style: str) -> str:
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
