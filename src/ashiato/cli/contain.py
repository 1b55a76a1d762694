"""``ashiato contain``: stop somebody by a plan, prove that they are stopped, take it back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from ashiato.cli.errors import Verbs
from ashiato.cli.options import Lang
from ashiato.cli.proven import By, TokenFile, proven_staff
from ashiato.cli.screen import clean, say
from ashiato.cli.started import start_server
from ashiato.cli.surroundings import language_of_machine, now_us
from ashiato.exports.words import Words, words_in
from ashiato.terms.times import moment_of

if TYPE_CHECKING:
    from ashiato.rooms.containing.api import Means, Plan

app = typer.Typer(
    cls=Verbs, no_args_is_help=True, help="Stop somebody, prove it, take it back.", rich_markup_mode=None
)
Number = Annotated[int, typer.Argument(metavar="PLAN", help="The plan's number.")]
Why = Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason, kept in the ledger.")]


def _words(lang: Lang) -> Words:
    return words_in(lang or language_of_machine())


def _now() -> datetime:
    return moment_of(now_us(), UTC)


def _means() -> Means:
    start_server()
    from ashiato.web.containing import means_here

    return means_here()


@app.command(
    epilog="\b\nExamples:\n"
    "  ashiato contain plan address=203.0.113.7 --system shop --reach 1 --why 'ticket 7' --by aoi\n"
    "  ashiato contain plan network=203.0.113.0/24 --system shop --minutes 30 --why 'ticket 7' --by aoi"
)
def plan(  # noqa: PLR0913 - the verb's options
    targets: Annotated[
        list[str], typer.Argument(metavar="KIND=VALUE...", help="address, network, session ..., and which.")
    ],
    *,
    system: Annotated[str, typer.Option(metavar="NAME", help="The system of the data map they are of.")],
    why: Why,
    by: By,
    token_file: TokenFile = None,
    control: Annotated[str, typer.Option(metavar="NAME", help="By this control of server.yaml alone.")] = "",
    reach: Annotated[
        int | None, typer.Option(metavar="N", help="Honest people and routes each target touches, if known.")
    ] = None,
    minutes: Annotated[int | None, typer.Option(metavar="N", help="How long it holds.")] = None,
    lang: Lang = None,
) -> None:
    """Propose to stop somebody, and print exactly what applying it would change. Nothing is touched."""
    means = _means()
    from ashiato.outside.controls.targets import checked_target
    from ashiato.rooms.containing import api

    named = [each.partition("=") for each in targets]
    wishes = [api.Wish(checked_target(system, kind, value), reach, control) for kind, _, value in named]
    until = _now() + timedelta(minutes=minutes) if minutes else None
    made = api.propose(means, wishes, api.Cause(why, by=proven_staff(by, token_file), until=until))
    _tell(made, _words(lang))
    for step, told in api.dry_run(means, made):
        say(_words(lang).say("contain.step", control=clean(step.control), told=clean(told)))


@app.command(epilog="\b\nExample:\n  ashiato contain approve 12 --by emi")
def approve(number: Number, *, by: By, token_file: TokenFile = None, lang: Lang = None) -> None:
    """Approve a plan; above the reach that goes by itself two different persons have to."""
    _means()
    from ashiato.rooms.containing import api

    _tell(api.approve(api.get_plan(number), proven_staff(by, token_file), _now()), _words(lang))


@app.command(epilog="\b\nExample:\n  ashiato contain refuse 12 --why 'our own scan' --by emi")
def refuse(number: Number, *, why: Why, by: By, token_file: TokenFile = None, lang: Lang = None) -> None:
    """Refuse a plan for good."""
    _means()
    from ashiato.rooms.containing import api

    _tell(api.refuse(api.get_plan(number), proven_staff(by, token_file), why, _now()), _words(lang))


@app.command(epilog="\b\nExample:\n  ashiato contain apply 12 --by emi")
def apply(number: Number, *, by: By, token_file: TokenFile = None, lang: Lang = None) -> None:
    """Apply an approved plan, or one that needed a person once more, and try whether it holds."""
    means = _means()
    from ashiato.rooms.containing import api

    made = api.apply(means, api.get_plan(number), proven_staff(by, token_file))
    _tell_tried(made, _words(lang))


@app.command(epilog="\b\nExample:\n  ashiato contain verify 12")
def verify(number: Number, *, lang: Lang = None) -> None:
    """Try once more from the blocked side; ends with 1 where not every target is proven to be stopped."""
    means = _means()
    from ashiato.rooms.containing import api

    made = api.get_plan(number)
    is_proven = api.verify(means, made)
    _tell_tried(made, _words(lang))
    if not is_proven:
        raise typer.Exit(1)


@app.command(epilog="\b\nExample:\n  ashiato contain undo 12 --why 'an honest customer' --by emi")
def undo(number: Number, *, why: Why, by: By, token_file: TokenFile = None, lang: Lang = None) -> None:
    """Give back the state before, compared with what was kept of it."""
    means = _means()
    from ashiato.rooms.containing import api

    _tell_tried(api.undo(means, api.get_plan(number), proven_staff(by, token_file), why), _words(lang))


@app.command(epilog="\b\nExample:\n  ashiato contain status --all")
def status(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
    lang: Lang = None,
) -> None:
    """Say which plans wait or are in force, and whether all automatic action is stopped. Nothing is asked."""
    _means()
    from ashiato.rooms.containing import api

    words = _words(lang)
    _tell_halt(words)
    plans = list(api.list_plans(everything=everything))
    for each in plans:
        _tell(each, words)
        _tell_faults(each, words)
    if not plans:
        say(words.say("contain.none"))


@app.command(
    "stop-all",
    epilog="\b\nExamples:\n  ashiato contain stop-all --why 'it blocks customers' --by emi\n"
    "  ashiato contain stop-all --lift --why 'rule corrected' --by emi",
)
def stop_all(
    *,
    why: Why,
    by: By,
    token_file: TokenFile = None,
    lift: Annotated[bool, typer.Option("--lift", help="Let automatic action go on.")] = False,
    lang: Lang = None,
) -> None:
    """Stop all automatic action until somebody lifts it; what is in force stays until its end or undoing."""
    _means()
    from ashiato.rooms.containing import api

    (api.lift if lift else api.stop_all)(proven_staff(by, token_file), why, _now())
    words = _words(lang)
    _tell_halt(words)
    if lift:
        say(words.say("contain.lifted"))


@app.command(epilog="\b\nExample:\n  ashiato contain keep")
def keep(*, once: Annotated[bool, typer.Option("--once", help="One round, and end.")] = False) -> None:
    """Finish what was left half way, let go of what is over, put again what was lost; until stopped."""
    means = _means()
    from ashiato.web.containing import keep_once, keep_until
    from ashiato.web.signals import listening

    if once:
        keep_once(means)
        return
    with listening() as stopped:
        keep_until(means, stopped)


def _tell(made: Plan, words: Words) -> None:
    from ashiato.rooms.containing import api

    reach = words.say("contain.reach_unknown") if made.reach is None else f"{made.reach:,}"
    counts = ", ".join(f"{count:,} {stand}" for stand, count in api.counts_of(made).items())
    told = {"number": made.pk, "stand": made.stand, "until": made.until.isoformat(timespec="seconds")}
    say(words.say("contain.plan", **told, reach=reach, counts=counts))
    if made.stand == api.Stand.PROPOSED:
        left = made.approvals_needed - made.approvals.count()
        say(words.say("contain.needs", number=left, plan=made.pk))
    elif made.stand == api.Stand.APPROVED:
        say(words.say("contain.ready", plan=made.pk))
    elif made.stand == api.Stand.STUCK:
        say(words.say("contain.stuck", plan=made.pk))


def _tell_tried(made: Plan, words: Words) -> None:
    _tell(made, words)
    for step in made.steps.order_by("pk"):
        said = {"control": step.control, "kind": step.kind, "value": step.value, "tried": step.tried}
        told = {name: clean(text) for name, text in said.items()}
        say(words.say("contain.tried", stand=step.stand, **told))
    _tell_faults(made, words)
    from ashiato.rooms.containing import api

    if made.stand in {api.Stand.APPLIED, api.Stand.VERIFIED, api.Stand.FAILED}:
        is_proven = made.stand == api.Stand.VERIFIED
        say(words.say("contain.proven" if is_proven else "contain.not_proven"))


def _tell_faults(made: Plan, words: Words) -> None:
    for fault in made.steps.exclude(fault="").values_list("fault", flat=True).distinct().order_by("fault"):
        say(words.say("contain.fault", fault=clean(fault)))


def _tell_halt(words: Words) -> None:
    from ashiato.rooms.containing import api

    halt = api.find_halt()
    if halt is not None:
        since = halt.said_at.isoformat(timespec="seconds")
        say(words.say("contain.halted", since=since, name=clean(halt.said_by.name), why=clean(halt.why)))
