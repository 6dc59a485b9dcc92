"""Ask staff for a new code before sensitive actions, so that a signed-in session alone is not enough."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django_otp import login

from carenav.accounts import second_factor, sessions, throttling
from carenav.accounts.current import is_verified
from carenav.accounts.signals import Verb, record_event

CODE, WAS = "step_up_code", "step_up_was"
OWN_FIELDS = {CODE, WAS, "csrfmiddlewaretoken"}


def require_recent_code(view: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a view, admin action or method of signed-in staff: ask for a code if the last is over 5 minutes old.

    The page that asks carries the posted fields as hidden fields, and posts them again together with the code.

    Raises:
        PermissionDenied: nobody is signed in with a second factor.
    """

    @wraps(view)
    def asking(*args: Any, **kwargs: Any) -> Any:
        request = next(each for each in (*args, *kwargs.values()) if isinstance(each, HttpRequest))
        return step_up(request) or view(*args, **kwargs)

    return asking


def step_up(request: HttpRequest, hold: bool = True) -> HttpResponse | None:
    """Return the page that asks for a code; None if the view may run, because the last code is recent enough.

    After a code for a GET request, it is a redirect to the same URL.

    Args:
        request: the request of a staff page.
        hold: whether the page that asks carries the posted fields. False for forms with passwords: the form is then
            shown again, empty.

    Raises:
        PermissionDenied: nobody is signed in with a second factor.
    """
    if not (request.user.is_authenticated and is_verified(request)):
        raise PermissionDenied
    given, was = request.POST.get(CODE), request.POST.get(WAS)
    if given is not None:
        remove_code_fields(request)
        if not (sessions.code_is_fresh(request) or accept(request, given)):
            return ask(request, was or "POST", wrong=True)
        return redirect(request.get_full_path()) if was == "GET" else None
    if sessions.code_is_fresh(request):
        return None
    return ask(request, "POST" if hold and request.method == "POST" else "GET")


def accept(request: HttpRequest, code: str) -> bool:
    budgets = throttling.budgets_for_step_up(request.user.pk)
    device = second_factor.accepted_device(request.user, code, budgets)
    record_event(request, Verb.STEP_UP if device else Verb.STEP_UP_FAILED, request.user)
    if device:
        login(request, device)
        sessions.code_given(request)
    return device is not None


def remove_code_fields(request: HttpRequest) -> None:
    """Remove the fields of the page that asks for a code from ``request.POST``, so that the view does not see them."""
    posted = request.POST.copy()
    for name in OWN_FIELDS & set(posted):
        del posted[name]
    request.POST = posted  # type: ignore[assignment]  # stubs: immutable only


def ask(request: HttpRequest, was: str, wrong: bool = False) -> HttpResponse:
    """Render the page that asks for a code.

    Args:
        request: the request.
        was: "POST" to carry the posted fields as hidden fields; "GET" to return to the page with a GET.
        wrong: whether a wrong code was given.
    """
    posted = request.POST.lists() if was == "POST" else []
    held = [(name, value) for name, values in posted if name not in OWN_FIELDS for value in values]
    context = admin.site.each_context(request) | {
        "title": _("Enter a new code"),
        "held": held,
        "code": CODE,
        "was_name": WAS,
        "was": "POST" if was == "POST" else "GET",
        "wrong": wrong,
    }
    return TemplateResponse(request, "staff/step_up.html", context)
