"""A portal asked adaptively: neither its bytes nor its times tell whether somebody's contact is in scope.

The asker knows the truth of half of the contacts and learns from them what membership looks like; then it
asks most where answers stood out most, and guesses the other half. It comes from as many addresses as it
likes, so that no limit stops it. A million questions take ``benchmarks/public.py``; here it is ``QUESTIONS``.
"""

from __future__ import annotations

import random  # noqa: TID251 - seeded
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from statistics import median

import pytest

from ashiato.letters.notices.codes import check_digit
from tests.public.site import Answer, Edition, Letter, Site, serving

pytestmark = pytest.mark.slow
QUESTIONS = 600
_EACH = 40
_SEED = 20261123
MEMBERS = [f"member{number:02}@example.jp" for number in range(_EACH)]
STRANGERS = [f"nobody{number:02}@example.jp" for number in range(_EACH)]
Ask = Callable[[str], float]


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Pages of an edition in which every member was told."""
    letters = [
        Letter(_code(10_000 + number), f"mail:{each}", (4, 0, 2, 0)) for number, each in enumerate(MEMBERS)
    ]
    with serving(tmp_path_factory.mktemp("portal") / "home", Edition(letters), proxies=1) as served:
        yield served


class Asker:
    """Asks from ever new addresses; ``seen`` is every form an answer had."""

    def __init__(self, site: Site, form: str) -> None:
        """``form``: the page that is asked."""
        self.seen: set[tuple[object, ...]] = set()
        self._site, self._form, self._asked = site, form, 0

    def ask(self, contact: str) -> float:
        """Ask about a contact; returns the seconds of the answer."""
        self._asked += 1
        number = self._asked + (1 << 16 if self._form == "mine" else 0)
        address = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        sent = {"contact": contact}
        if self._form == "mine":
            sent |= {"code": _code(500_000 + self._asked)}
        began = time.perf_counter()
        answer = self._site.ask(f"/{self._form}/", sent, {"X-Forwarded-For": address})
        took = time.perf_counter() - began
        self.seen.add(_form_of(answer))
        return took


def _form_of(answer: Answer) -> tuple[object, ...]:
    """All of an answer but its moment and the challenge that is new each time."""
    said = re.sub(r'data-challenge="[^"]+"', "", answer.text)
    headers = tuple(sorted((name, value) for name, value in answer.headers.items() if name != "Date"))
    return answer.status, len(answer.content), said, headers


def _code(number: int) -> str:
    body = f"{number:011}"
    return f"{body}{check_digit(body)}"


def guess(ask: Ask, questions: int) -> float:
    """Ask adaptively, and return the share of right guesses among contacts whose truth was not known."""
    chance = random.Random(_SEED)  # noqa: S311 - a seeded draw, no secret
    known = dict.fromkeys(MEMBERS[::2], True) | dict.fromkeys(STRANGERS[::2], False)
    unknown = MEMBERS[1::2] + STRANGERS[1::2]
    took: defaultdict[str, list[float]] = defaultdict(list)
    rounds = [*known, *unknown] * 3
    chance.shuffle(rounds)
    for each in rounds:
        took[each].append(ask(each))
    for _ in range(questions - len(rounds)):
        middle = median(median(times) for times in took.values())
        # Where the answers stood out most, one asks once more; now and then anywhere.
        odd = max(took, key=lambda each: abs(median(took[each]) - middle) / len(took[each]))
        each = odd if chance.random() < 0.7 else chance.choice([*took])
        took[each].append(ask(each))
    middle = median(median(times) for times in took.values())
    slow = {each: median(times) > middle for each, times in took.items()}
    sign = sum(slow[each] == is_member for each, is_member in known.items()) * 2 >= len(known)
    right = sum((slow[each] == sign) == (each in MEMBERS) for each in unknown)
    return right / len(unknown)


@pytest.mark.parametrize("form", ["mine/without-code", "mine"])
def test_answers_are_alike_and_guesses_as_good_as_a_coins(portal: Site, form: str) -> None:
    asker = Asker(portal, form)
    # Of 40 tosses 8 to 32 come right but for one time in ten thousand; twice in a row is no chance.
    shares = [guess(asker.ask, QUESTIONS // 2)]
    if not 0.2 <= shares[0] <= 0.8:
        shares.append(guess(asker.ask, QUESTIONS // 2))
    assert 0.2 <= shares[-1] <= 0.8, shares
    assert len(asker.seen) == 1


def test_an_asker_learns_of_a_page_that_is_slower_for_members(portal: Site) -> None:
    """What the test above would see: thirty thousandths of a second do it."""
    asker = Asker(portal, "mine/without-code")

    def leaking(contact: str) -> float:
        return asker.ask(contact) + (0.03 if contact in MEMBERS else 0.0)

    assert guess(leaking, QUESTIONS // 2) > 0.8


def test_a_code_guessed_for_a_known_contact_opens_nothing(portal: Site) -> None:
    asker = Asker(portal, "mine")
    for _ in range(50):
        asker.ask(MEMBERS[0])
    own = {"code": _code(10_000), "contact": MEMBERS[0]}
    told = portal.ask("/mine/", own, {"X-Forwarded-For": "203.0.113.1"})
    assert len(asker.seen) == 1
    assert _form_of(told) not in asker.seen, "what the code on the message opens"
