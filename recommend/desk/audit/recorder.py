"""What the access log says about a request, declared by the view that answers it.

A view calls ``record(request, Verb.READ, case.reference)``. The middleware stores the row after the view has run. A
view that declares nothing is stored as an opened page or a sent form.
"""

from django.http import HttpRequest

from carenav.plumbing.request_state import remember
from recommend.desk.audit import chain
from recommend.desk.models import AccessEvent, Export

Verb = AccessEvent.Verb


def record(request: HttpRequest, verb: str, what: str = "") -> None:
    """Declare what this request is about. Each request has one row: the last call wins.

    Args:
        request: of a staff page.
        verb: one of `Verb`.
        what: the reference of a case, the name of a page, an export. Never an answer, a name, a phone number
            or a search term.
    """
    remember(request, carenav_access=(Verb(verb), what))


def record_staff_event(
    sender: object, request: HttpRequest | None, verb: str, what: str, **kwargs: object
) -> None:
    """Record a sign-in event: receiver of the signal `staff_event`.

    Args:
        sender: of the signal.
        request: None for a management command; its event is stored at once.
        verb: as in :func:`record`.
        what: as in :func:`record`.
        **kwargs: the rest of the signal.
    """
    if request is None:
        chain.append(None, verb, what)
    else:
        record(request, verb, what)


def audit_keys(reference: str) -> list[str]:
    """Return each ``what`` that concerns a case: its reference, and every export that it was in."""
    return [reference, *map(str, Export.objects.filter(cases__reference=reference))]
