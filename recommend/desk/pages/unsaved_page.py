"""The view to which a case page sends unsaved work while a user types, and which deletes it on request."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect

from recommend.desk import unsaved
from recommend.desk.models import Case
from recommend.desk.pages.case_page import with_one_press
from recommend.desk.staff.current import staff_user


def unsaved_page(request: HttpRequest, case: Case) -> HttpResponse:
    """Store the unsaved work, or delete it if "discard" was pressed. The access log does not record this.

    Returns:
        a redirect to the case after deleting; else JSON that says whether the work was stored (``kept``).

    Raises:
        FormOfAnother: the form came from the page of another user.
    """
    by = staff_user(request)
    unsaved.check_is_own(request.POST, by)
    if "discard" in request.POST:
        unsaved.discard(case.pk, by)
        return redirect("admin:desk_case_change", case.pk)
    return JsonResponse({"kept": unsaved.keep(case.pk, by, unsaved.fields_of(with_one_press(request.POST)))})
