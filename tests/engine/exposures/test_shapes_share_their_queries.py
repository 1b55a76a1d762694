"""Shapes that differ in what they show are replayed as one, and told as each by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from ashiato.engine.exposures.blankets import Kind
from ashiato.engine.exposures.drift import Past
from ashiato.engine.exposures.groups import Group
from ashiato.engine.exposures.plan import Plan
from ashiato.engine.exposures.replay import replay_group
from ashiato.engine.exposures.sharing import list_shared
from ashiato.engine.store import Row, Store
from ashiato.terms.errors import EngineError
from tests.engine.exposures.scene import Scene, Statement

STAGE = "ashiato.engine.exposures"
FORMS = (
    "SELECT {} FROM members WHERE id = 7",
    "SELECT {} FROM members ORDER BY zip, id LIMIT 4",
    "SELECT {} FROM members ORDER BY zip, id LIMIT 4 OFFSET 4",
    "SELECT {} FROM members AS m JOIN visits AS v ON v.member_id = m.id WHERE v.clinic_id = 1",
)
SHOWN = ("name", "name, note", "premium")
STATEMENTS = [
    Statement(form.format(shown), rows=None, at_us=1_000 + 10 * place + number)
    for place, form in enumerate(FORMS)
    for number, shown in enumerate(SHOWN)
]


def told(scene: Scene, name: str) -> list[list[Row]]:
    folder = scene.folder / name
    folder.mkdir()
    store = replace(scene, folder=folder).answer(*STATEMENTS)
    return [store.rows(f"SELECT * FROM {table} ORDER BY ALL") for table in ("exposures", "proofs", "limits")]


@pytest.mark.slow
def test_shapes_replayed_as_one_are_told_as_alone(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def counted(groups: Sequence[Group], past: Past) -> list[list[Group]]:
        made = list_shared(groups, past)
        sizes.extend(map(len, made))
        return made

    def apart(groups: Sequence[Group], past: Past) -> list[list[Group]]:
        return [[group] for group in groups if past]

    monkeypatch.setattr(f"{STAGE}.list_shared", counted)
    together = told(scene, "together")
    assert sizes.count(len(SHOWN)) >= len(FORMS) - 1
    monkeypatch.setattr(f"{STAGE}.list_shared", apart)
    assert told(scene, "alone") == together
    assert together[0]


@pytest.mark.slow
def test_one_query_that_fails_costs_no_shape_its_own(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(store: Store, group: Group, plan: Plan, past: Past, kind_of: Kind | None = None) -> list[str]:
        if group.plans:
            message = "all at once"
            raise EngineError(message)
        return replay_group(store, group, plan, past, kind_of)

    together = told(scene, "together")
    monkeypatch.setattr(f"{STAGE}.replay_group", refused)
    assert told(scene, "apart") == together
