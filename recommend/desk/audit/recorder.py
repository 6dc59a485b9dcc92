"""Who looked at what: one row for each request to a staff page, in a chain that shows what was done to it.

A view says what the request is about, `record(request, Verb.READ, case.reference)`; the middleware writes the row after
the view has run, once, and sends the page only when the row is stored. A page that says nothing is recorded too.

Each row is signed with a key that is not in the database (FIELD_KEYS), over its own fields and the signature before it.
Whoever can write the table, but has no key, can neither change, remove, insert nor move a row unseen; that the last
rows are gone shows in the head, which holds their number and is signed as well; a row that follows signs no head anew
that somebody else has written.
"""

import ipaddress
import json
from collections.abc import Callable, Iterator
from datetime import UTC

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from carenav.plumbing.crypto import blind_index, blind_indexes
from carenav.plumbing.i18n import language
from carenav.plumbing.throttle.network import network_address
from recommend.desk.audit import append_only
from recommend.desk.models import AccessEvent, AuditHead, Export

Verb = AccessEvent.Verb

BATCH = 2000
"""So many rows are read at once when the chain is verified."""

UNRECORDED = {"admin:jsi18n", "accounts:time_left"}
"""What scripts ask for by themselves: words of the admin, and how long a session lasts. Nothing about anybody."""

SIGN_IN_EVENTS = {Verb.SIGN_IN, Verb.SIGN_OUT, Verb.SIGN_IN_FAILED, Verb.SIGN_IN_SLOWED, Verb.STEP_UP_FAILED}
"""These say more than that somebody was refused, and count wherever the browser is sent then."""


class NotRecorded(OperationalError):
    """The row could not be written, so the page must not be shown: 503, as for a database that is gone."""


# ---- what a request is about


def record(request: HttpRequest, verb: str, what: str = "") -> None:
    """Say what this request is about. There is one row for a request: the last word counts.

    Args:
        verb: one of `Verb`.
        what: the reference of a case, the name of a page, an export. Never an answer, a name, a phone number
            or what was searched for.
    """
    request.carenav_access = Verb(verb), what  # type: ignore[attr-defined]


class AccessLogMiddleware:
    """Middleware: a staff page is shown only when who asked for it is stored."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not language.is_staff_page(request):
            return self.get_response(request)
        before = request.user.pk  # signing out forgets it
        response = self.get_response(request)
        event = event_of(request, response, signed_in=before is not None)
        if event is not None:
            try:
                write(request.user.pk or before, *event, address=address_of(request))
            except Exception as error:
                response.close()
                raise NotRecorded from error
        return response


def audit_keys(reference: str) -> list[str]:
    """As what the log speaks of a case: its reference, and each export that it was in."""
    return [reference, *map(str, Export.objects.filter(cases__reference=reference))]


def event_of(request: HttpRequest, response: HttpResponseBase, signed_in: bool) -> tuple[Verb, str] | None:
    """Verb and what of this request; nothing for a page that says nothing about anybody."""
    verb, what = getattr(request, "carenav_access", (None, page_of(request)))
    if verb in SIGN_IN_EVENTS:
        return verb, what
    if was_refused(response):
        return Verb.REFUSED, what
    if verb is not None:
        return verb, what
    if page_of(request) in UNRECORDED or not signed_in:
        return None
    return Verb.CHANGE if request.method == "POST" else Verb.PAGE, what


def was_refused(response: HttpResponseBase) -> bool:
    """Whether the page was kept from whoever asked: by status, or by sending them to sign in."""
    to_sign_in = response.headers.get("Location", "").startswith(reverse("admin:login"))
    return to_sign_in or response.status_code in (400, 401, 403, 404, 405, 429)


def page_of(request: HttpRequest) -> str:
    """The name of a page, with the number of what it shows; never the address as it was typed."""
    match = request.resolver_match
    if match is None:
        return ""
    id = str(match.kwargs.get("object_id", ""))
    return f"{match.view_name} {id}" if id.isdecimal() and len(id) < 20 else match.view_name


def address_of(request: HttpRequest) -> str:
    try:
        return str(ipaddress.ip_address(network_address(request)))
    except ValueError:
        return ""


def record_staff_event(
    sender: object, request: HttpRequest | None, verb: str, what: str, **kwargs: object
) -> None:
    """What happened at the door; what a command did belongs to no request and is written at once."""
    if request is None:
        write(None, verb, what)
    else:
        record(request, verb, what)


# ---- the chain

EMPTY = {"count": 0, "hash": ""}
"""The head of a chain without rows."""


@transaction.atomic
def write(who: int | None, verb: str, what: str = "", address: str = "") -> AccessEvent:
    """Add a row at the end of the chain. Writers wait for each other: on SQLite at BEGIN, on PostgreSQL at the head."""
    head = AuditHead.objects.select_for_update().get()
    whole = is_signed(head)
    event = AccessEvent(
        number=head.count + 1, at=timezone.now(), who_id=who, verb=Verb(verb), what=what, address=address
    )
    event.hash = blind_index("audit", signed_text(event, head.hash))
    event.save(force_insert=True)
    head.count, head.hash = event.number, event.hash
    if whole:  # a head that somebody without the key has written stays without a seal, and is told for good
        head.seal = signature_of(head.count, head.hash)
    head.save()
    return event


def is_signed(head: AuditHead) -> bool:
    """Whether the head was written by somebody with a key that is in use: one that was taken away may be stolen."""
    return head.seal in blind_indexes("audit head", _head_text(head.count, head.hash))


@transaction.atomic
def resign_head() -> None:
    """Under the first key, so that the others can be taken away."""
    head = AuditHead.objects.select_for_update().get()
    seal = signature_of(head.count, head.hash)
    if is_signed(head) and head.seal != seal:
        head.seal = seal
        head.save()


def signature_of(count: int, hash: str) -> str:
    """What proves that the head was written by somebody with the key."""
    return blind_index("audit head", _head_text(count, hash))


def signed_text(event: AccessEvent, previous: str) -> str:
    at = event.at.astimezone(UTC).isoformat(timespec="microseconds")
    return json.dumps([previous, event.number, at, event.who_id, event.verb, event.what, event.address])


def _head_text(count: int, hash: str) -> str:
    return f"{count}:{hash}"


# ---- verifying


class Verification:
    """A walk along the whole chain; memory stays flat whatever its length.

    Attributes:
        checked: rows looked at so far.
        last: the hash of the last of them.
    """

    def __init__(self) -> None:
        self.checked = 0
        self.last = ""
        self._number = 0
        self._keys_left = len(settings.FIELD_KEYS) + len(settings.RETIRED_FIELD_KEYS)

    def faults(self, progress: Callable[[int], None] = lambda checked: None) -> Iterator[str]:
        """What is wrong, row by row; nothing where the chain is whole.

        Args:
            progress: is told after each row how many were checked.
        """
        if not append_only.in_place(connection):
            yield "the trigger that refuses changes is gone or off"
        head = AuditHead.objects.first()  # before the rows: those that come meanwhile are more, never fewer
        if head is None:
            yield "the head is missing"
        elif not is_signed(head):
            yield "the head was changed"
        at_head = ""
        for event in self._events():
            yield from self._faults_of(event)
            progress(self.checked)
            if head and event.number == head.count:
                at_head = event.hash
        if head and self._number < head.count:
            yield f"{_rows(self._number + 1, head.count)} missing at the end"
        elif head and at_head != head.hash:
            yield f"row {head.count} is not the one that the head names"

    def _events(self) -> Iterator[AccessEvent]:
        rows = AccessEvent.objects.order_by("number")
        batch = list(rows[:BATCH])
        while batch:
            yield from batch
            batch = list(rows.filter(number__gt=batch[-1].number)[:BATCH])

    def _faults_of(self, event: AccessEvent) -> Iterator[str]:
        if event.number < 1:
            yield f"row {event.number} was inserted"
            return
        follows = event.number == self._number + 1
        if not follows:
            yield f"{_rows(self._number + 1, event.number - 1)} missing"
        text = signed_text(event, self.last)
        signatures = blind_indexes("audit", text, settings.RETIRED_FIELD_KEYS)[: self._keys_left]
        if event.hash in signatures:
            # Newest first. A key that was taken away never signs again: whoever finds one cannot write new rows.
            self._keys_left = signatures.index(event.hash) + 1
        elif follows:
            yield f"row {event.number} was changed, inserted or moved, or its key is not in RETIRED_FIELD_KEYS"
        self._number, self.last = event.number, event.hash
        self.checked += 1


def _rows(first: int, last: int) -> str:
    return f"row {first} is" if first == last else f"rows {first} to {last} are"
