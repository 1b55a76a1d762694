"""Statement shapes that one client alone causes are a finding, but where all who come bring their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ashiato.datamap.model import DataMap
from ashiato.engine import findings
from ashiato.engine.findings.rules import source_of
from ashiato.engine.sigma.rule_files import read_rule_set
from ashiato.engine.store import Store
from ashiato.engine.tables import CAUSES, EVENTS
from ashiato.engine.workspace import Workspace

_SECOND = 1_000_000
USUAL = ("name", "zip")
#: By route and client: the columns that the client's requests ask by, one statement each.
Routes = dict[str, dict[str, Sequence[str]]]


def _own(client: str, count: int) -> list[str]:
    return [f"{client}_{'abcdefghijkl'[n]}" for n in range(count)]


#: A look-up by a fixed form, at which one asks for what nobody else does; and a form that writes whatever its
#: user filled in, of which one wrote most.
ROUTES: Routes = {
    "/find": {"192.0.2.9": _own("q", 8), **{f"192.0.2.{n}": USUAL for n in range(1, 6)}},
    "/edit": {
        "192.0.2.8": [*USUAL, *_own("w", 9)],
        **{f"192.0.2.{n}": [*USUAL, *_own("vuts"[n - 1], 3)] for n in range(1, 5)},
    },
}


def _events(routes: Routes) -> list[dict[str, Any]]:
    """Return the requests of each client, each followed by its statement."""
    made: list[dict[str, Any]] = []
    for route, clients in routes.items():
        for client, columns in clients.items():
            for column in columns:
                at = {"start_us": len(made) * _SECOND, "end_us": len(made) * _SECOND}
                asked = {"http_request_target": route, "http_request_path": route, "http_response_code": 200}
                asked |= {"event_kind": "http", "src_endpoint_ip": client, "http_request_method": "GET"}
                made.append(asked | at | {"source_format": "combined"})
                text = f"SELECT id FROM members WHERE {column} = 'x'"
                made.append(
                    {"event_kind": "sql", "query_text": text, "source_format": "postgresql-csvlog"} | at
                )
    return made


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, str, int]]:
    """Return whom the rule finds, where, and for how many shapes."""
    folder = tmp_path_factory.mktemp("shapes")
    rows = [{"event_id": number, **event} for number, event in enumerate(_events(ROUTES))]
    with Store(folder) as store, pytest.MonkeyPatch.context() as patched:
        patched.setattr(findings, "read_case_rules", lambda _: read_rule_set([folder], source_of))
        store.write(EVENTS, [tuple(row.get(column) for column in EVENTS.columns) for row in rows])
        store.write(CAUSES, [(n + 1, n, 0.99, "time", 1) for n in range(0, len(rows), 2)])
        findings.build(Workspace(folder, ZoneInfo("UTC"), DataMap(), (), store))
        told = store.rows(
            "SELECT actor, why, observed FROM findings WHERE rule = 'statement-shapes-of-one-client'"
        )
        return {(actor, why.partition("route=")[2].partition(",")[0], seen) for actor, why, seen in told}


def test_shapes_nobody_else_causes_are_found_and_a_routes_own_way_is_not(
    found: set[tuple[str, str, int]],
) -> None:
    assert found == {("192.0.2.9", "/find", 8)}
