"""Refuse settings that would put people at risk on a real site, while the settings load."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from email.utils import getaddresses

from django.conf import global_settings
from django.core.exceptions import ImproperlyConfigured

PLACEHOLDER = re.compile(
    r"change[-_ ]?me|replace[-_ ]?me|placeholder|^your[ ._-]"
    r"|example clinic|(^|[.@/])example\.(com|net|org)\b",
    re.IGNORECASE,
)
INVENTED_PHONE = re.compile(r"55501[0-9]{2}$")
"""Numbers of North America that are kept free for films and examples, as in deploy/production.env."""

OUR_PREFIXES = ("CLINIC_", "CONTACT_POLICY_", "EMAIL_", "FIELD_KEY")
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
        invented = name == "CLINIC_PHONE" and INVENTED_PHONE.search(re.sub("[^0-9]", "", value))
        if invented or PLACEHOLDER.search(value):
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
