"""The catalog of programs in the Django admin."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from recommend.desk import next_steps
from recommend.desk.pages.desk_admin import DeskAdmin
from recommend.desk.placement.link_page import link_page
from recommend.desk.placement.program_fields import Boxes, TimeField
from recommend.programs import openings
from recommend.programs.insurance import Insurance
from recommend.programs.languages import spoken_languages
from recommend.programs.models import Program, ProgramSession, ProgramWording, Weekday


class SessionForm(forms.ModelForm):
    """The form of a weekly time, which can be entered for several days at once."""

    starts = TimeField(help_text="Such as 9 a.m.")
    ends = TimeField()
    also = Boxes(label="The same hours on", choices=Weekday, required=False)

    def also_on(self, program: Program) -> list[ProgramSession]:
        """Return the sessions for the other days that were chosen; the day of the form is not among them."""
        given = self.cleaned_data
        days = {int(day) for day in given.get("also", ())} - {given.get("day")}
        return [
            ProgramSession(program=program, day=day, starts=given["starts"], ends=given["ends"])
            for day in sorted(days)
        ]


class SessionsInline(admin.StackedInline):  # not tabular: its inputs would have no accessible names
    model = ProgramSession
    form = SessionForm
    fields = [("day", "starts", "ends"), "also"]
    extra = 2
    verbose_name = _("weekly time")
    verbose_name_plural = _("weekly times (a morning and an evening group are two programs)")


class WordingsInline(admin.StackedInline):
    model = ProgramWording
    fields = [("language", "name"), ("place", "insurance")]
    extra = max_num = len(settings.LANGUAGES) - 1
    verbose_name = _("words in another language")
    verbose_name_plural = _("in another language (what stays empty is shown as above; insurance by kind)")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Offer the languages of the site except the default one as choices for ``language``."""
        if db_field.name != "language":
            return super().formfield_for_dbfield(db_field, request, **options)
        others = [(code, name) for code, name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
        # With an initial value, a form in which only the language is set counts as unchanged and is not stored.
        return forms.ChoiceField(
            label=capfirst(db_field.verbose_name), choices=others, initial=others[0][0] if others else None
        )


class ProgramForm(forms.ModelForm):
    """The form of a program. Its openings count as checked if one of them changes, or if that is ticked."""

    openings_are_right = forms.BooleanField(
        label="These openings are right today",
        required=False,
        help_text=f"After {openings.KNOWN_FOR.days} days without a check they count as not known.",
    )

    @property
    def checks_openings(self) -> bool:
        return bool(self.cleaned_data.get("openings_are_right")) or not set(self.changed_data).isdisjoint(
            openings.NAMES
        )


@admin.register(Program)
class ProgramAdmin(DeskAdmin):
    """The catalog of programs that patients are shown. Deactivate a program instead of deleting it."""

    form = ProgramForm
    list_display = ["name", "level", "phone", "places", "checked", "active"]
    list_filter = ["level", "active", "online", "substance_use_track"]
    search_fields = ["name", "place"]
    readonly_fields = ["openings_checked"]
    inlines = [SessionsInline, WordingsInline]
    fieldsets = [
        (None, {"fields": ["name", "level", "place", "online", "phone", "active", "checked_on"]}),
        (
            _("Who it is for"),
            {"fields": ["languages", "other_languages", ("ages_from", "ages_to"), "substance_use_track"]},
        ),
        (_("Insurance"), {"fields": ["accepts", "insurance"]}),
        (
            _("Openings"),
            {
                "fields": [
                    ("capacity", "free_places"),
                    ("next_start", "wait_weeks"),
                    "openings_are_right",
                    "openings_checked",
                ]
            },
        ),
        (
            _("Referrals, for staff only"),
            {"fields": ["referral_contact", "referral_phone", "referral_fax", "referral_email"]},
        ),
    ]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Show the fields ``accepts`` and ``languages`` as lists of boxes."""
        languages = [(code, str(name)) for code, name in spoken_languages().items()]
        boxes: dict[str, list[tuple[str, Any]]] = {"accepts": Insurance.choices, "languages": [*languages]}
        if db_field.name not in boxes:
            return super().formfield_for_dbfield(db_field, request, **options)
        return Boxes(
            label=capfirst(db_field.verbose_name),
            help_text=db_field.help_text,
            choices=boxes[db_field.name],
            required=False,
        )

    def save_model(self, request: HttpRequest, obj: Program, form: Any, change: bool) -> None:
        if form.checks_openings:
            obj.openings_at = timezone.now()
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Store the weekly times, also on the other days chosen; a time that is there already is left as it is."""
        super().save_formset(request, form, formset, change)
        if formset.model is ProgramSession:
            kept = [
                each for each in formset.forms if each.has_changed() and each not in formset.deleted_forms
            ]
            more = [session for each in kept for session in each.also_on(formset.instance)]
            ProgramSession.objects.bulk_create(more, ignore_conflicts=True)

    @admin.display(description=_("checked on"), ordering="checked_on")
    def checked(self, program: Program) -> str | SafeString:
        day = date_format(program.checked_on, "DATE_FORMAT")
        if not program.stale(timezone.localdate()):
            return day
        return format_html('{} <strong class="urgent">{}</strong>', day, _("Check again"))

    @admin.display(description=_("free places"))
    def places(self, program: Program) -> str:
        places = program.known_places(timezone.now())
        return "not known" if places is None else str(places)

    @admin.display(description=_("openings checked"))
    def openings_checked(self, program: Program) -> SafeString:
        at = program.openings_at
        when = next_steps.moment(at, timezone.now()) if at else "never"
        if program.pk is None:
            return format_html("{}", when)
        address = reverse("admin:recommend_program_link", args=[program.pk])
        return format_html('{}. <a href="{}">Links by which the program updates them</a>', when, address)

    def get_urls(self) -> list[Any]:
        link = self.admin_site.admin_view(self.link_view)
        return [path("<int:object_id>/link/", link, name="recommend_program_link"), *super().get_urls()]

    def link_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show the links of a program; a POST makes one, or revokes one.

        Raises:
            PermissionDenied: the user may not view programs.
            Http404: there is no such program.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        return link_page(request, get_object_or_404(Program, pk=object_id), self.opts)
