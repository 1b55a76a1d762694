"""What people are advised by kind of data: the letters' own paragraphs, for pages that all may read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ashiato.letters.notices.template import Paragraph, Template
from ashiato.letters.notices.wording import load_wording

_ITEM = "advice"


def advice_of(kinds: Iterable[str]) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield a kind and its advice in ``ja``, ``en`` and ``easy``; first ``""``, what holds of all.

    A kind for which nothing is advised is left out; ``easy`` is missing where nobody wrote it.
    """
    wording = load_wording()
    usual = _by_kind(wording.templates["letter"])
    easy = _by_kind(wording.templates["letter-easy"])
    for kind in ("", *kinds):
        if kind in usual:
            said = {name: _joined(usual[kind], name) for name in ("ja", "en")}
            yield kind, said | ({"easy": _joined(easy[kind], "ja")} if kind in easy else {})


def _by_kind(template: Template) -> dict[str, list[Paragraph]]:
    held: dict[str, list[Paragraph]] = {}
    for section in template.sections:
        if section.item == _ITEM:
            for each in section.paragraphs:
                kind = " ".join(sorted(each.when)).removeprefix("kind ")
                held.setdefault(kind, []).append(each)
    return held


def _joined(said: Iterable[Paragraph], language: str) -> str:
    return "\n".join(each.text.ja if language == "ja" else each.text.en for each in said)
