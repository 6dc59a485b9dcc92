"""Responses to throttled requests."""

from django.http import HttpResponse
from django.utils.translation import ngettext


def wait_in_words(seconds: int) -> str:
    """Return a time in words in the active language, such as "40 seconds" or "2 minutes", rounded up to minutes."""
    if seconds < 60:
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    minutes = -(-seconds // 60)
    return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}


def throttled(response: HttpResponse, seconds: int) -> HttpResponse:
    """Set the Retry-After header of a response to so many seconds, and return it."""
    response["Retry-After"] = str(seconds)
    return response
