"""What templates say: the words of a voice, readings over characters, addresses within a voice."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString

from ashiato.public.addresses import address_of
from ashiato.public.built import built_scripts
from ashiato.public.voices import paragraphs, ruby

register = template.Library()
register.filter("ruby", ruby)
register.filter("paragraphs", paragraphs)
register.simple_tag(built_scripts)


@register.simple_tag(takes_context=True)
def say(context: dict[str, Any], key: str, **said: object) -> SafeString:
    """Return words of the pages, readings over their characters."""
    return ruby(context["voice"].say(key, **said))


@register.simple_tag(takes_context=True)
def plain(context: dict[str, Any], key: str, **said: object) -> str:
    """Return words for where no readings can stand, such as a title."""
    return str(context["voice"].plain(key, **said))


@register.filter
def within(text: dict[str, str], voice: Any) -> str:  # noqa: ANN401 - a voice, as templates pass it
    """Return a text of the statement in a voice."""
    return str(voice.of(text))


@register.simple_tag(takes_context=True)
def at(context: dict[str, Any], page: str) -> str:
    """Return the address of a page in the same voice."""
    return address_of(context["voice"], page)


@register.filter
def under(held: dict[str, object] | None, name: str) -> object:
    """Return what stands under a name, or nothing."""
    return (held or {}).get(name, "")
