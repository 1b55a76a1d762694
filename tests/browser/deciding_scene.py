"""Fills a data folder with what staff decide: ``python -m tests.browser.deciding_scene HOME FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

from ashiato.web.starting import bring_up_to_date, start

start(Path(sys.argv[1]))
bring_up_to_date()

from ashiato.rooms.accounts.api import add_staff  # noqa: E402 - ready only once started
from ashiato.rooms.containing.api import Cause, approve, propose  # noqa: E402
from ashiato.rooms.notifying.api import approve_text  # noqa: E402
from ashiato.web.containing import means_here  # noqa: E402
from tests.cli.sample_case import PERSONS, make_case  # noqa: E402
from tests.rooms.containing.pens import wishes  # noqa: E402
from tests.web.console.scenes import NOW, REVIEWS, told_case  # noqa: E402

#: Facts by which something has to be reported.
FACTS = """\
zone: Asia/Tokyo
entries:
  - known: 2026-11-20T06:30:00+09:00
    sets: {law.JP: true, licence: insurer, role: own, unauthorised_access: true, leak: leak_possible,
           data.personal: true, data.individual_customers: true}
"""


def main(folder: Path) -> None:
    """A case with pairs, a diary, a campaign whose text Ben approved, one wave, and a plan of his."""
    case = make_case(folder, {**PERSONS, "match_reviews": REVIEWS})
    (case.folder / "facts.yaml").write_text(FACTS)
    campaign = told_case(case.folder, "shop/members/1", "shop/members/2")
    ben = add_staff("ben")
    approve_text(campaign, ben, NOW)
    plan = propose(means_here(), wishes("a", reach=None), Cause("チケット 7: 一覧を順に開いている", by=ben))
    approve(plan, ben, plan.proposed_at)


main(Path(sys.argv[2]))
