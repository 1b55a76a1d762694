"""Whether a template may be sent from: nothing required is missing, nothing in it is unsafe or overclaims."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ashiato.exports.words import Language
from ashiato.letters.notices.claims import Claim, claims_beyond
from ashiato.letters.notices.matter import Channel
from ashiato.letters.notices.readings import bare
from ashiato.letters.notices.template import GRADE_OF_LIST, LISTS, PLACEHOLDER, Paragraph, Template
from ashiato.letters.notices.unsafe import unsafe_in
from ashiato.terms.categories import Category
from ashiato.written.problems import Problem, shown

#: Names that must stand in every message of a channel, whoever reads it.
_LONG = frozenset({"sender", "outline", "cause", "misuse", "code", "phone", "hours", "site"})
REQUIRED: Mapping[Channel, frozenset[str]] = {
    Channel.LETTER: _LONG - {"code"},  # It stands in a frame of its own on every letter.
    Channel.EMAIL: _LONG,
    Channel.CALL: _LONG - {"cause", "misuse", "hours"},
    Channel.SMS: frozenset({"sender", "code", "phone", "site"}),
}
#: Kinds of data whose loss asks something of a person: a long message has advice for each.
ADVISED = (
    Category.CONTACT,
    Category.BANK_ACCOUNT,
    Category.CARD,
    Category.CREDENTIAL,
    Category.GOVERNMENT_NUMBER,
)
_LONGEST = 1_200


def check_template(
    template: Template, channel: Channel, languages: tuple[Language, ...]
) -> Iterator[Problem]:
    """Yield whatever is wrong with a template, each with its file and line."""
    for language in languages:
        for paragraph in template.paragraphs():
            yield from _paragraph_problems(paragraph, language)
        yield from _missing(template, channel, language)


def check_small_texts(texts: Iterable[Paragraph]) -> Iterator[Problem]:
    """Yield whatever is wrong with texts that stand in no template."""
    for text in texts:
        for language in Language:
            yield from _paragraph_problems(text, language)


def _paragraph_problems(paragraph: Paragraph, language: Language) -> Iterator[Problem]:
    text = bare(paragraph.text.within(language))
    if not text.strip():
        yield _problem(paragraph, language, f"there is no text in `{language}`.", f"write `{language}: …`.")
    if len(text) > _LONGEST:
        yield _problem(paragraph, language, f"{len(text):,} characters.", f"write at most {_LONGEST:,}.")
    plain = PLACEHOLDER.sub("", text)
    for what in unsafe_in(plain):
        yield _problem(
            paragraph, language, f"{what} ({language}).", "say it without; see the guide on letters."
        )
    if beyond := claims_beyond(plain, language, most_of(paragraph)):
        fix = "put it under the list or `when: grade …` it belongs to, or say how far it is in doubt."
        yield _problem(paragraph, language, f"it claims too much: `{shown(beyond)}` ({language}).", fix)


def most_of(paragraph: Paragraph) -> Claim:
    """Return the most a paragraph may claim: its list's grade, or its condition's, else *possible*."""
    if paragraph.listed == "cleared":
        return Claim.ABSENCE
    for word, grade in GRADE_OF_LIST.items():
        if paragraph.listed == word or f"grade {word}" in paragraph.when:
            return Claim(grade)
    return Claim.POSSIBLE


def _missing(template: Template, channel: Channel, language: Language) -> Iterator[Problem]:
    always = [each for each in template.paragraphs() if not each.when and not each.listed]
    held = frozenset().union(*(each.names(language) for each in always))
    for name in sorted(REQUIRED[channel] - held):
        fix = f"add a paragraph without `when` that holds {{{name}}}."
        yield _problem(template.subject, language, f"`{{{name}}}` is missing ({language}).", fix)
    if channel is not Channel.SMS:
        yield from _missing_parts(template, language)


def _missing_parts(template: Template, language: Language) -> Iterator[Problem]:
    lists = {each.listed for each in template.paragraphs() if not each.when}
    for word in LISTS[:3]:
        if word not in lists:
            fix = f"add a paragraph with `list: {word}`."
            yield _problem(template.subject, language, f"the {word} fields are told nowhere.", fix)
    tied = {word for each in template.paragraphs() for word in each.when}
    for category in ADVISED:
        if f"kind {category.value}" not in tied:
            what = f"nothing is said to people whose {category.value} was reached."
            yield _problem(
                template.subject, language, what, f"add a paragraph with `when: kind {category.value}`."
            )


def _problem(paragraph: Paragraph, language: Language, what: str, fix: str) -> Problem:
    return Problem(paragraph.file, paragraph.line(language), ".".join(map(str, paragraph.spot)), what, fix)
