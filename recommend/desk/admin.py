"""The coordinator's desk in the Django admin: the list of cases, the page of each, and the catalogue of programs."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from recommend.desk import queues
from recommend.desk.audit import page as access_log_page  # noqa: F401, registers its admin pages
from recommend.desk.audit.recorder import Verb, record
from recommend.desk.export.page import export_csv
from recommend.desk.models import Case
from recommend.desk.pages import bulk_actions, list_rows, search
from recommend.desk.pages.case_page import SHOWN_WITH, case_page, paper_page
from recommend.desk.pages.filters import FILTERS, OfferedFilters, QueueFilter
from recommend.desk.pages.taking import end_page, take_page
from recommend.desk.pages.unsaved_page import unsaved_page
from recommend.desk.staff import pages as staff_pages  # noqa: F401, registers its admin pages
from recommend.programs.insurance import Insurance
from recommend.programs.models import Program, ProgramSession

admin.site.unregister(Group)


class DeskAdmin(OfferedFilters):
    """Base of all lists of the desk."""

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Any], *args: Any
    ) -> HttpResponse | None:
        bulk_actions.chosen_rows(request)
        return super().response_action(request, queryset, *args)


class ReadingDesk(DeskAdmin):
    """Base of lists that are read-only: nothing is added, changed or deleted."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Case)
class CaseAdmin(ReadingDesk):
    """The list of cases and the page of each. Every change goes through the workflow."""

    list_filter = [*FILTERS]
    # To sort by: an index serves each. The rows are written by desk/parts/rows.html.
    list_display = ["reference", "opened_at"]
    ordering = queues.BY_TIER
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_select_related = ["assignee"]
    paginator = queues.CappedPaginator
    actions = ["assign_to_me", "mark_contacted", "close", export_csv]

    def get_urls(self) -> list[URLPattern]:
        protected = self.admin_site.admin_view
        return [
            path("search/", protected(self.search_view), name="desk_case_search"),
            path("take/", protected(self.take_view), name="desk_case_take"),
            path("take/end/", protected(self.end_view), name="desk_case_take_end"),
            path("<int:object_id>/print/", protected(self.print_view), name="desk_case_print"),
            path("<int:object_id>/unsaved/", protected(self.unsaved_view), name="desk_case_unsaved"),
            *super().get_urls(),
        ]

    def get_ordering(self, request: HttpRequest) -> Any:
        """Order finished cases by when they ended, waiting ones by when they are due, work in the order to do it."""
        by_list = {"done": ["-finished_at"], "waiting": ["next_action_at"], "all": [*queues.BY_TIER]}
        return by_list.get(request.GET.get(QueueFilter.parameter_name, ""), [*queues.WORK_ORDER])

    def no_such_case(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Say that there is no such case, as the admin does for every object."""
        redirect_home: Any = getattr(self, "_get_obj_does_not_exist_redirect")  # noqa: B009, missing in the stubs
        return redirect_home(request, self.opts, object_id)

    # ---- pages

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        record(request, Verb.LIST, "cases")
        return super().changelist_view(request, {"title": "Cases", **(extra_context or {})})

    def search_view(self, request: HttpRequest) -> HttpResponse:
        """Search by POST only: a name in an address would end up in logs and histories.

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
            "rows": list_rows.rows_of(found[: search.SHOWN], request.user, timezone.now()),
            "more": len(found) > search.SHOWN,
        }
        return TemplateResponse(request, "staff/search.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the page of a case or save its form; what was asked for goes to the access log first.

        Raises:
            PermissionDenied: the user may not view this case, or may not change it and sends the form.
        """
        case = self.get_object(request, object_id)
        if case is not None:
            record(request, verb_of(request, case), case.reference)
        if not self.has_view_permission(request, case):
            raise PermissionDenied
        if case is None:
            return self.no_such_case(request, object_id)
        return case_page(request, case, self.has_change_permission(request, case))

    def take_view(self, request: HttpRequest) -> HttpResponse:
        """Begin to fill in the questions with a caller.

        Raises:
            PermissionDenied: the user may not change cases.
        """
        if not self.has_change_permission(request):
            raise PermissionDenied
        return take_page(request)

    def end_view(self, request: HttpRequest) -> HttpResponse:
        """End the questions with a caller early, or throw them away.

        Raises:
            PermissionDenied: the user may not change cases.
        """
        if not self.has_change_permission(request):
            raise PermissionDenied
        return end_page(request) if request.method == "POST" else redirect("admin:desk_case_take")

    def print_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show a case as a sheet to print; the access log records it first.

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

    def unsaved_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Keep what is being typed on the page of a case.

        Raises:
            PermissionDenied: the user may not change this case.
        """
        case = self.get_object(request, str(object_id))
        if not self.has_change_permission(request, case):
            raise PermissionDenied
        if case is None:
            return self.no_such_case(request, str(object_id))
        return unsaved_page(request, case) if request.method == "POST" else HttpResponseNotAllowed(["POST"])

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Redirect to the history on the case page.

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

    @admin.action(description="Log a contact", permissions=["change"])
    def mark_contacted(self, request: HttpRequest, queryset: QuerySet[Case]) -> HttpResponse:
        return bulk_actions.run(request, bulk_actions.MARK_CONTACTED)

    @admin.action(description="Close", permissions=["change"])
    def close(self, request: HttpRequest, queryset: QuerySet[Case]) -> HttpResponse:
        return bulk_actions.run(request, bulk_actions.CLOSE)


def verb_of(request: HttpRequest, case: Case) -> Verb:
    """Return how the access log names a request for the case page. Nothing of an erased case can be revealed."""
    if request.method != "POST" or case.erased_at:
        return Verb.READ
    return Verb.REVEAL if "reveal" in request.POST else Verb.CHANGE


class SessionsInline(admin.StackedInline):  # a tabular one leaves its controls without names
    model = ProgramSession
    fields = [("day", "starts", "ends")]
    extra = 5
    verbose_name = _("weekly time")
    verbose_name_plural = _("weekly times (a morning and an evening group are two programs)")


@admin.register(Program)
class ProgramAdmin(DeskAdmin):
    """The catalog of programs that patients are shown. Deactivate a program instead of deleting it."""

    list_display = ["name", "level", "phone", "checked", "active"]
    list_filter = ["level", "active", "online", "substance_use_track"]
    search_fields = ["name", "place"]
    inlines = [SessionsInline]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Offer the kinds of insurance to tick."""
        if db_field.name != "accepts":
            return super().formfield_for_dbfield(db_field, request, **options)
        return forms.MultipleChoiceField(
            label=capfirst(db_field.verbose_name),
            help_text=db_field.help_text,
            choices=Insurance.choices,
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )

    @admin.display(description=_("checked on"), ordering="checked_on")
    def checked(self, program: Program) -> str | SafeString:
        day = date_format(program.checked_on, "DATE_FORMAT")
        if not program.stale(timezone.localdate()):
            return day
        return format_html('{} <strong class="urgent">{}</strong>', day, _("Check again"))
