"""Let a view declare what the access log says about its request.

A view calls, for example, ``record(request, Verb.READ, case.reference)``. The middleware stores the event after the
view has run. Without such a call, the request is stored as an opened page or a sent form.
"""

from django.http import HttpRequest

from carenav.plumbing.request_state import remember
from recommend.desk.audit import chain
from recommend.desk.models import AccessEvent, Export

Verb = AccessEvent.Verb


def record(request: HttpRequest, verb: str, what: str = "") -> None:
    """Declare what the access log says about this request. There is one row for each request: the last call wins.

    Args:
        request: the request to a staff page.
        verb: one of ``Verb``.
        what: the reference of a case, the name of a page, or ``str()`` of an export. Never an answer, a name, a phone
            number or a search term.
    """
    remember(request, carenav_access=(Verb(verb), what))


def record_staff_event(
    sender: object, request: HttpRequest | None, verb: str, what: str, **kwargs: object
) -> None:
    """Record a sign-in event. Receives the signal ``staff_event``.

    Args:
        sender: the sender of the signal.
        request: the request; None for a management command, whose event is stored at once.
        verb: as for :func:`record`.
        what: as for :func:`record`.
        **kwargs: the other arguments of the signal.
    """
    if request is None:
        chain.append(None, verb, what)
    else:
        record(request, verb, what)


def audit_keys(reference: str) -> list[str]:
    """Return each ``what`` under which the log has events about a case: its reference, and every export of it."""
    return [reference, *map(str, Export.objects.filter(cases__reference=reference))]
