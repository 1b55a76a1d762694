"""The rules of law as a page: each with its clock, recipient and source, and what is not relied on."""

from __future__ import annotations

from ashiato.law.api import Clock, Kind, Place, Rule, load_rulebook, load_vocabulary

_ABOUT = """# Duties and clocks: the rules

Every rule of `ashiato duties`, from `src/ashiato/law/rules/`. Grade of a source: **P** the text itself was
read, **Q** a note that quotes it, **S** secondary, *unverified*: kept here so that it is not forgotten, and
never relied on. This is no legal advice; a lawyer confirms a rule before it is used. How facts are written
down is in [the guide](../guides/duties.md).
"""


def render_duties() -> str:
    """Render all places and all facts."""
    places = load_rulebook().places.values()
    return "\n".join([_ABOUT, *(_place(place) for place in places), _facts()])


def _place(place: Place) -> str:
    head = [
        f"## {place.title.en} · {place.title.ja}\n",
        f"`{place.file}`, zone {place.zone.key}.\n",
        "| rule | kind | clock | to | source | relied on |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join([*head, *(_row(rule) for rule in place.rules), "", *map(_rule, place.rules)])


def _row(rule: Rule) -> str:
    to = " / ".join(recipient.title.en for recipient in rule.recipients)
    relied = "yes" if rule.enabled else f"no: {rule.disabled.en if rule.disabled else ''}"
    source = f"{rule.source.title}, {rule.source.section} ({rule.source.grade}, {rule.source.checked_on})"
    return (
        f"| `{rule.id}` v{rule.version} | {rule.kind} | {_clock(rule.clock)} | {to} | {source} | {relied} |"
    )


def _clock(clock: Clock | None) -> str:
    if clock is None:
        return ""
    if clock.length is None:
        return f"{clock.unit}, from {clock.start}"
    span = f"{clock.least}-{clock.length}" if clock.least else str(clock.length)
    others = "".join(f" or {variant.length}" for variant in clock.variants)
    days = f", day 1: {clock.day_one}, last day: {clock.roll_over}" if clock.unit != "hours" else ""
    return f"{span}{others} {clock.unit}, from {clock.start}{days}"


def _rule(rule: Rule) -> str:
    lines = [
        f"### `{rule.id}`\n",
        f"**{rule.title.en}** · {rule.title.ja}\n",
        f"{rule.says.en}\n",
        f"{rule.says.ja}\n",
    ]
    lines += [f"- Basis: {'; '.join(rule.basis)}"]
    if rule.knowing.first:
        lines.append(f"- For what became known from {rule.knowing.first} on.")
    lines += [
        f"- Falls away if shown{'' if exemption.enabled else ' (not relied on)'}: "
        f"{exemption.title.en} · {exemption.title.ja}"
        for exemption in rule.exemptions
    ]
    lines += [f"- Instead: {text.en} · {text.ja}" for text in rule.substitute]
    if rule.content and rule.kind is not Kind.SITUATION:
        items = (f"{item.number} {item.title.en} · {item.title.ja}" for item in rule.content)
        lines.append(f"- Holds: {'; '.join(items)}")
    lines += [f"- Note (`{remark.code}`): {remark.text.en} · {remark.text.ja}" for remark in rule.remarks]
    return "\n".join([*lines, ""])


def _facts() -> str:
    vocabulary = load_vocabulary()
    rows = [
        f"| `{fact.name}` | {fact.kind}{f' ({fact.unit})' if fact.unit else ''} | {', '.join(fact.words)} "
        f"| {fact.title.en} | {fact.title.ja} |"
        for fact in vocabulary.facts.values()
    ]
    head = ["## Facts\n", "| fact | kind | words | English | 日本語 |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows, ""])
