"""Saved views of the list of cases: save one, delete one, and show them above the filters."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse

from recommend.desk import queues
from recommend.desk.audit.recorder import Verb, record
from recommend.desk.models import SavedView
from recommend.desk.pages.filters import FILTERS
from recommend.desk.staff.current import staff_user

MOST = 20
"""The most views that one user can save."""

PARAMETERS = [str(each.parameter_name) for each in FILTERS]
CODES = re.compile(r"[\w,-]{1,100}", re.ASCII)
"""What the value of a filter looks like: codes, separated by commas. Nothing else gets into a stored view."""


class ViewForm(forms.Form):
    """The form under the filters with which the list as it is shown is saved."""

    name = forms.CharField(max_length=40)
    query = forms.CharField(required=False)
    shared = forms.BooleanField(required=False)


@dataclass(frozen=True)
class ViewShown:
    """A saved view as a link above the filters.

    Attributes:
        view: the view.
        is_current: whether the list shows it now.
        may_delete: whether the user may delete it.
    """

    view: SavedView
    is_current: bool
    may_delete: bool


def filters_in(query: str) -> str:
    """Return the filters of an address in their usual order, without anything else that is in it."""
    given = QueryDict(query.lstrip("?"))
    kept = QueryDict(mutable=True)
    for name in PARAMETERS:
        if CODES.fullmatch(value := given.get(name, "")):
            kept[name] = value
    return kept.urlencode(safe=",")


def views_for(user: User) -> Iterator[SavedView]:
    """Yield the views of a user and the shared ones, by name."""
    yield from SavedView.objects.filter(Q(by=user) | Q(shared=True)).select_related("by")


def views_shown(request: HttpRequest) -> list[ViewShown]:
    """Return the views to show above the list."""
    user, now = staff_user(request), filters_in(request.GET.urlencode())
    lead = queues.is_lead(user)
    return [ViewShown(view, view.query == now, view.by_id == user.pk or lead) for view in views_for(user)]


def views_page(request: HttpRequest) -> HttpResponse:
    """Save or delete a view, and redirect to the list; a GET only redirects.

    Raises:
        PermissionDenied: somebody who is not a lead shares a view, or deletes that of somebody else.
    """
    back = f"{reverse('admin:desk_case_changelist')}?{filters_in(request.POST.get('query', ''))}"
    if request.method != "POST":
        return redirect(back)
    if "delete" in request.POST:
        delete(request)
    else:
        save(request)
    return redirect(back)


def save(request: HttpRequest) -> None:
    """Store the view that the form names; one of the same name is replaced."""
    user, form = staff_user(request), ViewForm(request.POST)
    if not form.is_valid():
        messages.error(request, "The view was not saved. Give it a name of at most 40 letters.")
        return
    given = form.cleaned_data
    if given["shared"] and not queues.is_lead(user):
        raise PermissionDenied
    own = SavedView.objects.filter(by=user)
    if own.exclude(name=given["name"]).count() >= MOST:
        messages.error(request, f"You have {MOST} views already. Delete one first.")
        return
    stored = {"query": filters_in(given["query"]), "shared": given["shared"]}
    SavedView.objects.update_or_create(by=user, name=given["name"], defaults=stored)
    record(request, Verb.CHANGE, "view saved")
    messages.success(request, "The view was saved.")


def delete(request: HttpRequest) -> None:
    """Delete a view of the user's own; a lead may also delete a shared one."""
    user, pk = staff_user(request), request.POST["delete"]
    may = Q(by=user) | Q(shared=True) if queues.is_lead(user) else Q(by=user)
    if not pk.isdecimal() or not SavedView.objects.filter(may, pk=int(pk[:18])).delete()[0]:
        raise PermissionDenied
    record(request, Verb.CHANGE, "view deleted")
    messages.success(request, "The view was deleted.")
