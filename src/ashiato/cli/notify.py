"""``ashiato notify``: tell every person, in waves, once: plan, approve, send, and know where it stands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ashiato.cli.errors import Verbs
from ashiato.cli.notify_screen import NotifyScreen
from ashiato.cli.options import AsJson, CaseFolder, Lang
from ashiato.cli.proven import By, TokenFile, proven_staff, read_secret
from ashiato.cli.screen import clean, say
from ashiato.cli.started import start_server
from ashiato.cli.surroundings import now_us
from ashiato.exports.words import Language
from ashiato.letters.notices.matter import Style

if TYPE_CHECKING:
    from ashiato.rooms.notifying.api import Campaign

app = typer.Typer(
    cls=Verbs, no_args_is_help=True, help="Tell every person, in waves, once.", rich_markup_mode=None
)
Because = Annotated[str, typer.Option("--because", metavar="TEXT", help="Why; kept in the ledger.")]


def _known(folder: Path) -> Campaign | None:
    """Return what was planned before, where anything was; nothing is written to find out."""
    from ashiato.web.starting import bring_up_to_date, has_database, start

    start()
    if not has_database():
        return None
    bring_up_to_date()
    from ashiato.rooms.notifying.api import find_campaign

    return find_campaign(folder)


@app.command(
    epilog="\b\n"
    "Examples:\n"
    "  ashiato notify staff aoi\n"
    "  ashiato notify staff ben --by aoi --token-file aoi.token"
)
def staff(
    name: Annotated[str, typer.Argument(help="Sign-in name.")],
    *,
    by: By = "",
    token_file: TokenFile = None,
    secret_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Their secret; else one is made and shown, once.")
    ] = None,
    lang: Lang = None,
) -> None:
    """Let somebody work here: approve, hold back, decide. Only the first needs nobody's word.

    Again for somebody who lost their secret: the one before no longer counts.
    """
    start_server()
    from ashiato.rooms.accounts.api import let_in
    from ashiato.rooms.notifying.api import MachineClock

    says = proven_staff(by, token_file) if by else None
    secret = read_secret(secret_file, name) if secret_file else ""
    given = let_in(name, says, MachineClock().now(), secret)
    screen = NotifyScreen(lang)
    screen.say("staff", name=name)
    if not secret:
        screen.say("secret", secret=given)


@app.command(epilog="\b\nExample:\n  ashiato notify plan incident-07 --matter notices.yaml --dry-run")
def plan(  # noqa: PLR0913 - the verb's options
    folder: CaseFolder,
    *,
    matter: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What all notices say alike; needed the first time.")
    ] = None,
    language: Annotated[Language, typer.Option(help="For whom no language is known.")] = Language.JA,
    channels: Annotated[
        str, typer.Option(metavar="NAMES", help="Which to use, the first one first.")
    ] = "email,letter,sms,call",
    keep_days: Annotated[
        int | None,
        typer.Option(min=0, max=3650, help="Erase contents so many days after an outcome; 180 unless said."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count, and write nothing.")] = False,
    lang: Lang = None,
) -> None:
    """Plan a notice for everybody the newest run names, with their own fields, and what a new run changes.

    Nobody is told by it: notices wait for a wave that two persons approve.
    """
    known = _known(folder) if dry_run else None
    if not dry_run:
        start_server()
    from ashiato.engine.api import open_case, open_outcome
    from ashiato.rooms.notifying import api

    now, screen = api.MachineClock().now(), NotifyScreen(lang)
    said = api.read_matter(matter) if matter is not None else None
    with open_outcome(open_case(folder, now_us)) as outcome:
        run = outcome.run.number
        taker: api.DryRun | api.Planner
        if dry_run:
            taker = api.DryRun(known, run)
        else:
            campaign = api.open_campaign(folder, api.USUAL_DUTY, now, language)
            if said is not None and api.set_matter(campaign, said):
                screen.say("text_new")
            if keep_days is not None:
                api.keep_for(campaign, keep_days)
            taker = api.Planner(campaign, run, now)
        asking = api.Asking(language, api.channels_named(channels))
        with screen.counting(api.count_persons(outcome)) as counted:
            taker.take(counted(api.people_of(outcome, asking)))
        screen.show_plan(taker.tally, run, exact=api.is_exact(outcome), dry=dry_run)


@app.command(epilog="\b\nExample:\n  ashiato notify waves incident-07 --agents 40 --minutes 8 --calls 50")
def waves(  # noqa: PLR0913 - the verb's options
    folder: CaseFolder,
    *,
    agents: Annotated[int, typer.Option(min=1, help="Agents at the desk.")],
    minutes: Annotated[int, typer.Option(min=1, help="Minutes a call takes.")] = 8,
    hours: Annotated[int, typer.Option(min=1, max=24, help="Hours the desk is open.")] = 8,
    calls: Annotated[int, typer.Option(min=1, max=1000, help="Of 1,000 people told, how many call.")] = 50,
    region: Annotated[str | None, typer.Option(help="Only of this region.")] = None,
    client: Annotated[str | None, typer.Option(help="Only this client's people.")] = None,
    lang: Lang = None,
) -> None:
    """Put everybody who waits into waves of a day each: most at stake first, as many as the desk answers."""
    start_server()
    from ashiato.rooms.notifying import api

    chosen = {name: value for name, value in (("region", region), ("client", client)) if value}
    desk = api.Desk(agents, minutes, hours, calls)
    for wave in api.draft_waves(api.get_campaign(folder), desk, api.MachineClock().now(), chosen):
        NotifyScreen(lang).say("wave", number=wave.number, **wave.forecast)


@app.command(
    epilog="\b\n"
    "Examples:\n"
    "  ashiato notify approve incident-07 --text --by aoi\n"
    "  ashiato notify approve incident-07 --wave 1 --by ben"
)
def approve(
    folder: CaseFolder,
    *,
    by: By,
    token_file: TokenFile = None,
    text: Annotated[bool, typer.Option("--text", help="The text that all notices say alike.")] = False,
    wave: Annotated[int | None, typer.Option(metavar="N", help="Wave N.")] = None,
    lang: Lang = None,
) -> None:
    """Approve the text, or a wave; each needs two different persons."""
    if text == (wave is not None):
        raise typer.BadParameter("say either --text or --wave N")
    start_server()
    from ashiato.rooms.notifying import api

    campaign, now, screen = api.get_campaign(folder), api.MachineClock().now(), NotifyScreen(lang)
    if wave is None:
        screen.show_approved("text", api.approve_text(campaign, proven_staff(by, token_file), now))
    else:
        count = api.approve_wave(api.get_wave(campaign, wave), proven_staff(by, token_file), now)
        screen.show_approved("one_wave", count, number=wave)


@app.command(epilog="\b\nExample:\n  ashiato notify send incident-07")
def send(folder: CaseFolder, *, lang: Lang = None) -> None:
    """Hand over what approved waves hold, by every channel set up, until nothing is left or a gate closes.

    Letters go to the printer's folder by the batch. Stopped (SIGTERM, Ctrl-C) it finishes what it has
    claimed. Killed, what it had claimed is in doubt until `reconcile`. On PostgreSQL several may run at once.
    """
    start_server()
    from ashiato.engine.api import open_case
    from ashiato.rooms.accounts.api import get_program
    from ashiato.rooms.notifying import api
    from ashiato.web.workers import run_worker

    zone = open_case(folder, now_us).zone
    campaign, screen = api.get_campaign(folder), NotifyScreen(lang)
    api.note_sending(campaign, get_program(), api.MachineClock().now())
    screen.show_sent(run_worker(campaign, zone, screen.show_rate))


@app.command(epilog="\b\nExample:\n  ashiato notify status incident-07")
def status(folder: CaseFolder, *, as_json: AsJson = False, lang: Lang = None) -> None:
    """Say where everybody stands: the closing sum, waves, gates, and what is in doubt."""
    start_server()
    from ashiato.rooms.notifying import api

    campaign = api.get_campaign(folder)
    NotifyScreen(lang).show_status(
        api.closing_sum(campaign), api.standing_of(campaign), api.list_doubts(campaign, 20), as_json=as_json
    )


@app.command(
    epilog="\b\n"
    "Examples:\n"
    "  ashiato notify reconcile incident-07\n"
    "  ashiato notify reconcile incident-07 --decide 14ffdbd2df136455427398f90b3e32b6 given_up --by "
    "aoi --because 'log lost'"
)
def reconcile(
    folder: CaseFolder,
    *,
    decide: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="REFERENCE handed|planned|given_up", help="Decide by hand."),
    ] = None,
    by: By = "",
    token_file: TokenFile = None,
    because: Because = "",
    lang: Lang = None,
) -> None:
    """Take in bounces, ask outside what became of notices in doubt, settle what is old enough; or decide."""
    start_server()
    from ashiato.rooms.notifying import api
    from ashiato.web.workers import ask_outside, take_in

    campaign, now, screen = api.get_campaign(folder), api.MachineClock().now(), NotifyScreen(lang)
    if decide is not None:
        api.decide(decide[0], api.state_named(decide[1]), proven_staff(by, token_file), because, now)
        screen.say("decided", reference=decide[0], state=decide[1])
        return
    screen.show_taken_in(take_in(now))
    screen.show_asked(ask_outside(campaign))
    screen.say("settled", days=campaign.settle_days, count=api.settle(campaign, now))


@app.command(epilog="\b\nExample:\n  ashiato notify returned incident-07 returned.csv")
def returned(
    folder: CaseFolder,
    file: Annotated[Path, typer.Argument(help="One code a line, or CSV.", exists=True, dir_okay=False)],
    lang: Lang = None,
) -> None:
    """Take a list of letters that came back, by the codes on them."""
    start_server()
    from ashiato.rooms.notifying import api

    taken = api.take_returned(api.get_campaign(folder), file.read_bytes(), api.MachineClock().now())
    NotifyScreen(lang).show_returned(*taken)


@app.command(epilog="\b\nExample:\n  ashiato notify calls incident-07")
def calls(folder: CaseFolder, lang: Lang = None) -> None:
    """Write lists of the calls that approved waves hold, with what is to be said word by word.

    They appear in the folder that `calls:` of server.yaml names, whole, each call in one list.
    """
    start_server()
    from ashiato.engine.api import open_case
    from ashiato.rooms.notifying import api
    from ashiato.web.workers import write_calls

    zone = open_case(folder, now_us).zone
    NotifyScreen(lang).show_sent(write_calls(api.get_campaign(folder), zone))


@app.command(epilog="\b\nExample:\n  ashiato notify called incident-07 calls.csv")
def called(
    folder: CaseFolder,
    file: Annotated[
        Path, typer.Argument(help="A list, its last column filled in.", exists=True, dir_okay=False)
    ],
    lang: Lang = None,
) -> None:
    """Take what calls came to: reached, not reached or refused (通話済, 不在, 拒否) in column `result`."""
    start_server()
    from ashiato.rooms.notifying import api

    back = api.take_called(api.get_campaign(folder), file.read_bytes(), api.MachineClock().now())
    NotifyScreen(lang).show_called(back)


@app.command(
    epilog="\b\n"
    "Examples:\n"
    "  ashiato notify preview incident-07 --person petdb/owners/5201\n"
    "  ashiato notify preview incident-07 --client minato --to minato.pdf"
)
def preview(
    folder: CaseFolder,
    *,
    person: Annotated[str | None, typer.Option(metavar="ID", help="A person_id of the run.")] = None,
    client: Annotated[
        str | None, typer.Option(metavar="NAME", help="A made-up person of this client; '' for none.")
    ] = None,
    language: Annotated[Language, typer.Option(help="Of a made-up person's letter.")] = Language.JA,
    style: Annotated[Style | None, typer.Option(help="Else a person's own, or the ordinary one.")] = None,
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the letter as the printer gets it.")
    ] = None,
) -> None:
    """Show one person's message as it would be sent now, or a letter in a client's style.

    A look at a person is kept in the ledger of looks.
    """
    if (person is None) == (client is None):
        raise typer.BadParameter("say either --person ID or --client NAME")
    start_server()
    from ashiato.engine.api import open_case, record_look
    from ashiato.rooms.notifying import api
    from ashiato.web.workers import printers_profile

    campaign, case, now = api.get_campaign(folder), open_case(folder, now_us), api.MachineClock().now()
    composer = api.Composer(campaign, case.zone)
    if person is None:
        house = composer.house(api.house_name(campaign.matter, client or ""))
        matter = api.sample_of(house, now.astimezone(case.zone).date())
        message = api.message_of(matter, house, language, style or Style.ORDINARY)
    else:
        notice = api.find_notice(campaign, person)
        record_look(case, person, "preview of a notice")
        house, language = composer.house(composer.house_name(notice)), Language(notice.person.language)
        matter = composer.matter(notice, now)
        message = api.message_of(matter, house, language, style) if style else composer.message(notice, now)
        style = style or composer.style(notice)
    if to is None:
        say(f"{message.subject}\n\n{message.text}")
        return
    printing = api.Printing(language, style or Style.ORDINARY, profile=printers_profile())
    to.write_bytes(api.letter_of(matter, house, printing))
    say(clean(to))


@app.command(
    epilog="\b\n"
    "Example:\n"
    "  ashiato notify gate incident-07 hold --close --by aoi --because 'asked by the police'"
)
def gate(  # noqa: PLR0913 - the verb's options
    folder: CaseFolder,
    kind: Annotated[str, typer.Argument(help="bounces, returned, doubts, calls, hold or hand.")],
    *,
    close: Annotated[bool, typer.Option("--close/--open", help="Hold back, or let go on.")],
    by: By,
    token_file: TokenFile = None,
    because: Because,
    lang: Lang = None,
) -> None:
    """Hold everything back, or let it go on."""
    start_server()
    from ashiato.rooms.notifying import api

    do = api.close_gate if close else api.open_gate
    do(
        api.get_campaign(folder),
        api.gate_named(kind),
        proven_staff(by, token_file),
        because,
        api.MachineClock().now(),
    )
    screen = NotifyScreen(lang)
    screen.say("gate_set", kind=kind, state=screen.word("closed" if close else "open"))


@app.command(
    epilog="\b\n"
    "Example:\n"
    "  ashiato notify publish incident-07 --by aoi --because 'web site, 24 November 2026'"
)
def publish(
    folder: CaseFolder, *, by: By, token_file: TokenFile = None, because: Because, lang: Lang = None
) -> None:
    """Record a publication in stead of all who cannot be reached: --because says where and when."""
    start_server()
    from ashiato.rooms.notifying import api

    said = api.Because(f"published: {because}", proven_staff(by, token_file).name, api.MachineClock().now())
    NotifyScreen(lang).say("published", count=api.publish(api.get_campaign(folder), said))


@app.command(epilog="\b\nExample:\n  ashiato notify history incident-07 --person petdb/owners/5201")
def history(
    folder: CaseFolder,
    *,
    person: Annotated[str, typer.Option(metavar="ID", help="A person_id of the run.")],
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Show all that was done to tell one person, with when, why and by whom; never what was said.

    The look is kept in the ledger of looks.
    """
    start_server()
    from ashiato.engine.api import open_case, record_look
    from ashiato.rooms.notifying import api

    campaign, case = api.get_campaign(folder), open_case(folder, now_us)
    told = api.history_of(campaign, person)
    record_look(case, person, "history of notices")
    NotifyScreen(lang).show_history(told, as_json=as_json)


@app.command(epilog="\b\nExample:\n  ashiato notify erase incident-07 --by aoi")
def erase(folder: CaseFolder, *, by: By, token_file: TokenFile = None, lang: Lang = None) -> None:
    """Erase names, contact values and fields of those whose outcome is as old as `plan --keep-days` says.

    Hashes, codes and outcomes stay. `send` does the same at its end.
    """
    start_server()
    from ashiato.rooms.notifying import api

    campaign = api.get_campaign(folder)
    count = api.expire(campaign, proven_staff(by, token_file), api.MachineClock().now())
    NotifyScreen(lang).say("erased", count=count, days=campaign.keep_days)


@app.command(epilog="\b\nExample:\n  ashiato notify report incident-07 --to answer")
def report(
    folder: CaseFolder,
    *,
    to: Annotated[Path, typer.Option("--to", metavar="OUT", help="The folder to write into.")],
) -> None:
    """Write what was done for the people concerned, as an authority asks: counts, and never a person.

    notices.json (which `draft --notices` puts into a report), notices.csv, and a paragraph in both languages.
    """
    start_server()
    from ashiato.cli.export import refuse_sealed
    from ashiato.engine.api import open_case, open_outcome
    from ashiato.letters.response_answers import write_response
    from ashiato.rooms.notifying import api

    campaign, case = api.get_campaign(folder), open_case(folder, now_us)
    refuse_sealed(case.folder, to)
    with open_outcome(case) as outcome:
        exact = api.is_exact(outcome)
    response = api.respond(campaign, api.MachineClock().now(), exact=exact)
    for path in write_response(response, case.zone, to):
        say(clean(path))
