"""On duty or not: who is told by e-mail that a case is waiting. Everybody switches for themselves, from the desk."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from recommend.desk.models import StaffMember


def is_on_duty(user: object) -> bool:
    return StaffMember.objects.filter(user=user, on_duty=True).exists()


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Switch oneself on duty (``on``) or off. Nobody comes on duty whom no e-mail would reach."""
    if not request.user.has_perm("recommend.view_case"):
        raise PermissionDenied
    wanted = request.POST.get("duty") == "on"
    if wanted and not request.user.email:
        messages.error(
            request,
            "You have no e-mail address here, so nothing could tell you. Ask an administrator to add it.",
        )
        return redirect("admin:index")
    StaffMember.objects.update_or_create(user=request.user, defaults={"on_duty": wanted})
    said = (
        "You are on duty: you are told by e-mail when a case is waiting."
        if wanted
        else "You are off duty: you are told of nothing."
    )
    messages.success(request, said)
    return redirect("admin:index")
