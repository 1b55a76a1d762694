"""Django's settings, made from one operator's configuration; the only file that reads the surroundings.

Importing it writes nothing: the data folder and the secret are made when they are first needed.
"""

from __future__ import annotations

import os
import secrets
from datetime import timedelta
from pathlib import Path

from django.utils.functional import lazy

from ashiato.rooms.private_files import keep_private
from ashiato.web.addresses import site_of
from ashiato.web.configuration import USUAL_HOME, read_configuration
from ashiato.web.databases import database_of
from ashiato.web.policy import strict_policy

WEB = Path(__file__).resolve().parent
ASHIATO_HOME = Path(os.environ.get("ASHIATO_HOME") or USUAL_HOME).expanduser()  # noqa: TID251 - here alone
CONFIGURATION = read_configuration(ASHIATO_HOME)
SITE = site_of(CONFIGURATION)
DATABASES = {"default": database_of(CONFIGURATION)}


def _secret() -> str:
    return keep_private(ASHIATO_HOME / "secret", secrets.token_urlsafe(64).encode()).decode()


SECRET_KEY = lazy(_secret, str)()
DEBUG = False
ALLOWED_HOSTS = list(SITE.hosts)
ROOT_URLCONF = "ashiato.web.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGGING_CONFIG = None
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "ashiato.rooms.accounts",
    "ashiato.rooms.cases",
    "ashiato.rooms.watching",
    "ashiato.rooms.containing",
    "ashiato.rooms.ending",
    "ashiato.rooms.notifying",
    "ashiato.rooms.publishing",
    "ashiato.rooms.answering",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "ashiato.web.gates.KnownMethodsMiddleware",
    "ashiato.web.api.problems.ProblemMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "ashiato.web.lasting.LastingMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "ashiato.web.gates.SecondFactorMiddleware",
    "ashiato.web.gates.PrivateAnswersMiddleware",
    "ashiato.web.api.strictness.KnownQueryMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [WEB / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["ashiato.web.wording", "django.templatetags.i18n", "django.templatetags.l10n"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# What is said, and when.
USE_TZ = True
TIME_ZONE = CONFIGURATION.said.get("zone", "UTC")
USE_I18N = True
LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", "日本語"), ("en", "English")]
#: By https a browser takes a cookie so named from this host alone, for the whole of it, over https.
_FROM_HERE = "__Host-" if SITE.is_secure else ""
LANGUAGE_COOKIE_NAME = f"{_FROM_HERE}language"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = SITE.is_secure

# Files that the set-up built, under names that change with their content.
STATIC_URL = "/static/"
STATICFILES_DIRS = [WEB / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_IMMUTABLE_FILE_TEST = r"^.+-[0-9A-Z]{8}\..+$"

# Who comes in, and for how long.
AUTH_USER_MODEL = "accounts.Staff"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("name", "full_name", "email")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "ashiato.web.passwords.OwnWordsValidator"},
    {"NAME": "ashiato.web.passwords.LeakedPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = int(timedelta(days=2).total_seconds())
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "cases"
ACCOUNT_ADAPTER = "ashiato.web.adapters.StaffAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "name"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
MFA_ADAPTER = "ashiato.web.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Ashiato"
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SITE.is_secure
USERSESSIONS_TRACK_ACTIVITY = True
# Ended sooner: `lasting.py`.
SESSION_COOKIE_AGE = int(timedelta(hours=10).total_seconds())
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_FROM_HERE}session", f"{_FROM_HERE}csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SITE.is_secure
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [SITE.origin]
#: Counts of tries are kept beside the rest, so that several servers and a restart share them.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "counted_tries",
        # Past this, counts still running are dropped: many sources must not wipe out one account's.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
}

#: Requests of one token within a minute.
API_A_MINUTE = 300

# What a browser may do with our pages.
CONTENT_SECURITY_POLICY = {"DIRECTIVES": strict_policy()}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if SITE.is_secure else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SITE.is_secure
X_FRAME_OPTIONS = "DENY"
