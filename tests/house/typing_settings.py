"""Both sides' models under one settings module, for the type checker alone: it can read only one."""

from __future__ import annotations

from ashiato.public.configuration import PublicConfiguration
from ashiato.web.settings import *  # noqa: F403 - the console's settings, and the public pages' models beside
from ashiato.web.settings import ASHIATO_HOME, CONFIGURATION
from ashiato.web.settings import INSTALLED_APPS as _CONSOLE

PUBLIC: PublicConfiguration = PublicConfiguration(ASHIATO_HOME, (), "", 0, 1, CONFIGURATION, None)
INSTALLED_APPS = [*_CONSOLE, "ashiato.public"]
