"""The administrator's pages about staff users: add a user, give a role, put them on duty, make a sign-in link.

Administrators cannot set another user's password, make superusers, or change their own role.
"""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from carenav.accounts import second_factor
from carenav.accounts.models import Authenticator
from carenav.accounts.reauthentication import require_recent_code
from carenav.accounts.signals import Verb, record_event
from recommend.desk.models import StaffMember
from recommend.desk.notifications import on_duty
from recommend.desk.pages.filters import ChoiceFilter, OfferedFilters
from recommend.desk.staff.absence import absence_of, check_absence, store_absence
from recommend.desk.staff.roles import Role, assign_role, can_view_cases, role_of

admin.site.unregister(User)


class PersonForm(forms.ModelForm):
    """The form of a staff user: name, e-mail address, role and duty.

    Attributes:
        taken_off: whether saving takes the user off duty, because they lose what duty requires.
    """

    role = forms.ChoiceField(label=_("Role"), choices=[("", "---------"), *Role.choices])
    on_duty = forms.BooleanField(
        label=_("On duty"), required=False, help_text=StaffMember._meta.get_field("on_duty").help_text
    )
    away_from = forms.DateField(label=_("Away from"), required=False)
    away_until = forms.DateField(label=_("Away until"), required=False)
    taken_off = False

    class Meta:
        model = User
        fields = ["username", "email", "is_active"]
        help_texts = {"is_active": _("Take the tick away and they are signed out at their next click.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            return
        for field in self.fields.values():
            field.show_hidden_initial = True  # so that a field not changed on the page keeps its value
        self.initial.setdefault("role", role_of(self.instance))
        if "role" in self.fields:  # a user without one clear role can be made inactive without choosing one
            self.fields["role"].required = self.initial["role"] is not None
        self.initial.setdefault("on_duty", on_duty().filter(pk=self.instance.pk).exists())
        for name, day in absence_of(self.instance).items():
            self.initial.setdefault(name, day)

    def clean_username(self) -> str:
        """Refuse a name that another user has, ignoring case as at sign-in."""
        name: str = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Somebody has this name, perhaps with other capital letters."))
        return name

    def clean(self) -> dict[str, Any]:
        """Refuse duty for a user who has no e-mail address or may not view cases.

        Only fields that were changed on the page are saved, so that a page opened earlier does not undo other changes,
        such as making a user inactive. A user who loses access goes off duty without an error, so that an administrator
        can always remove access.
        """
        cleaned: dict[str, Any] = super().clean() or {}
        if self.instance.pk:
            for name in set(cleaned) - set(self.changed_data):
                cleaned[name] = self.get_initial_for_field(self.fields[name], name)
        if {"away_from", "away_until"} & set(self.changed_data) and {"away_from", "away_until"} <= set(
            cleaned
        ):
            check_absence(cleaned["away_from"], cleaned["away_until"], timezone.localdate())
        why_not = self.why_not_on_duty() if cleaned.get("on_duty") else None
        if why_not and "on_duty" in self.changed_data:
            self.add_error("on_duty", why_not)
        elif why_not:
            cleaned["on_duty"] = False
            self.taken_off = True
            self.changed_data.append("on_duty")  # for the history
        return cleaned

    def why_not_on_duty(self) -> Any:
        """Return an error message if the user cannot be on duty; None if they can, or if other fields have errors."""
        given = self.cleaned_data
        if not {"role", "email"} <= set(given):
            return None
        if not given.get("is_active", True):
            return _("Who is not active cannot be on duty.")
        if not given["role"] or not can_view_cases(Role(given["role"])):
            return _("This role sees no cases, so nobody with it can be on duty.")
        if not given["email"]:
            return _("Without an e-mail address nothing could tell them. Add it, or take the tick away.")
        return None


class OwnForm(PersonForm):
    """The form for the administrator's own account, without role and duty.

    Only another administrator can change their role. Staff who view cases go on and off duty at the desk.
    """

    role = None  # type: ignore[assignment]  # removes the field from the form
    on_duty = None  # type: ignore[assignment]
    away_from = None  # type: ignore[assignment]
    away_until = None  # type: ignore[assignment]


class DutyFilter(ChoiceFilter):
    title = _("duty")
    parameter_name = "duty"
    offered = [("on", _("On duty")), ("off", _("Off duty"))]

    def condition(self, request: HttpRequest, value: str | None) -> Q:
        return Q(is_on_duty=value == "on") if value else Q()


@admin.register(User)
class PersonAdmin(OfferedFilters):
    """The list and pages of staff users. They are made inactive and not deleted, because records refer to them."""

    list_display = ["username", "role", "on_duty", "is_active", "set_up", "last_login"]
    list_filter = [DutyFilter, "is_active", "groups"]
    search_fields = ["username", "email"]
    ordering = ["username"]
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Return the users except superusers, whom only the operator can make, annotated with ``is_on_duty``."""
        people = super().get_queryset(request).filter(is_superuser=False)
        is_on_duty = Exists(on_duty().filter(pk=OuterRef("pk")))
        return people.annotate(is_on_duty=is_on_duty).prefetch_related("groups", "authenticator_set")

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is None:
            return ["username", "email", "role", "on_duty"]
        if obj.pk == request.user.pk:
            return ["username", "email", "role_in_words"]
        return ["username", "email", "role", "on_duty", "away_from", "away_until", "is_active", "sign_in"]

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        own = obj is not None and obj.pk == request.user.pk
        return super().get_form(request, obj, change, form=OwnForm if own else PersonForm, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        return ["role_in_words", "sign_in"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            obj.is_staff = True
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if role := form.cleaned_data.get("role"):
            assign_role(obj, Role(role))
        if "on_duty" in form.cleaned_data:
            defaults = {"on_duty": form.cleaned_data["on_duty"]}
            StaffMember.objects.update_or_create(user=obj, defaults=defaults)
        if {"away_from", "away_until"} & set(form.changed_data):
            store_absence(obj, form.cleaned_data["away_from"], form.cleaned_data["away_until"])
        if form.taken_off:
            messages.warning(request, _("Off duty now, and told of no case any more: %s.") % obj)

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> list[dict[str, Any]]:
        """Return the entry for the admin's history, which says whether the user went on or off duty."""
        message: list[dict[str, Any]] = super().construct_change_message(request, form, formsets, add)
        duty = "On duty: yes" if form.cleaned_data.get("on_duty") else "On duty: no"
        for part in message:
            fields = part.get("changed", {}).get("fields", [])
            fields[:] = [duty if field == "On duty" else field for field in fields]
        return message

    def response_add(
        self, request: HttpRequest, obj: User, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Redirect to the page that makes a sign-in link for the new user."""
        return redirect("admin:auth_user_link", obj.pk)

    def get_urls(self) -> list[Any]:
        link = self.admin_site.admin_view(self.link_view)
        return [path("<int:object_id>/sign-in-link/", link, name="auth_user_link"), *super().get_urls()]

    @method_decorator(require_recent_code)
    def link_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show the page that makes a one-time sign-in link for another user; a POST makes it.

        The user's earlier password, second factor and sessions end at once.

        Raises:
            Http404: there is no such user.
            PermissionDenied: it is the administrator's own account, or they may not change users.
        """
        person = get_object_or_404(self.get_queryset(request), pk=object_id)
        if person.pk == request.user.pk or not self.has_change_permission(request, person):
            raise PermissionDenied  # their own access would end at once, and nobody could give them the link
        link = None
        if request.method == "POST":
            link = request.build_absolute_uri(link_path(second_factor.new_link(person)))
            record_event(request, Verb.FACTOR_RESET, person)
        shown = {
            "title": _("Sign-in link for %s") % person,
            "person": person,
            "link": link,
            "opts": self.opts,
        }
        context = self.admin_site.each_context(request) | shown
        return TemplateResponse(request, "staff/sign_in_link.html", context)

    @admin.display(description=_("role"))
    def role(self, person: User) -> str:
        names = sorted(group.name for group in person.groups.all())
        return ", ".join(names).capitalize() or "–"

    role_in_words = role

    @admin.display(description=_("on duty"), boolean=True)
    def on_duty(self, person: User) -> bool:
        return bool(vars(person)["is_on_duty"])  # annotated by get_queryset

    @admin.display(description=_("sign-in set up"), boolean=True)
    def set_up(self, person: User) -> bool:
        return bool(person.authenticator_set.all())

    @admin.display(description=_("Sign-in"))
    def sign_in(self, person: User) -> SafeString | str:
        state = _("Set up") if Authenticator.objects.filter(user=person).exists() else _("Not set up yet")
        address = reverse("admin:auth_user_link", args=[person.pk])
        return format_html('{}. <a href="{}">{}</a>', state, address, _("Make a new sign-in link"))


def link_path(token: str) -> str:
    return reverse("accounts:enrol", args=[token])


def link_address(token: str) -> str:
    """Return the sign-in link for the operator on the command line: a URL in production, else only its path."""
    if not settings.PRODUCTION:
        return link_path(token)
    site = settings.SITE_URL or f"https://{settings.ALLOWED_HOSTS[0].lstrip('.')}"
    return site + link_path(token)
