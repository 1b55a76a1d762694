"""What the console says of itself, one YAML file per language; those of facts are in ``exports.words``."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import yaml

from ashiato.exports.words import Language, Words


@cache
def console_words(language: Language) -> Words:
    """Load one language's words."""
    text = files(__name__).joinpath(f"{language}.yaml").read_text(encoding="utf-8")
    return Words(language, yaml.safe_load(text))
