"""Refusals on the terminal: what, where, fix; an exit code; never a traceback."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from ashiato.cli.screen import complain
from ashiato.terms.errors import AshiatoError

INTERRUPTED = 130


class Verbs(TyperGroup):
    """A group of verbs that prints what we refuse and exits with the error's own code."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - the signature of the framework
        """Run a verb; an ``AshiatoError`` becomes a message, Ctrl-C exit code 130."""
        try:
            return super().invoke(ctx)
        except AshiatoError as error:
            complain(error)
            raise typer.Exit(error.exit_code) from None
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None
