"""Refusals and faults on the terminal: what, where, fix; an exit code; never a traceback."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from ashiato.cli.faults import FAULT, complain_of
from ashiato.cli.screen import complain, note
from ashiato.terms.errors import AshiatoError

INTERRUPTED = 130
_WALK = (
    "case", "evidence", "snapshot", "datamap", "investigate", "explain", "pin", "unpin", "people", "duties",
    "clients", "draft", "notify", "verify", "export", "staff", "serve", "worker", "backup", "restore",
    "retention", "token",
)  # fmt: skip


class Verbs(TyperGroup):
    """A group of verbs that prints what we refuse and exits with the error's own code."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401 - the signature of the framework
        """List the verbs in the order in which a case is worked on."""
        names = super().list_commands(ctx)
        return sorted(names, key=lambda name: _WALK.index(name) if name in _WALK else len(_WALK))

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - the signature of the framework
        """Run a verb; an ``AshiatoError`` becomes a message, any other fault one with a detail file."""
        try:
            return super().invoke(ctx)
        except AshiatoError as error:
            complain(error)
            raise typer.Exit(error.exit_code) from None
        except (TyperException, typer.Exit, typer.Abort, BrokenPipeError):
            raise
        except KeyboardInterrupt:
            note("stopped; run the same command again to go on.")
            raise typer.Exit(INTERRUPTED) from None
        except Exception as error:  # noqa: BLE001 - the last door before a traceback on the screen
            complain_of(error, ctx)
            raise typer.Exit(FAULT) from None
