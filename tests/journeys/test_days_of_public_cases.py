"""The public cases fed day by day: duties, counts and drafts as each day would have had them.

Clocks by the guidelines of the APPI 3-5-3-3 and 3-5-3-4 (day 1 is the day of knowing, 60 days for a wrongful
purpose), rule 53-8-2 of the insurance business; the days are those of the cases' own notices.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ashiato.law.api import load_diary
from ashiato.letters.changes import with_changes
from ashiato.letters.outline import load_outlines
from tests.law.diaries import assessed
from tests.letters.matters import drafted, line_of

HERE = Path(__file__).parent
_DAYS: dict[str, dict[Any, dict[str, Any]]] = yaml.safe_load(
    (HERE / "days_of_public_cases.yaml").read_text(encoding="utf-8")
)
CASES = [(case, str(day), told) for case, days in _DAYS.items() for day, told in days.items()]
_BEFORE = {
    (case, str(day)): str(before)
    for case, days in _DAYS.items()
    for before, day in zip(list(days), list(days)[1:], strict=False)
}
#: Drafts for an authority or a client, which a duty of the day calls for.
_ASKED_BY_DUTIES = ("client-notice", "ppc-preliminary", "ppc-final", "fsa", "gdpr-33", "common-form")


def _last_said(case: str, day: str, line: str) -> str | None:
    """Return what a line of the report says from the last day on that set it; None before the first."""
    said = [told[line] for each, told in _DAYS[case].items() if str(each) <= day and line in told]
    return said[-1] if said else None


def test_every_diary_has_its_days() -> None:
    assert {path.stem for path in (HERE / "diaries").glob("*.yaml")} == set(_DAYS)


@pytest.mark.parametrize(("case", "day", "told"), CASES, ids=[f"{case}-{day}" for case, day, _ in CASES])
def test_a_day_has_its_duties_counts_and_drafts(case: str, day: str, told: dict[str, Any]) -> None:
    diary = load_diary(HERE / "diaries" / f"{case}.yaml")
    seen = assessed(diary, day)
    assert {duty.rule.id: duty.due for duty in seen.binding if duty.due} == told["due"]
    late = {duty.rule.id for duty in seen.binding if duty.is_past(seen.as_of)}
    assert late >= set(told.get("past", ()))
    asked = {duty.rule.id for duty in seen.binding}
    outlines = load_outlines()
    called = [kind for kind in _ASKED_BY_DUTIES if asked & set(outlines[kind].rules)]
    assert called == told["drafts"]
    report = drafted("ppc-final", diary, as_of=day)
    assert line_of(report, "people") == told["people"]
    for line in ("published", "told"):
        assert line_of(report, line) == _last_said(case, day, line)
    public = drafted("announcement-2", diary, as_of=day)
    assert told["public"] in (line_of(public, "public-what") or "")
    if (case, day) in _BEFORE:
        earlier = drafted("announcement-2", diary, as_of=_BEFORE[case, day])
        moved = [change.label for change in with_changes(public, earlier).changes]
        assert moved == told.get("moved", [])
