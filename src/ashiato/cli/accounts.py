"""``ashiato accounts``: the bank accounts that were reached, one list for each bank."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ashiato.cli.export import refuse_sealed
from ashiato.cli.options import AsJson, CaseFolder, Lang
from ashiato.cli.screen import clean, note, say, say_json, say_table
from ashiato.cli.surroundings import language_of_machine, now_us
from ashiato.exports.words import words_in

if TYPE_CHECKING:
    from ashiato.exports.banks.lists import BankList
    from ashiato.exports.words import Words


def accounts(
    folder: CaseFolder,
    *,
    to: Annotated[
        Path, typer.Option("--to", metavar="OUT", help="The folder to write into; made when missing.")
    ],
    reason: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT", help="Why the values are needed: writes them whole; kept in the ledger."
        ),
    ] = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Write a list for each bank of the accounts to be watched: those whose account fields were reached.

    A bank's list has its own accounts, how surely each was reached and what made that unsure, and nothing
    else of the person. Values are masked unless a reason is given; the ledger keeps it. index.csv says which
    record a number stands for and stays in the house. The letter for the lists is `ashiato draft bank-list`.
    """
    from ashiato.engine.api import account_values, open_case, open_outcome, record_export, writing
    from ashiato.exports.banks.lists import write_lists

    case = open_case(folder, now_us)
    refuse_sealed(case.folder, to)
    with open_outcome(case) as outcome:
        found = account_values(outcome, reason)
        lists, written = write_lists(found, to, outcome.zone, masked=reason is None)
        with writing(case):
            record_export(outcome.run, to, [path.name for path in written])
    words = words_in(lang or language_of_machine())
    if as_json:
        told = {"banks": [_as_json(each) for each in lists], "records_without_an_account": found.unlisted}
        say_json({"files": [str(path) for path in written]} | told)
    else:
        _say(lists, to, words, masked=reason is None)
        if found.unlisted:
            note(words.say("accounts.unlisted", number=words.number(found.unlisted)), style="yellow")


def _say(lists: list[BankList], to: Path, words: Words, *, masked: bool) -> None:
    say(clean(to))
    head = [words.say(f"accounts.{name}") for name in ("bank", "file", "at_least", "at_most")]
    rows = [
        [clean(each.bank) or words.say("accounts.unknown"), each.file]
        + [words.number(count) for count in (each.confirmed, each.accounts)]
        for each in lists
    ]
    say_table([head, *rows], numbers=(2, 3))
    if masked:
        note(words.say("accounts.masked"), style="dim")


def _as_json(each: BankList) -> dict[str, object]:
    return {"bank": each.bank, "file": each.file, "at_least": each.confirmed, "at_most": each.accounts}
