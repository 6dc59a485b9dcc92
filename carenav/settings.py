"""All settings of carenav, from the environment; docs/operations.md lists the variables.

Variables can also be set as KEY=VALUE in the git-ignored file ``.env`` (``make run`` writes the keys there). The
environment wins, and an empty value counts as not set. Values that must stop the server are refused here, while the
settings load, because a server such as gunicorn runs no system checks.
"""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.http.request import validate_host

from carenav.clinic import texts
from carenav.clinic.retention_periods import read_retention
from carenav.databases import database_at
from carenav.env import Environment
from carenav.headers import CONTENT_SECURITY_POLICY  # noqa: F401, django-csp reads it
from carenav.logs import LOGGING  # noqa: F401, Django reads it
from carenav.plumbing import cookies
from carenav.plumbing.i18n.names import introduce
from carenav.production import (
    derived_field_key,
    is_address,
    refuse_malformed_keys,
    refuse_misspelt,
    refuse_placeholders,
    refuse_unsafe,
)

BASE_DIR = Path(__file__).resolve().parent.parent


env = Environment.read(BASE_DIR / ".env")

# --- Keys and mode ------------------------------------------------------------------------------------------

PRODUCTION = env.flag("PRODUCTION")

# There is no debug mode: Django's debug page prints the request's body and local variables, that is, answers.
# Outside production `runserver` still reloads changed code and templates and serves static files (see Static files).
DEBUG = False

SECRET_KEY = env.text("SECRET_KEY")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is missing: `make run` writes a random one to .env, or set it in the environment"
    )

# Keys of contact details and free text, newest first: the first encrypts, all decrypt. See carenav/plumbing/crypto.py.
# Put a new key first, run manage.py rotate_keys, and only then remove the old key.
FIELD_KEYS = env.items("FIELD_KEYS")
# Keys removed from FIELD_KEYS after a rotation. They are needed to verify what cannot be signed or hashed again: older
# rows of the access log, and the codes with which patients delete their submissions.
RETIRED_FIELD_KEYS = env.items("RETIRED_FIELD_KEYS")
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS")
for host in ALLOWED_HOSTS:
    if not re.fullmatch(r"\*|\*?\.?[\w.-]+|\[[0-9a-fA-F:.]+\]", host):  # an IPv6 address has brackets
        raise ImproperlyConfigured(
            f"ALLOWED_HOSTS must name hosts, separated by commas, without https:// and port, not {host!r}"
        )

if PRODUCTION:
    refuse_unsafe(env, SECRET_KEY, FIELD_KEYS, ALLOWED_HOSTS)

ALLOWED_HOSTS = ALLOWED_HOSTS or [".localhost", "127.0.0.1", "[::1]"]
FIELD_KEYS = FIELD_KEYS or [derived_field_key(SECRET_KEY)]
# The key of backups, apart from those in the database, and for how many days a backup is kept.
BACKUP_KEY = env.text("BACKUP_KEY") or ("" if PRODUCTION else derived_field_key(f"backup {SECRET_KEY}"))
BACKUP_DIR, BACKUP_KEEP_DAYS = env.text("BACKUP_DIR"), env.count("BACKUP_KEEP_DAYS", 30, most=365)
refuse_malformed_keys(FIELD_KEYS, RETIRED_FIELD_KEYS, BACKUP_KEY)

# --- The clinic ---------------------------------------------------------------------------------------------

COUNTRY = env.choice("COUNTRY", ("us", "ca", "gb", "ie", "au", "nz", "eu", "other"), default="us")
# The first of the site's languages, and all of them with their own names. The app does not start if a text lacks one of
# them. See docs/languages.md.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
for code, own_name in LANGUAGES:
    introduce(code, own_name)
TIME_ZONE_IS_SET = bool(env.text("TIME_ZONE"))

# What holds until an administrator saves something else at the desk; code asks carenav/clinic/in_force.py. What is left
# out promises patients nothing, and an empty phone number is not shown.
CLINIC_TEXTS = {name: env.text(name) for name in texts.readers(code for code, _name in LANGUAGES[1:])}
CLINIC_NAME, CLINIC_HOURS = env.text("CLINIC_NAME"), env.text("CLINIC_HOURS")
CLINIC_RESPONSE_TIME = env.text("CLINIC_RESPONSE_TIME")
# Translations, such as CLINIC_HOURS_ES, keyed by language and then by name.
CLINIC_IN = {
    code: {name: env.text(texts.name_in(name, code)) for name in texts.IN_WORDS} for code, _name in LANGUAGES
}
# The sender's name in messages to patients. There is none by default: a clinic's name can reveal what it treats.
CLINIC_MESSAGE_NAME = env.text("CLINIC_MESSAGE_NAME")
CLINIC_PHONE = texts.read_phone(env)
CLINIC_OPEN = replace(texts.read_open(env), holidays=texts.read_holidays(env).holidays)
CLINIC_COLOR = texts.read_color(env)
# After how many minutes the desk marks an urgent case as late if nobody has acknowledged it.
URGENT_LATE_MINUTES = texts.read_late_minutes(env)
# How often and how soon staff must try to reach a person, keyed by tier; see carenav/clinic/contact_policy.py.
CONTACT_POLICY = {tier: texts.read_policy(env, tier) for tier in texts.TIERS}
# The settings that were saved last, for all processes on this machine. Not among the static files: they are public.
CLINIC_FILE = BASE_DIR / "state" / "clinic.json"
# Where "Leave this site" leads: a page that does not reveal that a person was here.
LEAVE_TO = env.https("LEAVE_TO", "https://www.wikipedia.org/")

# How long the desk keeps unsaved work. The default lasts from Friday evening over a long weekend.
UNSAVED_WORK_HOURS = env.count("UNSAVED_WORK_HOURS", 96, most=720)

# How long finished cases are kept, by outcome (carenav/clinic/retention_periods.py). A records officer should set it.
RETENTION = env.parsed("RETENTION", read_retention)

# --- Content ------------------------------------------------------------------------------------------------

QUESTIONNAIRE = BASE_DIR / "intake" / "questionnaires" / "2026.2.toml"
RULESET = BASE_DIR / "recommend" / "rulesets" / "2026.2.toml"

# --- Django -------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "recommend.desk.apps.DeskSiteConfig",  # django.contrib.admin with our site
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "crispy_forms",
    "csp",
    "django_otp",
    "carenav.plumbing.apps.PlumbingConfig",
    "carenav.clinic.apps.ClinicConfig",
    "intake.apps.IntakeConfig",
    "carenav.accounts.apps.AccountsConfig",
    "recommend.apps.RecommendConfig",
    "recommend.desk.apps.DeskConfig",
]

# The first times everything below. The next four are outermost else, so that they set headers on every response,
# including static files and errors.
MIDDLEWARE = [
    "carenav.metrics.CountRequests",
    "carenav.middleware.PrivacyHeaders",
    "carenav.middleware.ContentSecurityPolicy",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "carenav.middleware.RefuseControlCharacters",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "carenav.middleware.DatabaseTimeLimit",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "carenav.middleware.Language",
    "django.middleware.common.CommonMiddleware",  # sets Content-Length, so what rewrites a page comes below
    "carenav.middleware.MethodNotAllowedPage",
    "carenav.middleware.TooManyRequestsPage",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Middleware that ends a session or refuses a staff page must come below this one, so that it is recorded.
    "recommend.desk.audit.middleware.AccessLogMiddleware",
    "carenav.middleware.RefuseControlCharactersOfStaff",
    "django_otp.middleware.OTPMiddleware",
    "carenav.accounts.middleware.StaffSessions",
    "django.contrib.messages.middleware.MessageMiddleware",
]

ROOT_URLCONF = "carenav.urls"
WSGI_APPLICATION = "carenav.wsgi.application"
STAFF_PATH = "staff/"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "carenav.plumbing.template_loader.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                ),
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "carenav.clinic.context.site",
            ],
        },
    },
]
CRISPY_TEMPLATE_PACK = "forms"
CRISPY_ALLOWED_TEMPLATE_PACKS = ("forms",)
# If a form cannot be rendered, raise an error rather than show a page without its questions.
CRISPY_FAIL_SILENTLY = False

# --- E-mail to staff ----------------------------------------------------------------------------------------

# If EMAIL_HOST is not set, no e-mail is sent; manage.py send_notifications and the desk then say so. No e-mail says
# anything about health.
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_SECURITY = env.choice("EMAIL_SECURITY", ("starttls", "tls", "none"), default="starttls")
EMAIL_USE_TLS, EMAIL_USE_SSL = EMAIL_SECURITY == "starttls", EMAIL_SECURITY == "tls"
EMAIL_PORT = env.port("EMAIL_PORT", {"starttls": 587, "tls": 465, "none": 25}[EMAIL_SECURITY])
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = env.text("EMAIL_USER"), env.text("EMAIL_PASSWORD")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("MAIL_FROM")
SITE_URL = env.text("SITE_URL").rstrip("/")
if EMAIL_HOST and not (DEFAULT_FROM_EMAIL and SITE_URL):
    raise ImproperlyConfigured(
        "EMAIL_HOST is set: MAIL_FROM (from whom) and SITE_URL (the link) are needed too"
    )
if SITE_URL and not SITE_URL.startswith(("https://",) if PRODUCTION else ("https://", "http://")):
    raise ImproperlyConfigured(f"SITE_URL must begin with https://, not {SITE_URL!r}")
if DEFAULT_FROM_EMAIL and not is_address(DEFAULT_FROM_EMAIL):
    raise ImproperlyConfigured(f"MAIL_FROM must be an e-mail address, not {DEFAULT_FROM_EMAIL!r}")
if PRODUCTION and SITE_URL and not validate_host(urlsplit(SITE_URL).hostname or "", ALLOWED_HOSTS):
    raise ImproperlyConfigured(f"SITE_URL is {SITE_URL!r}, and its host is not in ALLOWED_HOSTS")
if PRODUCTION and EMAIL_SECURITY == "none" and EMAIL_HOST not in ("", "localhost", "127.0.0.1", "::1"):
    raise ImproperlyConfigured("EMAIL_SECURITY may be none only for a mail server on this machine")

# The address that gets a POST when a timer's job fails (manage.py alarm), such as a monitor that calls somebody.
ALARM_URL = env.https("ALARM_URL", "") if env.text("ALARM_URL") else ""
METRICS_TOKEN = env.token(
    "METRICS_TOKEN"
)  # who sends it can read /metrics; without it, there is no such page

LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
FORMAT_MODULE_PATH = ["carenav.plumbing.i18n.formats"]
TIME_ZONE = env.time_zone("TIME_ZONE", "UTC")
USE_TZ = True

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Database -----------------------------------------------------------------------------------------------

DATABASES = {
    "default": database_at(env.text("DATABASE_URL", f"sqlite:///{quote(str(BASE_DIR / 'db.sqlite3'))}"))
}

# --- Static files -------------------------------------------------------------------------------------------

# In production, files with hashed names are served from STATIC_ROOT; `manage.py collectstatic` must be run before, and
# carenav/wsgi.py checks that. Otherwise WhiteNoise serves the source files, so that nothing has to be collected.
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = not PRODUCTION
WHITENOISE_MAX_AGE = 3600 if PRODUCTION else 0
WHITENOISE_ALLOW_ALL_ORIGINS = False

# --- Security -----------------------------------------------------------------------------------------------

# A proxy terminates TLS; gunicorn trusts X-Forwarded-Proto only from the addresses in its --forwarded-allow-ips.
SECURE_SSL_REDIRECT = PRODUCTION
# A monitor on this machine asks the server itself, without the proxy that ends https.
SECURE_REDIRECT_EXEMPT = ["^(healthz|readyz|metrics)$"]
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if PRODUCTION else 0
# HSTS without subdomains and preload: the clinic's other sites under the same domain may not use https.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = (
    "same-origin"  # not no-referrer: browsers then send "Origin: null" and every form is refused
)
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# The __Host- prefix makes browsers refuse a cookie set by a sibling host or over http.
COOKIE_PREFIX = "__Host-" if PRODUCTION else ""
DRAFT_COOKIE_NAME = f"{COOKIE_PREFIX}draft"
HELD_COOKIE_NAME = f"{COOKIE_PREFIX}page"  # encrypted input of a page without a draft; see intake/held.py

SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}session"  # staff only: a patient has no session
SESSION_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
MESSAGE_STORAGE = (
    "django.contrib.messages.storage.session.SessionStorage"  # not in a cookie, as they can name a case
)

LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}language"

CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
CSRF_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = cookies.SAMESITE
CSRF_COOKIE_AGE = None  # ends with the browser session, so that no trace of the visit remains
CSRF_FAILURE_VIEW = "intake.csrf.csrf_failure"

# Recognizes browsers from which staff have signed in before; see carenav/accounts/devices.py.
DEVICE_COOKIE_NAME = f"{COOKIE_PREFIX}device"

LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
PASSWORD_HASHERS = ["carenav.accounts.hashers.NormalizingHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# The largest page sends a few kilobytes, the admin's bulk actions some hundred fields, and no page sends a file.
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 0

# These variables are read elsewhere, or only in production.
env.refuse_unknown("DEBUG", "PORT")
if PRODUCTION:
    refuse_misspelt(env.values, {*env.asked, "DEBUG", "PORT"})
    refuse_placeholders({name: env.text(name) for name in sorted(env.asked)})
