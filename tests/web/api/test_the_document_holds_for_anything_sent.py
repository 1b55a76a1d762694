"""Schemathesis sends what the document allows and what it does not; every answer is one it foretells."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.conf import settings
from django.core.cache import cache
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from ashiato.engine.api import Case
from ashiato.rooms.accounts.api import find_break
from ashiato.rooms.cases.api import Role
from tests.rooms import server
from tests.web.api.programs import token_of
from tests.web.api.test_programs_may_what_their_owners_may import OF_CASES
from tests.web.console.scenes import casefile, staff_named

pytestmark = pytest.mark.slow
_CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
]


def _served_from_here() -> Callable[..., Any]:
    """The server's application, told who is connected, as gunicorn tells it."""
    application = get_wsgi_application()
    return lambda environ, answer: application(environ | {"REMOTE_ADDR": "127.0.0.1"}, answer)


def _is_wrong_beside_headers(case: schemathesis.Case[Any]) -> bool:
    """Tell whether anything but a header is wrong: headers are ours."""
    parts = case.meta.components.items() if case.meta else ()
    wrong = (location for location, part in parts if part.mode is schemathesis.GenerationMode.NEGATIVE)
    return any(location.value != "header" for location in wrong)


@dataclass(frozen=True)
class Served:
    """A server's document, a case there, and the token of its lead, who may do all."""

    document: schemathesis.BaseSchema
    case: str
    token: str


@pytest.fixture(scope="module")
def served(investigated: Case, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The document as the server gives it, over a case folder of its own."""
    folder = tmp_path_factory.mktemp("server")
    with server.fresh_sqlite(folder), pytest.MonkeyPatch.context() as changed:
        changed.setattr(settings, "API_A_MINUTE", 1_000_000)
        staff = staff_named("aoi")
        case = casefile(Path(shutil.copytree(investigated.folder, folder / "case")), (staff, Role.LEAD))
        told = schemathesis.openapi.from_wsgi(
            "/api/v1/openapi.json", _served_from_here(), headers={"Host": "localhost"}
        )
        told.config.generation.update(modes=list(schemathesis.GenerationMode))
        yield Served(told, case.name, token_of(staff))
        assert find_break() is None
        cache.clear()


@pytest.mark.parametrize("mode", schemathesis.GenerationMode, ids=lambda mode: mode.value)
def test_answers_are_as_the_document_says(served: Served, mode: schemathesis.GenerationMode) -> None:
    """What might be a case's name is the one there is; what could be none goes as it is."""
    operations = [found.ok() for found in served.document.get_all_operations() if isinstance(found, Ok)]
    assert len(operations) == len(OF_CASES) + 2
    seen = set[int]()
    for operation in operations:

        @hypothesis_settings(
            max_examples=15,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(operation.as_strategy(generation_mode=mode))
        def send(case: schemathesis.Case[Any]) -> None:
            if re.fullmatch(r"[-a-zA-Z0-9_]{1,64}", str(case.path_parameters.get("case", ""))):
                case.path_parameters["case"] = served.case
            checks = [*_CHECKS, *([negative_data_rejection] if _is_wrong_beside_headers(case) else [])]
            sent = {"Authorization": f"Bearer {served.token}", "Host": "localhost"}
            seen.add(case.call_and_validate(checks=checks, headers=sent).status_code)

        send()
    assert seen >= ({200, 202, 404} if mode is schemathesis.GenerationMode.POSITIVE else {404, 422})
