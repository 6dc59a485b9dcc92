"""The coordinator's reading desk in the Django admin: cases, urgent first, then the longest waiting."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _

from recommend import content
from recommend.desk import people  # noqa: F401, registers the page of the staff
from recommend.models import OPEN_STATUSES, Case, CaseStatus, Program, ProgramSession
from recommend.presentation import (
    ForTheDesk,
    Shown,
    answers_by_section,
    crisis_answers_changed,
    for_the_desk,
    present,
)

admin.site.unregister(Group)


class ReadingDesk(admin.ModelAdmin):
    """Facts are read, not changed: nothing is added or deleted here."""

    actions = None

    class Media:
        css = {"all": ["desk.css"]}

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class StatusFilter(admin.SimpleListFilter):
    """The cases that wait for someone, unless others are asked for: what is placed or closed is not in the way."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*CaseStatus.choices, ("all", _("All"))]

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        open_cases, *others = super().choices(changelist)
        yield {**open_cases, "display": _("Open")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        if self.value() == "all":
            return queryset
        return queryset.filter(status__in=[self.value()] if self.value() else OPEN_STATUSES)


@admin.register(Case)
class CaseAdmin(ReadingDesk):
    """A case: what was recommended and why, what was answered, how to reach the person. Only its status changes."""

    list_display = ["reference", "level_in_words", "urgency", "waiting", "status"]
    list_filter = [StatusFilter, "level", "urgent"]
    search_fields = ["reference__exact"]
    search_help_text = _("The whole reference, such as K7QX-92MD")
    ordering = ["-urgent", "opened_at"]
    list_per_page = 50
    show_full_result_count = False
    fields = ["status", "summary", "recommendation", "contact", "answers"]
    readonly_fields = ["erased", "summary", "recommendation", "contact", "answers"]

    def get_fields(self, request: HttpRequest, obj: Case | None = None) -> list[str]:
        """Of a case that the person deleted, nothing is left but a word about that."""
        return ["erased"] if obj and obj.erased_at else self.fields

    def has_change_permission(self, request: HttpRequest, obj: Case | None = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.erased_at)

    def save_model(self, request: HttpRequest, obj: Case, form: Any, change: bool) -> None:
        """The status alone, and only while there is a case: the person may be deleting it at this moment."""
        Case.objects.filter(pk=obj.pk, erased_at__isnull=True).update(status=obj.status)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        cases = super().get_queryset(request)
        if request.resolver_match and request.resolver_match.kwargs.get("object_id"):
            return cases.select_related("submission__recommendation", "submission__contact")
        return cases

    @admin.display(description=_("recommended"), ordering="level")
    def level_in_words(self, case: Case) -> str:
        if case.erased_at:
            return _("Deleted by the person")
        return case.get_level_display() if case.level else _("A person must look")

    @admin.display(description=_("urgent"), ordering="urgent")
    def urgency(self, case: Case) -> str | SafeString:
        return format_html('<strong class="urgent">{}</strong>', _("Urgent")) if case.urgent else ""

    @admin.display(description=_("waiting since"), ordering="opened_at")
    def waiting(self, case: Case) -> str:
        if case.erased_at:
            return "–"
        return timesince(case.opened_at, depth=1)

    @admin.display(description=_("Deleted by the person"))
    def erased(self, case: Case) -> SafeString:
        return render_to_string("desk/erased.html", {"case": case})

    @admin.display(description=_("Case"))
    def summary(self, case: Case) -> SafeString:
        return self._part("summary", case)

    @admin.display(description=_("Recommendation"))
    def recommendation(self, case: Case) -> SafeString:
        return self._part("recommendation", case, desk=ask_first(case))

    @admin.display(description=_("Contact"))
    def contact(self, case: Case) -> SafeString:
        return self._part("contact", case)

    @admin.display(description=_("Answers"))
    def answers(self, case: Case) -> SafeString:
        return self._part("answers", case)

    def _part(self, name: str, case: Case, **more: Any) -> SafeString:
        submission = case.submission
        questionnaire = content.questionnaire(submission.questionnaire)
        context = {
            "case": case,
            "submission": submission,
            "contact": submission.contact,
            "shown": shown_at_desk(case),
            "sections": answers_by_section(submission.answers, questionnaire),
            "changed": crisis_answers_changed(submission.answers, submission.crisis_given, questionnaire),
            **more,
        }
        return render_to_string(f"desk/{name}.html", context)


def shown_at_desk(case: Case) -> Shown:
    """The stored outcome of a case in words, by the rule set and the questions it was made with."""
    made = case.submission.recommendation
    return present(
        made.outcome,
        case.submission.answers,
        content.ruleset(made.ruleset),
        content.questionnaire(made.questionnaire),
        place="desk",
    )


def ask_first(case: Case) -> ForTheDesk | None:
    """What to ask first; nothing where the engine could not even find a level."""
    made = case.submission.recommendation
    if not made.level:
        return None
    versions = content.ruleset(made.ruleset), content.questionnaire(made.questionnaire)
    return for_the_desk(case.submission.answers, *versions)


class SessionsInline(admin.TabularInline):
    model = ProgramSession
    extra = 5
    verbose_name = _("weekly time")
    verbose_name_plural = _("weekly times (a morning and an evening group are two programs)")


@admin.register(Program)
class ProgramAdmin(admin.ModelAdmin):
    """The catalogue that patients are shown programs from. What is not shown any more is best kept and not deleted."""

    list_display = ["name", "level", "phone", "checked", "active"]
    list_filter = ["level", "active", "online", "substance_use_track"]
    search_fields = ["name", "place"]
    inlines = [SessionsInline]

    class Media:
        css = {"all": ["desk.css"]}

    @admin.display(description=_("checked on"), ordering="checked_on")
    def checked(self, program: Program) -> str | SafeString:
        day = date_format(program.checked_on, "DATE_FORMAT")
        if not program.stale(timezone.localdate()):
            return day
        return format_html('{} <strong class="urgent">{}</strong>', day, _("Check again"))
