"""The command line: one file per verb beside this one."""

from __future__ import annotations

from typing import Annotated

import typer

from ashiato import __version__
from ashiato.cli import (
    alarms,
    backup,
    case,
    contain,
    datamap,
    desk,
    evidence,
    guard,
    notify,
    public,
    snapshot,
    staff,
    token,
)
from ashiato.cli.accounts import accounts
from ashiato.cli.clients import clients
from ashiato.cli.draft import draft
from ashiato.cli.duties import duties
from ashiato.cli.errors import Verbs
from ashiato.cli.explain import explain
from ashiato.cli.export import export
from ashiato.cli.investigate import investigate
from ashiato.cli.over import over
from ashiato.cli.people import people
from ashiato.cli.pin import pin, unpin
from ashiato.cli.retention import retention
from ashiato.cli.screen import say
from ashiato.cli.serve import serve
from ashiato.cli.times import times
from ashiato.cli.verify import verify
from ashiato.cli.worker import worker

app = typer.Typer(
    cls=Verbs,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _say_version(wanted: bool) -> None:
    if wanted:
        say(f"ashiato {__version__}")
        raise typer.Exit


@app.callback(
    epilog="\b\nA first run:\n"
    "  ashiato case new incident-07 --zone Asia/Tokyo --datamap shop.yaml\n"
    "  ashiato snapshot add incident-07 dump/ --as-of 2026-06-11T03:12:00+09:00\n"
    "  ashiato evidence add incident-07 /var/log/nginx /var/log/postgresql\n"
    "  ashiato investigate incident-07\n"
    "  ashiato explain incident-07 --person 1001\n"
    "  ashiato export incident-07 --to answer/\n"
    "\n\b\nExit codes:\n"
    "  0 done       2 wrong usage   3 case   4 evidence\n"
    "  5 data map   6 something sealed has changed   7 engine   8 a fault of the machine or the program\n"
    "  9 facts or rules of law   10 the server: configuration, approvals, gates   11 the guard\n"
    "  130 stopped by you"
)
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """After a break-in: whose records and which fields were reached, how surely, and what proves it."""


app.add_typer(case.app, name="case")
app.add_typer(snapshot.app, name="snapshot")
app.add_typer(evidence.app, name="evidence")
app.add_typer(datamap.app, name="datamap")
app.add_typer(notify.app, name="notify")
app.add_typer(public.app, name="public")
app.add_typer(staff.app, name="staff")
app.add_typer(desk.app, name="desk")
app.add_typer(alarms.app, name="alarms")
app.add_typer(contain.app, name="contain")
app.add_typer(backup.app, name="backup")
app.add_typer(token.app, name="token")
app.add_typer(guard.app, name="guard")
app.command(
    short_help="Run every stage and print the answer.",
    epilog="\b\nExamples:\n  ashiato investigate incident-07\n"
    "  ashiato investigate incident-07 --engine spark --lang en",
)(investigate)
app.command(
    short_help="Say why a record has its grade, with the lines.",
    epilog="\b\nExamples:\n  ashiato explain incident-07 --person 1001\n"
    "  ashiato explain incident-07 --person owners/1001 --reason 'call of Dan, desk 4711'",
)(explain)
app.command(
    short_help="Say what the intruder still could use, and whether it is over.",
    epilog="\b\nExamples:\n  ashiato over incident-07\n"
    "  ashiato over incident-07 --close 3f0c9a1b22de4477 --proof 'session ended, tried by Ben' --by aoi",
)(over)
app.command(
    short_help="Say when it began, was seen and stopped, and what left.",
    epilog="\b\nExamples:\n  ashiato times incident-07\n  ashiato times --json",
)(times)
app.command(
    short_help="Say how many people, and decide who is whom.",
    epilog="\b\nExamples:\n  ashiato people incident-07\n"
    "  ashiato people incident-07 --decide 3f0c9a1b22de same --by Aoi --because 'called, one person'",
)(people)
app.command(
    short_help="Say what must be reported, to whom, by when.",
    epilog="\b\nExamples:\n  ashiato duties incident-07 --as-of 2026-07-13 --since 2026-07-01\n"
    "  ashiato duties incident-07 --record --by 'Dan, privacy officer' --why 'situation 3 holds'\n"
    "  ashiato duties incident-07 --replay 1",
)(duties)
app.command(
    short_help="Say that lines are the intruder's, or are not.",
    epilog="\b\nExamples:\n  ashiato pin incident-07 web/access.log:812 --because 'ransom note, ticket 7'\n"
    "  ashiato pin incident-07 web/access.log:90-120 --not-intruder --because 'our own scan' --by Aoi",
)(pin)
app.command(
    short_help="Take back what was said of lines.",
    epilog="\b\nExample:\n  ashiato unpin incident-07 web/access.log:812 --because 'it was the proxy itself'",
)(unpin)
app.command(
    short_help="Write a package for each client whose people you hold.",
    epilog="\b\nExample:\n  ashiato clients incident-07 --to packages/ --told 2026-06-26T18:00:00+09:00",
)(clients)
app.command(
    short_help="Write each bank the list of accounts to watch.",
    epilog="\b\nExamples:\n  ashiato accounts incident-07 --to banks/\n"
    "  ashiato accounts incident-07 --to banks/ --reason 'lists for the banks, ticket 12'",
)(accounts)
app.command(
    short_help="Check that nothing sealed has changed.", epilog="\b\nExample:\n  ashiato verify incident-07"
)(verify)
app.command(
    short_help="Write the answer as CSV, JSON and report.",
    epilog="\b\nExample:\n  ashiato export incident-07 --to answer/",
)(export)
app.command(
    short_help="Write a report or announcement with marked blanks.",
    epilog="\b\nExamples:\n  ashiato draft list\n"
    "  ashiato draft ppc-preliminary incident-07 --to drafts/ --as-of 2026-06-28\n"
    "  ashiato draft announcement-2 incident-07 --to drafts/ --since 2026-06-30 --lang en\n"
    "  ashiato draft board incident-07 --to out/ --approve --by Aoi --because 'read against the diary'",
)(draft)
app.command(
    short_help="Serve the console to staff.", epilog="\b\nExample:\n  ASHIATO_HOME=/srv/ashiato ashiato serve"
)(serve)
app.command(
    short_help="Run what staff start in the console.",
    epilog="\b\nExample:\n  ASHIATO_HOME=/srv/ashiato ashiato worker",
)(worker)
app.command(
    short_help="Bring a backup back into an empty place.",
    epilog="\b\nExamples:\n"
    "  ashiato restore 2026-11-23.age --key backup.key --home /srv/ashiato\n"
    "  ashiato restore 2026-11-23.age --key backup.key --home drill --cases drill-cases",
)(backup.restore)
app.command(
    short_help="Say what personal data has to go by now, and let it go.",
    epilog="\b\nExamples:\n  ashiato retention\n  ashiato retention --do --by aoi",
)(retention)
