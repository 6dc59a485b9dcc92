"""State that middleware, views and templates share during a request."""

from typing import TypedDict, Unpack

from django.http import HttpRequest


class RequestState(TypedDict, total=False):
    """The attributes that carenav sets on a request.

    Attributes:
        carenav_place: the place the person named, for the right crisis lines.
        carenav_draft: the caller's draft, a `Draft` of intake.
        carenav_seconds_left: how long a shared device still shows the answers.
        carenav_taking: the caller's draft, if a member of staff fills it in with somebody.
        carenav_taking_over: whether it is such a draft and the staff session is over, so that nothing of it is shown.
        carenav_access: verb and subject for the access log of staff pages.
        staff_seconds_left: how long the staff session still lasts without use.
    """

    carenav_place: str | None
    carenav_draft: object
    carenav_seconds_left: int
    carenav_taking: object
    carenav_taking_over: bool
    carenav_access: tuple[str, str]
    staff_seconds_left: int


def remember(request: HttpRequest, **state: Unpack[RequestState]) -> None:
    """Set attributes of this request; read them with `getattr` and a default."""
    vars(request).update(state)
