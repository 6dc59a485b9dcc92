"""The settings of a test run: those of the project, whatever the developer's shell and `.env` say.

Only DATABASE_URL comes through: the same tests run on SQLite and on PostgreSQL.
"""

import os
import tempfile
from pathlib import Path

for name in (
    "PRODUCTION",
    "DEBUG",
    "ALLOWED_HOSTS",
    "FIELD_KEYS",
    "RETIRED_FIELD_KEYS",
    "BACKUP_KEY",
    "BACKUP_DIR",
    "BACKUP_KEEP_DAYS",
    "TIME_ZONE",
    "COUNTRY",
    "CLINIC_NAME",
    "CLINIC_PHONE",
    "CLINIC_HOURS",
    "CLINIC_OPEN",
    "CLINIC_HOLIDAYS",
    "CLINIC_RESPONSE_TIME",
    "CLINIC_COLOR",
    "LEAVE_TO",
    "URGENT_LATE_MINUTES",
    "CONTACT_POLICY_NOW",
    "CONTACT_POLICY_TODAY",
    "CONTACT_POLICY_SOON",
    "CONTACT_POLICY_ROUTINE",
    "RETENTION",
    "EMAIL_HOST",
    "EMAIL_SECURITY",
    "EMAIL_PORT",
    "EMAIL_USER",
    "EMAIL_PASSWORD",
    "MAIL_FROM",
    "SITE_URL",
    "ALARM_URL",
    "METRICS_TOKEN",
):
    os.environ[name] = ""  # set and empty: the default holds, and .env is not asked
os.environ["SECRET_KEY"] = "a key that every test run knows and no other run may have"
os.environ.setdefault("DATABASE_URL", "")  # SQLite, in memory

from carenav.settings import *  # noqa: E402, F403

# Not what a developer saved at their own desk.
CLINIC_FILE = Path(tempfile.gettempdir()) / f"carenav-{os.getpid()}" / "clinic.json"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # staff sign in often in tests
