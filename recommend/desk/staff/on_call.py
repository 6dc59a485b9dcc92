"""On-call duty, that is, which staff users get an e-mail when a case comes in.

Users go on and off duty themselves at the desk; an administrator can do it for others (recommend/desk/staff/pages.py).
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
    """Return the template context of the team panel: whether the user is on duty, and which e-mails were not sent.

    Empty for users who may not view cases.
    """
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
    """Put the user on duty (POST data ``duty=on``) or off duty, and redirect to the desk.

    A user without an e-mail address cannot go on duty. A GET, as after signing in again, only redirects.

    Raises:
        PermissionDenied: the user may not view cases.
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
