"""The page on which staff make and revoke links for a program to update its openings."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from recommend.desk.audit.recorder import Verb, record
from recommend.desk.models import LINK_LIFE, OpeningsLink
from recommend.desk.placement.openings_page import make_link
from recommend.desk.staff.current import staff_user
from recommend.programs.models import Program


def link_page(request: HttpRequest, program: Program, opts: Any) -> HttpResponse:
    """Show the links that work; a POST makes one, whose address is shown once, or revokes one."""
    if "revoke" in request.POST:
        revoke(request, program)
        return redirect("admin:recommend_program_link", program.pk)
    address = ""
    if request.method == "POST":
        token = make_link(program, staff_user(request).pk)
        address = request.build_absolute_uri(reverse("desk:openings", args=[token]))
        record(request, Verb.CHANGE, f"link of program {program.pk}: made")
    context = {
        **admin.site.each_context(request),
        "title": f"Openings of {program}",
        "opts": opts,
        "program": program,
        "address": address,
        "days": LINK_LIFE.days,
        "links": OpeningsLink.objects.alive().filter(program=program).select_related("by"),
    }
    return TemplateResponse(request, "staff/openings_link.html", context)


def revoke(request: HttpRequest, program: Program) -> None:
    """Revoke the link that was pressed, if it is one of this program."""
    pressed = request.POST.get("revoke", "")
    pk = int(pressed) if pressed.isdecimal() and len(pressed) < 19 else 0
    if OpeningsLink.objects.alive().filter(program=program, pk=pk).update(revoked_at=timezone.now()):
        record(request, Verb.CHANGE, f"link of program {program.pk}: revoked")
