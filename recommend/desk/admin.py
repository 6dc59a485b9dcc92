"""The coordinators' desk in the Django admin: the list of cases and the case page."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from recommend.desk import queues
from recommend.desk.audit import page as access_log_page  # noqa: F401, registers its admin pages
from recommend.desk.audit.recorder import Verb, record
from recommend.desk.export.page import export_csv
from recommend.desk.models import Case
from recommend.desk.pages import bulk_actions, search, search_hits
from recommend.desk.pages.case_page import SHOWN_WITH, case_page, paper_page
from recommend.desk.pages.desk_admin import DeskAdmin
from recommend.desk.pages.filters import FILTERS, QueueFilter
from recommend.desk.pages.merge_page import merge_page
from recommend.desk.pages.saved_views import views_page
from recommend.desk.pages.taking import end_page, take_page
from recommend.desk.pages.unsaved_page import unsaved_page
from recommend.desk.placement import program_admin  # noqa: F401, registers its admin pages
from recommend.desk.retention.hold_page import hold_page
from recommend.desk.staff import pages as staff_pages  # noqa: F401, registers its admin pages

admin.site.unregister(Group)


class ReadingDesk(DeskAdmin):
    """Base class of lists in which nothing can be added or deleted through the admin's own pages."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Case)
class CaseAdmin(ReadingDesk):
    """The list of cases and the case page. All changes are made by recommend/desk/workflow/."""

    list_filter = [*FILTERS]
    # Only for sorting; each column has an index. The template staff/parts/rows.html renders the rows.
    list_display = ["reference", "opened_at"]
    ordering = queues.BY_TIER
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_select_related = ["assignee__staff"]
    paginator = queues.CappedPaginator
    actions = ["assign_to_me", "assign", "share", "mark_contacted", "close", export_csv]

    def get_urls(self) -> list[URLPattern]:
        protected = self.admin_site.admin_view
        return [
            path("search/", protected(self.search_view), name="desk_case_search"),
            path("views/", protected(self.views_view), name="desk_case_views"),
            path("take/", protected(self.take_view), name="desk_case_take"),
            path("take/end/", protected(self.end_view), name="desk_case_take_end"),
            path("<int:object_id>/print/", protected(self.print_view), name="desk_case_print"),
            path("<int:object_id>/merge/", protected(self.merge_view), name="desk_case_merge"),
            path("<int:object_id>/hold/", protected(self.hold_view), name="desk_case_hold"),
            path("<int:object_id>/unsaved/", protected(self.unsaved_view), name="desk_case_unsaved"),
            *super().get_urls(),
        ]

    def has_lead_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may share cases out. The admin calls it for actions with the permission "lead"."""
        return queues.is_lead(request.user)

    def get_ordering(self, request: HttpRequest) -> Any:
        """Return the order of the list: finished cases by end, waiting ones by due time, others by work order."""
        by_list = {"done": ["-finished_at"], "waiting": ["next_action_at"], "all": [*queues.BY_TIER]}
        return by_list.get(request.GET.get(QueueFilter.parameter_name, ""), [*queues.WORK_ORDER])

    def no_such_case(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Redirect to the start page with the admin's message that there is no such object."""
        redirect_home: Any = getattr(self, "_get_obj_does_not_exist_redirect")  # noqa: B009, missing in the stubs
        return redirect_home(request, self.opts, object_id)

    # ---- pages

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        record(request, Verb.LIST, "cases")
        return super().changelist_view(request, {"title": "Cases", **(extra_context or {})})

    def search_view(self, request: HttpRequest) -> HttpResponse:
        """Show the cases that match the text in a POST. A GET finds nothing: URLs with names would end up in logs.

        Raises:
            PermissionDenied: the user may not view cases.
        """
        record(request, Verb.SEARCH)
        if not self.has_view_permission(request):
            raise PermissionDenied
        text = request.POST.get("text", "").strip()
        found = list(search.find(text)[: search.SHOWN + 1]) if text else []
        context = {
            **self.admin_site.each_context(request),
            "title": "Search",
            "opts": self.opts,
            "media": self.media,
            "text": text,
            "rows": search_hits.hits_of(found[: search.SHOWN], request.user, timezone.now()),
            "more": len(found) > search.SHOWN,
        }
        return TemplateResponse(request, "staff/search.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the page of a case, or save its form. The access log records it first.

        Raises:
            PermissionDenied: the user may not view this case, or sent the form and may not change it.
        """
        case = self.get_object(request, object_id)
        if case is not None:
            record(request, verb_of(request, case), case.reference)
        if not self.has_view_permission(request, case):
            raise PermissionDenied
        if case is None:
            return self.no_such_case(request, object_id)
        return case_page(request, case, self.has_change_permission(request, case))

    def views_view(self, request: HttpRequest) -> HttpResponse:
        """Save or delete a view of the list; see pages/saved_views.py.

        Raises:
            PermissionDenied: the user may not view cases, or not do this to the view.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        return views_page(request)

    def take_view(self, request: HttpRequest) -> HttpResponse:
        """Show the page on which staff begin to fill in the questions with a caller; see pages/taking.py.

        Raises:
            PermissionDenied: the user may not change cases.
        """
        if not self.has_change_permission(request):
            raise PermissionDenied
        return take_page(request)

    def end_view(self, request: HttpRequest) -> HttpResponse:
        """End the questions with a caller early, or delete the answers. Accepts POST only; a GET is redirected.

        Raises:
            PermissionDenied: the user may not change cases.
        """
        if not self.has_change_permission(request):
            raise PermissionDenied
        return end_page(request) if request.method == "POST" else redirect("admin:desk_case_take")

    def print_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show a case as a sheet to print. The access log records it first.

        Raises:
            PermissionDenied: the user may not view this case.
        """
        case = self.get_object(request, str(object_id))
        if case is not None:
            record(request, Verb.PRINT, case.reference)
        if not self.has_view_permission(request, case):
            raise PermissionDenied
        if case is None:
            return self.no_such_case(request, str(object_id))
        return paper_page(request, case)

    def merge_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Compare and merge two cases; see pages/merge_page.py.

        Raises:
            PermissionDenied: the user may not change this case.
        """
        return self.changing(request, object_id, merge_page)

    def unsaved_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Store what the user is typing on the page of a case; called by a script with POST.

        Raises:
            PermissionDenied: the user may not change this case.
        """
        page = unsaved_page if request.method == "POST" else lambda *args: HttpResponseNotAllowed(["POST"])
        return self.changing(request, object_id, page)

    def changing(
        self, request: HttpRequest, object_id: int, page: Callable[[HttpRequest, Case], HttpResponse]
    ) -> HttpResponse:
        """Return a page on which the user changes a case; if there is no such case, the page that says so.

        Raises:
            PermissionDenied: the user may not change this case.
        """
        case = self.get_object(request, str(object_id))
        if not self.has_change_permission(request, case):
            raise PermissionDenied
        return page(request, case) if case is not None else self.no_such_case(request, str(object_id))

    def hold_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show the page of the legal hold of a case, or change it. The access log records it first.

        Raises:
            PermissionDenied: the user is no lead.
        """
        case = self.get_object(request, str(object_id))
        if case is not None:
            record(request, Verb.CHANGE if request.method == "POST" else Verb.READ, case.reference)
        if not request.user.has_perm("desk.lead_case"):
            raise PermissionDenied
        if case is None:
            return self.no_such_case(request, str(object_id))
        return redirect("admin:desk_case_change", case.pk) if case.erased_at else hold_page(request, case)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Redirect from the admin's history page to the history on the case page.

        Raises:
            PermissionDenied: the user may not view cases.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        return redirect(f"{reverse('admin:desk_case_change', args=[object_id])}#history")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        cases = super().get_queryset(request)
        if request.resolver_match and request.resolver_match.kwargs.get("object_id"):
            return cases.select_related(*SHOWN_WITH)
        return cases

    # ---- actions

    @admin.action(description="Assign to me", permissions=["change"])
    def assign_to_me(self, request: HttpRequest, queryset: QuerySet[Case]) -> HttpResponse:
        return bulk_actions.run(request, bulk_actions.ASSIGN_TO_ME)

    @admin.action(description="Assign to somebody", permissions=["change"])
    def assign(self, request: HttpRequest, queryset: QuerySet[Case]) -> HttpResponse:
        return bulk_actions.run(request, bulk_actions.ASSIGN)

    @admin.action(description="Share among several, by load", permissions=["lead"])
    def share(self, request: HttpRequest, queryset: QuerySet[Case]) -> HttpResponse:
        return bulk_actions.run(request, bulk_actions.SHARE)

    @admin.action(description="Log a contact", permissions=["change"])
    def mark_contacted(self, request: HttpRequest, queryset: QuerySet[Case]) -> HttpResponse:
        return bulk_actions.run(request, bulk_actions.MARK_CONTACTED)

    @admin.action(description="Close", permissions=["change"])
    def close(self, request: HttpRequest, queryset: QuerySet[Case]) -> HttpResponse:
        return bulk_actions.run(request, bulk_actions.CLOSE)


def verb_of(request: HttpRequest, case: Case) -> Verb:
    """Return the verb by which the access log records a request for the case page.

    For an erased case it is always ``READ``, because there is nothing to reveal or change.
    """
    if request.method != "POST" or case.erased_at:
        return Verb.READ
    return Verb.REVEAL if "reveal" in request.POST else Verb.CHANGE
