"""The attributes by which middleware, views and templates share state during a request."""

from typing import TypedDict, Unpack

from django.http import HttpRequest


class RequestState(TypedDict, total=False):
    """The attributes that carenav sets on a request.

    Attributes:
        carenav_place: the person's answer to the question ``place``, for the right crisis lines.
        carenav_draft: the browser's draft, an ``intake.models.Draft``.
        carenav_seconds_left: for how many seconds a shared device can still show the answers.
        carenav_taking: the browser's draft, if a member of staff fills it in.
        carenav_taking_over: whether the draft is filled in by staff whose session or role has ended: not shown.
        carenav_access: the verb and subject of this request for the access log of staff pages.
        staff_seconds_left: in how many seconds the staff session ends if it is not used.
    """

    carenav_place: str | None
    carenav_draft: object
    carenav_seconds_left: int
    carenav_taking: object
    carenav_taking_over: bool
    carenav_access: tuple[str, str]
    staff_seconds_left: int


def remember(request: HttpRequest, **state: Unpack[RequestState]) -> None:
    """Set attributes of a request. Read them with ``getattr`` and a default, as they may be missing."""
    vars(request).update(state)
