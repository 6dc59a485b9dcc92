"""Refuse settings that would put people at risk on a real site, while the settings load."""

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from email.utils import getaddresses

from cryptography.fernet import Fernet
from django.conf import global_settings
from django.core.exceptions import ImproperlyConfigured

from carenav.clinic.texts import is_of_an_example
from carenav.env import Environment

OUR_PREFIXES = ("BACKUP_", "CLINIC_", "CONTACT_POLICY_", "EMAIL_", "FIELD_KEY")
ALIKE = 0.85
"""How alike two names must be, from 0 to 1, for one to be taken for a misspelling of the other."""


def refuse_placeholders(values: Mapping[str, str]) -> None:
    """Check that no variable has a value that was copied from an example.

    Args:
        values: the values, keyed by the names of the variables. The message shows the name alone, as it may be a key.

    Raises:
        ImproperlyConfigured: one has.
    """
    for name, value in values.items():
        if is_of_an_example(name, value):
            raise ImproperlyConfigured(f"{name} is still the value of an example: set your own")


def refuse_misspelt(names: Iterable[str], known: Iterable[str]) -> None:
    """Check that no variable of the environment looks like one of ours that nothing reads.

    Args:
        names: the names of all variables of the environment.
        known: the names of the variables that are read.

    Raises:
        ImproperlyConfigured: there is one.
    """
    known = {*known}
    for name in sorted({*names} - known):
        alike = get_close_matches(name.upper(), known, 1, ALIKE)
        if alike or name.startswith(OUR_PREFIXES) or (name.isupper() and hasattr(global_settings, name)):
            meant = f": did you mean {alike[0]}?" if alike else ": take it out"
            raise ImproperlyConfigured(f"no setting is called {name}{meant}")


def is_repeated(text: str) -> bool:
    """Return whether a text is one shorter text written several times."""
    return (text * 2).find(text, 1) < len(text)


def is_address(text: str) -> bool:
    """Return whether a text is one e-mail address, alone or as ``Name <address>``."""
    addresses = [address for _name, address in getaddresses([text])]
    return len(addresses) == 1 and bool(re.fullmatch(r"[^@\s]+@[\w-]+(\.[\w-]+)+", addresses[0]))


def derived_field_key(secret: str) -> str:
    """Return a Fernet key derived from the secret key, so that SECRET_KEY alone is enough outside production."""
    return base64.urlsafe_b64encode(hashlib.sha256(b"carenav field key:" + secret.encode()).digest()).decode()


def refuse_malformed_keys(field_keys: list[str], retired: list[str], backup_key: str) -> None:
    """Check that each key can be used, and that backups have one of their own.

    Raises:
        ImproperlyConfigured: one cannot, or the key of backups is also a key of the database. No key is shown.
    """
    for variable, keys in (("FIELD_KEYS", field_keys), ("RETIRED_FIELD_KEYS", retired)):
        for position, key in enumerate(keys, start=1):
            if not is_fernet_key(key):
                raise ImproperlyConfigured(
                    f"{variable}: key {position} is no Fernet key (32 random bytes in URL-safe base64)"
                )
    if backup_key and not is_fernet_key(backup_key):
        raise ImproperlyConfigured("BACKUP_KEY is no Fernet key (32 random bytes in URL-safe base64)")
    if backup_key in field_keys or backup_key in retired:
        raise ImproperlyConfigured("BACKUP_KEY is also in FIELD_KEYS: make a key of its own")


def is_fernet_key(text: str) -> bool:
    try:
        Fernet(text)
    except ValueError:
        return False
    return True


def refuse_unsafe(env: Environment, secret: str, field_keys: list[str], hosts: list[str]) -> None:
    """Check that no setting would put answers at risk in production.

    Raises:
        ImproperlyConfigured: one does; the message names the variable and what to do, but shows no key.
    """
    guessable = len(set(secret)) < 5 or is_repeated(secret)
    if len(secret) < 50 or guessable or secret.startswith("django-insecure-"):
        raise ImproperlyConfigured("SECRET_KEY is too weak for production: use 50 random characters or more")
    if env.flag("DEBUG"):
        raise ImproperlyConfigured("DEBUG is set, and carenav has no debug mode in production: leave it out")
    if not hosts:
        raise ImproperlyConfigured(
            "ALLOWED_HOSTS is missing: the host names of this site, separated by commas"
        )
    if any(host.startswith("*") for host in hosts):
        raise ImproperlyConfigured("ALLOWED_HOSTS must name this site's own hosts: * would accept any")
    if not field_keys:
        raise ImproperlyConfigured("FIELD_KEYS is missing: Fernet keys, newest first, separated by commas")
    if derived_field_key(secret) in field_keys:
        raise ImproperlyConfigured("FIELD_KEYS is derived from SECRET_KEY: make a key of its own")
    if not env.text("DATABASE_URL"):
        raise ImproperlyConfigured(
            "DATABASE_URL is missing: postgresql:///carenav, or sqlite:////path/to/file if you do want SQLite"
        )
