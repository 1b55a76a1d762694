"""Letters: one batch in the printer's folder, in which each claimed letter stands once, whatever breaks."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ashiato.outside.messages.outcomes import Outcome, Still, always
from ashiato.outside.messages.post.printer import PrintBatch, Printer
from ashiato.rooms.notifying import api
from ashiato.rooms.notifying.handing import Turn
from ashiato.rooms.notifying.models import Campaign, Notice, Worker
from ashiato.rooms.notifying.scope import PersonFound
from ashiato.rooms.notifying.services import claiming, working
from tests.rooms.notifying.scenes import AT, TestClock, addressed, campaign, plan, release
from tests.rooms.server import fresh_sqlite

_MATTER = Path(__file__).parents[3] / "examples" / "pet-insurer" / "notices.yaml"
_NAMES = ("髙橋 一郎", "𠮷田 花子", "佐藤 次郎")


class DyingPrinter(Printer):
    """A printer whose worker dies before or after the batch is in its folder."""

    dies: str = ""

    def send(self, message: PrintBatch, still: Still = always) -> Outcome:
        """Hand over, or die."""
        if self.dies == "before":
            raise KeyboardInterrupt
        outcome = super().send(message, still)
        if self.dies == "after":
            raise KeyboardInterrupt
        return outcome


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Campaign]:
    with fresh_sqlite(tmp_path):
        found = campaign()
        found.matter = api.read_matter(_MATTER)
        found.save()
        yield found


@pytest.fixture
def printer(tmp_path: Path) -> DyingPrinter:
    folder = tmp_path / "printer"
    folder.mkdir()
    return DyingPrinter(folder)


def test_all_who_wait_stand_once_in_the_printers_folder(
    made: Campaign, printer: DyingPrinter, tmp_path: Path
) -> None:
    tell(made, *map(addressed, _NAMES))
    progress = work(made, printer, tmp_path)
    assert (progress.handed, progress.left) == (len(_NAMES), 0)
    assert printed(tmp_path) == Counter(references())
    assert states() == Counter(handed=3)
    assert list((tmp_path / "printer" / ".staging").iterdir()) == []


def test_what_is_left_is_told_while_it_works(made: Campaign, printer: DyingPrinter, tmp_path: Path) -> None:
    tell(made, *map(addressed, _NAMES))
    told: list[tuple[int, int]] = []
    worker = api.SendingWorker(
        made,
        hands(made, printer),
        TestClock(),
        tmp_path / "workers",
        api.Pace(claim=2, record=1, hands=1),
        tell=lambda progress: told.append((progress.handed, progress.left)),
    )
    worker.run()
    assert told == [(1, 2), (2, 1), (3, 0)]


def test_a_name_no_font_can_print_goes_by_another_way(
    made: Campaign, printer: DyingPrinter, tmp_path: Path
) -> None:
    tell(made, addressed("佐藤 次郎"), addressed("佐藤 \U000e0041", "letter", "email"))
    work(made, printer, tmp_path)
    assert printed(tmp_path).total() == 1
    assert states() == Counter(handed=1, bounced=1, planned=1)
    assert api.closing_sum(made).holds


@pytest.mark.parametrize(("dies", "becomes"), [("before", "planned"), ("after", "handed")])
def test_what_died_with_a_batch_is_asked_of_the_folder(
    made: Campaign, printer: DyingPrinter, tmp_path: Path, dies: str, becomes: str
) -> None:
    tell(made, *map(addressed, _NAMES))
    printer.dies = dies
    with pytest.raises(KeyboardInterrupt):
        work(made, printer, tmp_path)
    printer.dies = ""
    bury_all()
    assert states() == Counter(unknown=3)
    api.reconcile(made, {"letter": api.PrinterAsked(printer)}, TestClock())
    assert states() == Counter({becomes: 3})
    work(made, printer, tmp_path)
    assert printed(tmp_path) == Counter(references())


def test_a_disk_that_is_full_puts_everybody_off(
    made: Campaign, printer: DyingPrinter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(made, *map(addressed, _NAMES))
    worker = working.enlist("full", machine="elsewhere", lock_file="none", at=AT)
    claimed = claiming.claim(worker, claiming.Wanted(made, ("letter",), 10, AT))

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("ashiato.letters.notices.delivery.os.fsync", full)
        offered, trouble = hands(made, printer).offer_all(claimed, turn(worker))
    assert trouble
    assert {each.new for each in offered} == {api.State.PLANNED}
    assert list((tmp_path / "printer" / ".staging").iterdir()) == []


def test_a_claim_taken_away_meanwhile_is_never_printed(
    made: Campaign, printer: DyingPrinter, tmp_path: Path
) -> None:
    tell(made, *map(addressed, _NAMES))
    worker = working.enlist("slow", machine="elsewhere", lock_file="none", at=AT)
    claimed = claiming.claim(worker, claiming.Wanted(made, ("letter",), 10, AT))
    working.bury(worker, api.Because("thought dead", "test", AT))
    with_turn = hands(made, printer).offer_all(claimed, turn(worker))
    assert with_turn == ([], False)
    assert printed(tmp_path) == Counter()


def test_an_old_claim_is_not_printed_from(made: Campaign, printer: DyingPrinter, tmp_path: Path) -> None:
    tell(made, *map(addressed, _NAMES))
    worker = working.enlist("slow", machine="elsewhere", lock_file="none", at=AT)
    claimed = claiming.claim(worker, claiming.Wanted(made, ("letter",), 10, AT))
    ages = iter((False, True))
    offered, _ = hands(made, printer).offer_all(claimed, turn(worker, lambda: next(ages)))
    assert {each.new for each in offered} == {api.State.PLANNED}
    assert printed(tmp_path) == Counter()


def tell(made: Campaign, *people: PersonFound) -> None:
    """Plan and approve."""
    plan(made, people)
    release(made)


def hands(made: Campaign, printer: Printer) -> api.LetterHands:
    """Who sets letters here."""
    waits = api.Waits(timedelta(0), timedelta(0))
    return api.LetterHands(api.Composer(made, ZoneInfo("Asia/Tokyo")), printer, waits=waits)


def work(made: Campaign, printer: Printer, folder: Path) -> api.Progress:
    """Run a worker to its end."""
    pace = api.Pace(hands=1)
    return api.SendingWorker(made, hands(made, printer), TestClock(), folder / "workers", pace).run()


def turn(worker: Worker, is_spent: Callable[[], bool] = lambda: False) -> Turn:
    """A claim that is still good, or as it is said to be."""
    return Turn(worker, lambda: AT, is_spent, ThreadPoolExecutor(1))


def bury_all() -> None:
    """Somebody finds that every worker is dead."""
    for worker in Worker.objects.filter(is_gone=False):
        working.bury(worker, api.Because("died", "test", AT))


def states() -> Counter[str]:
    """How many notices stand where."""
    return Counter(Notice.objects.values_list("state", flat=True))


def references() -> list[str]:
    """Every letter's reference."""
    return list(Notice.objects.filter(channel="letter").values_list("reference", flat=True))


def printed(folder: Path) -> Counter[str]:
    """How often each letter stands in what the printer got."""
    manifests = (folder / "printer").glob("letters-*/manifest.json")
    return Counter(
        each["reference"] for path in manifests for each in json.loads(path.read_text("utf-8"))["letters"]
    )
