"""The address that a case page sends unsaved work to while somebody types, and the button that throws it away."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect

from recommend.desk import unsaved
from recommend.desk.models import Case
from recommend.desk.pages.case_page import with_one_press
from recommend.desk.staff.current import staff_user


def unsaved_page(request: HttpRequest, case: Case) -> HttpResponse:
    """Keep what is typed, or throw away what was kept. Shows nothing; the access log has no row for it."""
    by = staff_user(request)
    if "discard" in request.POST:
        unsaved.discard(case.pk, by)
        return redirect("admin:desk_case_change", case.pk)
    return JsonResponse({"kept": unsaved.keep(case.pk, by, unsaved.fields_of(with_one_press(request.POST)))})
