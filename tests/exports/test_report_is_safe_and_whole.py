from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from ashiato.datamap.model import DataMap
from ashiato.engine.api import Store, show_missing_as_empty
from ashiato.exports.facts import Facts, gather_facts
from ashiato.exports.report.contents import contents_of
from ashiato.exports.report.page import render_page
from ashiato.exports.report.paper import render_paper
from ashiato.exports.words import Language
from tests.exports.sample_run import ROWS, TOKYO, write_run

HOSTILE = (
    "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>#let x = 1 \\u{41} $x$ \x1b[31m\x00\u202eevil"
)
ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "input", "nav", "label", "main", "article", "header",
    "h1", "h2", "h3", "p", "dl", "dt", "dd", "small", "section", "div", "span", "b", "figure", "figcaption",
    "svg", "text", "line", "rect", "path", "table", "thead", "tbody", "tr", "th", "td", "bdi", "ul", "li",
    "code",
}  # fmt: skip


class Tags(HTMLParser):
    """Every tag of a page with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.seen.append((tag, dict(attrs)))


def tags_of(page: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Tags()
    parser.feed(page)
    return parser.seen


@pytest.fixture
def facts(store: Store) -> Facts:
    return gather_facts(store, TOKYO, DataMap(name="みらい書店"))


@pytest.fixture
def hostile_facts(tmp_path: Path) -> Facts:
    rows: dict[str, list[dict[str, Any]]] = {
        "paths": [
            row | {"title": HOSTILE, "intruder": HOSTILE, "path": HOSTILE} for row in ROWS["paths"][:1]
        ],
        "intrusion": [row | {"path": HOSTILE} for row in ROWS["intrusion"]],
        "findings": [row | {"rule": HOSTILE, "technique": HOSTILE} for row in ROWS["findings"]],
        "holes": [
            row | {"source": HOSTILE, "params": HOSTILE, "end_us": row["end_us"] + 10**9}
            for row in ROWS["holes"]
        ],
        "limits": [row | {"remedy": HOSTILE, "params": HOSTILE} for row in ROWS["limits"]],
        "exposures": [row | {"field": HOSTILE} for row in ROWS["exposures"][:1]],
        "people": [row | {"persona": HOSTILE} for row in ROWS["people"]],
        "evidence": [row | {"label": HOSTILE} for row in ROWS["evidence"]],
        "unread": [row | {"reason": HOSTILE} for row in ROWS["unread"]],
    }  # fmt: skip
    with write_run(tmp_path / "hostile", rows) as store:
        return gather_facts(store, TOKYO, DataMap(name=HOSTILE))


def test_log_content_never_becomes_markup(hostile_facts: Facts) -> None:
    page = render_page(hostile_facts, Language.JA)
    seen = tags_of(page)
    assert {tag for tag, _ in seen} <= ALLOWED
    assert not [
        name for _, attrs in seen for name in attrs if name.startswith("on") or name in ("src", "href")
    ]
    assert not set("\x00\x1b\u202e") & set(page)
    assert "&lt;script&gt;alert(1)" in page


def test_page_asks_nothing_from_outside(facts: Facts) -> None:
    page = render_page(facts, Language.JA)
    seen = tags_of(page)
    metas = {attrs.get("http-equiv"): attrs.get("content") for tag, attrs in seen if tag == "meta"}
    policy = metas["Content-Security-Policy"]
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert f"'sha256-{digest}'" in policy
    addresses = set(re.findall(r"https?://[^\s\"'<]+", page)) - {"http://www.w3.org/2000/svg"}
    assert addresses == set()
    assert not any("style" in attrs for _, attrs in seen)


def test_page_holds_both_languages_and_opens_in_one(facts: Facts) -> None:
    page = render_page(facts, Language.EN)
    articles = [attrs["lang"] for tag, attrs in tags_of(page) if tag == "article"]
    assert articles == ["en", "ja"]
    checked = [attrs["id"] for tag, attrs in tags_of(page) if tag == "input" and "checked" in attrs]
    assert checked == ["show-en"]
    assert "Whose data was reached" in page
    assert "侵入者は誰の情報に到達したか" in page
    assert "203.0.113.7 ほか2件 からの /search を通じたインジェクション" in page


def test_counts_of_records_are_never_called_people(facts: Facts) -> None:
    page = render_page(facts, Language.EN)
    assert "Every figure counts records, not people" in page
    assert not re.search(r"\d[\d,]* people", page)


def test_paper_has_the_same_bytes_each_time(facts: Facts) -> None:
    assert render_paper(facts, Language.JA) == render_paper(facts, Language.JA)


def test_paper_is_dated_by_the_newest_event(facts: Facts) -> None:
    assert b"20260610" in render_paper(facts, Language.JA)


def test_paper_takes_hostile_text_as_data(hostile_facts: Facts) -> None:
    assert render_paper(hostile_facts, Language.EN).startswith(b"%PDF-")


def test_run_that_found_nothing_still_reports(tmp_path: Path) -> None:
    with Store(tmp_path / "empty") as store:
        show_missing_as_empty(store)
        facts = gather_facts(store, TOKYO, DataMap())
    page = render_page(facts, Language.EN)
    assert "There is no data map" in page
    assert render_paper(facts, Language.JA).startswith(b"%PDF-")


def test_what_was_not_sent_stands_apart_from_doubts(tmp_path: Path) -> None:
    limits = [
        {"path": "p1", "reason": "drift", "params": "", "records": 3, "remedy": "older-snapshot"},
        {"path": "p1", "reason": "withheld", "params": "status=403", "events": 52},
    ]
    with write_run(tmp_path / "run", {"limits": limits}) as store:
        told = contents_of(gather_facts(store, TOKYO, DataMap()), Language.JA)
    assert [row[0:1] + row[2:4] for row in told["limits"].rows] == [("p1", "", "3")]
    assert told["withheld"].rows == [("p1", "403", "52")]


def test_holes_are_told_in_the_language(tmp_path: Path) -> None:
    hole = {"source": "db", "start_us": 0, "end_us": 1}
    holes = [
        hole | {"reason": "silence", "params": '{"expected_records": 1234}'},
        hole | {"reason": "time-backwards", "params": '{"back_us": 16799886000000, "line": 6}'},
        hole | {"reason": "new", "params": "as it stands"},
    ]
    with write_run(tmp_path / "run", {"holes": holes}) as store:
        told = contents_of(gather_facts(store, TOKYO, DataMap()), Language.JA)["holes"].rows
    assert [row[-1] for row in told] == [
        "new\nas it stands",
        "平常より長く途切れている\nふだんはこの間に約1,234件",
        "時刻が逆戻りしている\n戻り幅 4666:38:06、6行目",
    ]
