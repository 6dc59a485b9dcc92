"""The page on which a program writes its openings, opened by a link that staff made.

A GET changes nothing, because mail scanners open links. The page shows nothing about any person.
"""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from carenav.plumbing.codes import random_letters
from carenav.plumbing.crypto import blind_index, blind_indexes
from carenav.plumbing.throttle.buckets import admit
from carenav.plumbing.throttle.rates import OPENINGS
from intake import held
from intake.held import Held
from recommend.desk.audit import chain
from recommend.desk.audit.middleware import address_of
from recommend.desk.audit.recorder import Verb
from recommend.desk.models import OpeningsLink
from recommend.programs import openings
from recommend.programs.models import Program
from recommend.programs.openings_form import OpeningsForm

PAGE = "openings"
"""The name of the page, for the cookie with what was typed."""

TOKEN_LENGTH = 32
MOST_KEPT = 20


def make_link(program: Program, by: int) -> str:
    """Store a new link of a program, and return its token, which is stored nowhere else.

    Args:
        program: the program.
        by: the id of the staff user.
    """
    token = random_letters(TOKEN_LENGTH)
    OpeningsLink.objects.create(program=program, by_id=by, token_hash=blind_index(PAGE, token))
    return token


def link_of(token: str) -> OpeningsLink | None:
    """Return the link with this token; None if there is none, it has expired, or it was revoked."""
    hashes = blind_indexes(PAGE, token)
    return OpeningsLink.objects.alive().filter(token_hash__in=hashes).select_related("program").first()


@require_http_methods(["GET", "HEAD", "POST"])
def update(request: HttpRequest, token: str) -> HttpResponse:
    """Show the form with the openings of the program; a POST writes them and redirects to the same page.

    Raises:
        TooMany: too many requests with links from this address, or in total.
    """
    if request.method == "POST":
        admit(OPENINGS, request)
    link = link_of(token)
    if link is None:
        return render(request, "patient/openings_gone.html", status=404)
    if request.method == "POST":
        return written(request, token, link)
    now = timezone.now()
    context = {
        "program": link.program,
        "form": form_of(request, link.program),
        "openings_at": link.program.openings_at if link.program.knows_openings(now) else None,
        "saved": "saved" in request.GET,
    }
    return render(request, "patient/openings.html", context)


def form_of(request: HttpRequest, program: Program) -> OpeningsForm:
    """Return the form with the current openings, or with what was typed before and its errors."""
    kept = held.in_cookie(request, PAGE)
    if not kept.told:
        return OpeningsForm(instance=program)
    return OpeningsForm({name: "".join(value) for name, value in kept.values.items()}, instance=program)


def written(request: HttpRequest, token: str, link: OpeningsLink) -> HttpResponse:
    """Write what was posted and redirect; where it has errors, the page shows it again with them."""
    here = reverse("desk:openings", args=[token])
    form = OpeningsForm(request.POST, instance=Program.objects.get(pk=link.program_id))
    if not form.is_valid():
        response = redirect(here)
        typed = {name: [request.POST.get(name, "")[:MOST_KEPT]] for name in openings.NAMES}
        held.set_cookie(response, Held(PAGE, typed, told=True), PAGE)
        return response
    if not write(form, link, address_of(request)):
        return redirect(here)
    response = redirect(f"{here}?saved=1")
    held.set_cookie(response, Held(PAGE, {}, told=False), PAGE)
    return response


@transaction.atomic
def write(form: OpeningsForm, link: OpeningsLink, address: str) -> bool:
    """Write the openings, and record in the access log that a link did it, without a user.

    Returns:
        whether they were written: not if the link was revoked in the meantime.
    """
    now = timezone.now()
    if not OpeningsLink.objects.alive().filter(pk=link.pk).update(used_at=now):
        return False
    fields = {name: form.cleaned_data[name] for name in openings.NAMES}
    Program.objects.filter(pk=link.program_id).update(**fields, openings_at=now)
    chain.append(None, Verb.CHANGE, f"openings of program {link.program_id} by link {link.pk}", address)
    return True
