"""On-call duty: who gets an e-mail when a case comes in.

Everybody switches for themselves, from the desk; an administrator for others (recommend/desk/staff/pages.py).
"""

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from recommend.desk.models import StaffMember
from recommend.desk.notifications import on_duty, undelivered
from recommend.desk.person_messages.mail import late
from recommend.desk.staff.current import staff_user


def of_team(user: User) -> dict[str, Any]:
    """Collect what the team panel shows: whether one is on call, and which e-mails did not go out."""
    if not user.has_perm("desk.view_case"):
        return {}
    return {
        "team": True,
        "on_duty": on_duty().filter(pk=user.pk).exists(),
        "undelivered": undelivered(),
        "messages_late": late(),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def switch(request: HttpRequest) -> HttpResponse:
    """Switch oneself on duty (``on``) or off. Refused without an e-mail address.

    Only a POST switches. A GET, after signing in again, redirects to the desk.
    """
    user = staff_user(request)
    if not user.has_perm("desk.view_case"):
        raise PermissionDenied
    if request.method != "POST":
        return redirect("admin:index")
    wanted = request.POST.get("duty") == "on"
    if wanted and not user.email:
        messages.error(
            request,
            "You have no e-mail address here, so nothing could tell you. Ask an administrator to add it.",
        )
        return redirect("admin:index")
    StaffMember.objects.update_or_create(user=user, defaults={"on_duty": wanted})
    said = (
        "You’re on duty and get an e-mail when a case is waiting."
        if wanted
        else "You’re off duty and won’t get e-mail alerts."
    )
    messages.success(request, said)
    return redirect("admin:index")
