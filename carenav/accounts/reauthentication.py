"""Ask for a fresh code before sensitive actions: an unattended screen or a stolen session is not enough."""

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
    """Let the view, admin action or method run only within 5 minutes of a code; ask for one otherwise.

    What was posted waits on the page that asks, and goes on with the code. The view must be one for signed-in staff.
    """

    @wraps(view)
    def asking(*args: Any, **kwargs: Any) -> Any:
        request = next(each for each in (*args, *kwargs.values()) if isinstance(each, HttpRequest))
        return step_up(request) or view(*args, **kwargs)

    return asking


def step_up(request: HttpRequest, hold: bool = True) -> HttpResponse | None:
    """Return the page that asks for a code, or None where the code is fresh.

    Args:
        request: the request of a staff page
        hold: what was posted waits on that page. Not so for passwords: their form comes again, empty.

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
    """Remove the code and the other fields of this page from ``request.POST``, so that the view sees only its own."""
    posted = request.POST.copy()
    for name in OWN_FIELDS & set(posted):
        del posted[name]
    request.POST = posted  # type: ignore[assignment]  # stubs: immutable only


def ask(request: HttpRequest, was: str, wrong: bool = False) -> HttpResponse:
    """Render the page that asks for the code, with everything that was posted as hidden fields."""
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
