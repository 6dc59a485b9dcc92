"""Responses to a throttled request."""

from django.http import HttpResponse
from django.utils.translation import ngettext


def wait_in_words(seconds: int) -> str:
    """Return "40 seconds" or "2 minutes", in the language of the page. Minutes are rounded up."""
    if seconds < 60:
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    minutes = -(-seconds // 60)
    return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}


def throttled(response: HttpResponse, seconds: int) -> HttpResponse:
    """Tell programs, in the Retry-After header, how long to wait."""
    response["Retry-After"] = str(seconds)
    return response
