"""Where putting things in their place fails half way, nothing stays; cases inside the folder are in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashiato.engine.api import check_chain, create_case
from ashiato.terms.errors import ServerError
from ashiato.web.backups.restoring import Destination, restore
from ashiato.web.configuration import SQLITE, Configuration
from tests.web.backups.holdings import Held


@pytest.fixture
def held(tmp_path: Path) -> Held:
    return Held(tmp_path)


def test_half_a_restore_is_taken_back(held: Held) -> None:
    late = held.folder / "disk" / "late"
    create_case(late, "Asia/Tokyo", lambda: 0)
    held.cases["zoo"] = late
    digest = held.back_up().sha256
    held.case.rename(held.folder / "away")
    late.parent.rename(held.folder / "away-too")
    to = Destination(held.place, {"public": Configuration})
    # The second case cannot be put: where its folder was, there is a file.
    late.parent.touch()
    with pytest.raises(OSError, match="disk"):
        restore(held.archive, held.key, to, digest)
    assert not held.case.exists()
    assert not held.place.exists()
    late.parent.unlink()
    restore(held.archive, held.key, to, digest)
    assert not check_chain(held.case)
    assert not check_chain(late)


def test_cases_inside_the_folder_come_back_inside_it(held: Held) -> None:
    inside = held.home / "cases" / "night"
    inside.parent.mkdir()
    (inside.parent / "README").touch()
    held.cases["night"] = held.case.rename(inside)
    held.back_up()
    to = Destination(held.place, {"public": Configuration}, held.place / "cases")
    restore(held.archive, held.key, to)
    assert {path.name for path in held.place.iterdir()} == {"cases", "keys", "public.yaml", SQLITE}
    assert {path.name for path in (held.place / "cases").iterdir()} == {"README", "night"}
    assert not check_chain(held.place / "cases" / "night")
    assert held.place.stat().st_mode & 0o777 == 0o700


def test_a_case_is_not_put_over_what_is_the_folders_own(held: Held) -> None:
    held.cases = {"keys": held.case}
    held.back_up()
    to = Destination(held.place, {"public": Configuration}, held.place)
    with pytest.raises(ServerError, match="something of the backup's own"):
        restore(held.archive, held.key, to)
    assert not held.place.exists()
