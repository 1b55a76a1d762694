"""Whatever a page may refuse with is told in the reader's language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from ashiato.exports.words import Language
from ashiato.web.refusals import known_forms, refusal_in
from tests.house.refusals import list_refusals
from tests.house.source import ROOT, python_files

SOURCE = ROOT / "src" / "ashiato"
#: What pages ask something of.
SHOWN = (
    "rooms",
    "web",
    "outside/controls",
    "outside/messages/calls",
    "engine/pinning.py",
    "engine/pins.py",
    "engine/pairs_decided.py",
    "engine/decided.py",
    "engine/approved.py",
    "engine/lock.py",
    "law/decisions.py",
    "letters/editions.py",
    "letters/notices/window.py",
    "outside/messages/email/addresses.py",
    "outside/messages/sms/numbers.py",
    "outside/messages/sms/segments.py",
)
#: What only who starts the server, or asks a program for its backup, is told.
NOT_SHOWN = {
    "web/backups", "web/adapters.py", "web/addresses.py", "web/alarming.py", "web/channels.py",
    "web/configuration.py", "web/passwords.py", "web/serving.py", "web/starting.py", "web/workers.py",
    "web/api",
}  # fmt: skip
#: What passes on the words of another, or is an error of the language's own that a floor below catches.
PASSED_ON = {
    "rooms/cases/uploading.py": 5,  # how many bytes are here, or the upload: told by their classes
    "rooms/notifying/matter_file.py": 2,  # every fault of a written file, for who plans on the server
    "rooms/notifying/previewing.py": 1,  # of a letter that cannot be set
    "rooms/publishing/statement_file.py": 2,  # as a matter's file
    "outside/controls/live_databases.py": 2,  # a control's own refusal, with its place
    "outside/controls/targets.py": 4,  # no value of its kind, which becomes a refusal there
    "engine/lock.py": 1,  # the remedy of who asks
    "letters/editions.py": 1,  # what the law's floor doubts
}


def _files() -> list[Path]:
    hidden = [SOURCE / each for each in NOT_SHOWN]
    found = python_files(*(f"src/ashiato/{each}" for each in SHOWN))
    return [path for path in found if not any(path.is_relative_to(each) for each in hidden)]


def test_every_refusal_of_a_page_has_words_in_japanese() -> None:
    passed_on: dict[str, int] = {}
    missing = []
    for path in _files():
        for place, form in list_refusals(path):
            if form is None:
                name = str(path.relative_to(SOURCE))
                passed_on[name] = passed_on.get(name, 0) + 1
            elif form not in known_forms():
                missing.append(f"{place}: {form}")
    assert not missing
    assert passed_on == PASSED_ON


def test_no_words_are_kept_for_what_nothing_says() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in _files())
    assert [form for form in known_forms() if not all(part in source for part in form.split("{}"))] == []


def test_japanese_fills_in_what_english_does_and_is_japanese() -> None:
    text = (SOURCE / "web" / "words" / "refusals.yaml").read_text(encoding="utf-8")
    for group in yaml.safe_load(text).values():
        for form, told in group.items():
            filled = {int(each) for each in re.findall(r"{(\d)}", told)}
            assert filled == set(range(form.count("{}"))), form
            assert re.search(r"[ぁ-んァ-ヶ一-鿿]|^（?SMS", told), form


@pytest.mark.parametrize(
    ("english", "japanese"),
    [
        ("this case has no desk yet", "この事案には、まだ窓口がありません。"),
        ("plan 7 is undone", "計画 7 は、いま「取り消し済み」です。"),
        ("plan 7 is approved and its time is over", "計画 7 は、いま「承認済み（期限切れ）」です。"),
        (
            "Hana {0} approved wave 2 of c/d before; the second approval is another person's",
            "Hana {0} さんは 第2回（c/d） をすでに承認しています。二人目の承認は別の人が行います。",
        ),
        ("a program of others said so", "a program of others said so"),
    ],
)
def test_a_refusal_is_told_with_what_fills_it(english: str, japanese: str) -> None:
    assert refusal_in(Language.JA, english) == japanese
    assert refusal_in(Language.EN, english) == english


def test_a_hostile_value_costs_no_time_and_brings_no_other_words() -> None:
    hostile = "this case has no desk yet" + " is {0!r} " * 150
    assert hostile in refusal_in(Language.JA, f"nobody works here as `{hostile}`")
    assert refusal_in(Language.JA, "is " * 100_000) == "is " * 100_000
