"""Views to sign in with a passkey, and for signed-in staff to add and remove their passkeys."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from carenav.accounts import passkeys as keys
from carenav.accounts.devices import is_known, remember_device
from carenav.accounts.models import Passkey
from carenav.accounts.reauthentication import require_recent_code
from carenav.accounts.signals import Verb, record_event
from carenav.plumbing.throttle.buckets import admit
from carenav.plumbing.throttle.rates import PASSKEY

BACKEND = "django.contrib.auth.backends.ModelBackend"
NAME_LENGTH = 64


@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in the user whose passkey signed the challenge of the sign-in page; respond with 403 if none did.

    A browser from which anybody has signed in before is not limited, so that others at its address cannot block it.

    Raises:
        TooMany: too many attempts from this address, or in total.
    """
    if not is_known(request):
        admit(PASSKEY, request)
    passkey = keys.accepted(request, request.POST.get("credential", ""), request.POST.get("challenge", ""))
    if passkey is None:
        record_event(request, Verb.SIGN_IN_FAILED)
        context = admin.site.each_context(request) | {
            "title": _("That did not work"),
            "sign_in": reverse("admin:login"),
        }
        return TemplateResponse(request, "staff/passkey_failed.html", context, status=403)
    user: Any = passkey.user
    vars(user)["otp_device"] = passkey  # so that the session is verified from the start
    login(request, user, backend=BACKEND)
    response = redirect(next_page(request))
    remember_device(request, response, user.get_username())
    return response


def next_page(request: HttpRequest) -> str:
    """Return the URL in the POST data (``next``) if it is one of this site, else that of the desk."""
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return resolve_url("admin:index")


@require_http_methods(["GET", "HEAD", "POST"])
def passkeys(request: HttpRequest) -> HttpResponse:
    """Show the passkeys of the signed-in user; a POST prepares, adds or removes one (see :func:`change`)."""
    return change(request) if request.method == "POST" else page(request)


@require_recent_code
def change(request: HttpRequest) -> HttpResponse:
    """Remove a passkey, or add one that the browser has made, and redirect. Needs a recent code.

    A POST with neither shows the page with the options from which the browser can make a passkey.
    """
    if pk := request.POST.get("remove", ""):
        own = Passkey.objects.filter(user=request.user.pk, pk=int(pk) if pk.isdecimal() else 0)
        if own.delete()[0]:
            record_event(request, Verb.PASSKEY_REMOVED, request.user)
    elif credential := request.POST.get("credential", ""):
        name = request.POST.get("name", "").strip()[:NAME_LENGTH] or str(_("Passkey"))
        if keys.add(request, credential, name) is None:
            return page(request, failed=True)
        record_event(request, Verb.PASSKEY_ADDED, request.user)
    else:
        return page(request, options=keys.options_to_add(request))
    return redirect("admin:passkeys")


def page(request: HttpRequest, options: str = "", failed: bool = False) -> HttpResponse:
    context = admin.site.each_context(request) | {
        "title": _("Your passkeys"),
        "passkeys": Passkey.objects.filter(user=request.user.pk).order_by("added_at"),
        "options": options,
        "failed": failed,
        "name_length": NAME_LENGTH,
    }
    return TemplateResponse(request, "staff/passkeys.html", context)
