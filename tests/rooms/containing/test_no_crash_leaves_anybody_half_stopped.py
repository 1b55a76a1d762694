"""Killed at every touch of the outside and every write of our own: the next start finishes or takes back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from ashiato.rooms.accounts.api import LedgerEntry, add_staff, find_break
from ashiato.rooms.containing import api
from ashiato.rooms.containing.models import LIVE
from tests.rooms.containing.pens import KilledError, Pen, dying_at, wishes

_NAMES = ("a", "b", "c")


def _propose(pen: Pen, key: str = "k") -> api.Plan:
    return api.propose(pen.means(), wishes(*_NAMES), api.Cause("page walk", alarm_key=key))


def _undo(pen: Pen) -> None:
    plan = api.Plan.objects.latest("pk")
    if plan.stand in {api.Stand.UNDOING, api.Stand.UNDONE}:
        api.take_round(pen.means())
        return
    api.undo(pen.means(), plan, add_staff("emi"), "an honest customer")


def _killed_everywhere(pen: Pen, act: Callable[[Pen], object], end: Callable[[Pen], None]) -> int:
    """Do it, killed one point later each time, until it comes through; ``end`` sees what became of it."""
    number = 1
    while True:
        with dying_at(pen, number) as seen:
            try:
                act(pen)
                died = False
            except KilledError:
                died = True
        end(pen)
        if not died:
            return seen[0]
        number += 1


def _told_truly(pen: Pen) -> None:
    held = set(api.Step.objects.filter(stand__in=LIVE).values_list("value", flat=True))
    assert held == pen.ended()
    assert find_break() is None


def _applied_everywhere(pen: Pen) -> int:
    def end(site: Pen) -> None:
        api.take_round(site.means())
        _propose(site)
        plan = api.Plan.objects.get()
        assert plan.stand == api.Stand.VERIFIED
        assert site.ended() == set(_NAMES)
        _told_truly(site)
        api.undo(site.means(), plan, add_staff("emi"), "again")
        assert site.ended() == set()
        api.Plan.objects.all().delete()

    return _killed_everywhere(pen, _propose, end)


def _undone_everywhere(pen: Pen) -> int:
    _propose(pen)

    def end(site: Pen) -> None:
        api.take_round(site.means())
        plan = api.Plan.objects.latest("pk")
        if plan.stand == api.Stand.VERIFIED:
            assert site.ended() == set(_NAMES)
            _undo(site)
            plan.refresh_from_db()
        assert plan.stand == api.Stand.UNDONE
        assert site.ended() == set()
        _told_truly(site)
        _propose(site, f"k{plan.pk}")

    return _killed_everywhere(pen, _undo, end)


def _asked(pen: Pen) -> api.Plan:
    """A plan of staff, approved by two, that is to be applied."""
    by = add_staff("aoi")
    plan = api.propose(pen.means(), wishes(*_NAMES, reach=None), api.Cause("ticket 7", by=by))
    for name in ("aoi", "emi"):
        api.approve(plan, add_staff(name), pen.clock.now())
    api.ask_for(plan, api.Deed.APPLY, by, pen.clock.now())
    return plan


def _done_everywhere(pen: Pen) -> int:
    _asked(pen)

    def end(site: Pen) -> None:
        for _ in range(2):
            api.carry_out_asked(site.means())
            api.take_round(site.means())
        plan = api.Plan.objects.get()
        assert (plan.stand, plan.asked, plan.answer) == (api.Stand.VERIFIED, "", "")
        assert site.ended() == set(_NAMES)
        _told_truly(site)
        api.undo(site.means(), plan, add_staff("emi"), "again")
        api.Plan.objects.all().delete()
        _asked(site)

    return _killed_everywhere(pen, lambda site: api.carry_out_asked(site.means()), end)


@pytest.mark.slow
@pytest.mark.usefixtures("database")
def test_on_sqlite_no_point_loses_a_containment(tmp_path: Path) -> None:
    pen = Pen(tmp_path / "site")
    assert _applied_everywhere(pen) > 15
    assert _undone_everywhere(pen) > 8
    api.Plan.objects.all().delete()
    assert _done_everywhere(pen) > 12


@pytest.mark.slow
@pytest.mark.usefixtures("on_postgresql")
def test_on_postgresql_no_point_loses_a_containment(tmp_path: Path) -> None:
    pen = Pen(tmp_path / "site")
    assert _applied_everywhere(pen) > 15
    assert _undone_everywhere(pen) > 8


@pytest.mark.usefixtures("database")
def test_what_died_and_is_over_meanwhile_is_taken_back(tmp_path: Path) -> None:
    pen = Pen(tmp_path / "site")
    _die_after_put(pen)
    pen.clock.at += timedelta(hours=2)
    api.take_round(pen.means())
    assert api.Plan.objects.get().stand == api.Stand.EXPIRED
    assert pen.ended() == set()


@pytest.mark.usefixtures("database")
def test_what_died_and_was_stopped_meanwhile_is_taken_back(tmp_path: Path) -> None:
    pen, emi = Pen(tmp_path / "site"), add_staff("emi")
    _die_after_put(pen)
    api.stop_all(emi, "it blocks customers", pen.clock.now())
    api.take_round(pen.means())
    assert api.Plan.objects.get().stand == api.Stand.UNDONE
    assert pen.ended() == set()
    assert "containment halted" in LedgerEntry.objects.values_list("verb", flat=True)


def _die_after_put(pen: Pen) -> None:
    """Be killed once the site has taken it, before anything of that is kept."""

    def tick() -> None:
        if pen.ended():
            raise KilledError

    pen.before_each = tick
    with pytest.raises(KilledError):
        _propose(pen)
    pen.before_each = lambda: None
    assert pen.ended() == set(_NAMES)
