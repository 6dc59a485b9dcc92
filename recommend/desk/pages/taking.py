"""Views with which staff begin, continue, cut short or delete answers that they fill in with a caller.

The questions themselves are asked on the patients' pages (intake). A draft that staff fill in opens only in the browser
of the user who began it, and only while they are signed in.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import get_language

from intake import drafts
from intake.answers import pages
from intake.journey import SHARE_WITH_TEAM, page_url
from intake.models import Draft, StaffConsent, ToldBy, ToldHow
from recommend.desk.audit.recorder import Verb, record
from recommend.desk.models import Case
from recommend.desk.staff.current import staff_user


class TakeForm(forms.Form):
    """The form before the first question: who gives the answers, how, and whether the person agrees."""

    told_by = forms.ChoiceField(label="Who gives the answers?", choices=ToldBy, widget=forms.RadioSelect)
    told_how = forms.ChoiceField(label="How?", choices=ToldHow, widget=forms.RadioSelect)
    consent = forms.ChoiceField(
        label="Does the person agree that the team keeps and uses the answers?",
        choices=StaffConsent,
        widget=forms.RadioSelect,
    )

    def clean(self) -> None:
        told_by, consent = self.cleaned_data.get("told_by"), self.cleaned_data.get("consent")
        if told_by == ToldBy.PERSON and consent not in (None, StaffConsent.AGREED):
            self.add_error("consent", "Ask them first. Without their agreement, don’t keep anything.")
        if told_by in (ToldBy.RELATIVE, ToldBy.REFERRER) and consent == StaffConsent.AGREED:
            self.add_error("consent", "You haven’t heard this from the person. Choose one of the other two.")


def take_page(request: HttpRequest) -> HttpResponse:
    """Show the form to begin, and the drafts that the user can continue; a POST begins or continues a draft."""
    by = staff_user(request)
    if "go_on" in request.POST:
        return go_on(request, by)
    form = TakeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        record(request, Verb.CHANGE, "answers from a caller: started")
        return begin(by, form.cleaned_data)
    context = {
        **admin.site.each_context(request),
        "title": "New case from a call or referral",
        "form": form,
        "opts": Case._meta,
        "begun": Draft.objects.alive().filter(taken_by=by).order_by("-touched_at"),
    }
    return TemplateResponse(request, "staff/take.html", context, status=422 if form.errors else 200)


def begin(by: User, given: dict[str, Any]) -> HttpResponse:
    """Create a draft and redirect to the first page of questions. Answers that staff fill in always go to the team.

    Args:
        by: the staff user.
        given: the cleaned data of ``TakeForm``.
    """
    draft, token = drafts.create(get_language() or "en")
    draft.taken_by, draft.told_by, draft.told_how = by, given["told_by"], given["told_how"]
    draft.consent, draft.consented_at = given["consent"], timezone.now()
    draft.answers = dict(SHARE_WITH_TEAM)
    draft.save()
    response = redirect(page_url(pages()[0]))
    drafts.set_cookie(response, token)
    return response


@transaction.atomic
def go_on(request: HttpRequest, by: User) -> HttpResponse:
    """Open a draft that the user began, also in another browser, in this browser, and redirect to its next page."""
    draft = own_draft(by, request.POST["go_on"])
    record(request, Verb.CHANGE, "answers from a caller: continued")
    token = drafts.claim(request, draft, shared_device=False)
    response = redirect("intake:go_on")
    drafts.set_cookie(response, token)
    return response


def own_draft(by: User, pk: str) -> Draft:
    """Return a draft that this user began, with its row locked.

    Args:
        by: the staff user.
        pk: the id of the draft, as it was posted.

    Raises:
        Http404: the user has no such draft.
    """
    draft = (
        Draft.objects.select_for_update()
        .alive()
        .filter(taken_by=by, pk=int(pk) if pk.isdecimal() else 0)
        .first()
    )
    if draft is None:
        raise Http404
    return draft


@transaction.atomic
def end_page(request: HttpRequest) -> HttpResponse:
    """Cut the questions short and go on to the contact page, return to the questions, or delete the draft.

    The button in the POST data decides: "end", "delete" or any other.
    """
    draft = drafts.get(request, lock=True)
    if draft is None or not draft.is_taken:
        return redirect("admin:desk_case_take")
    if "delete" in request.POST:
        draft.delete()
        record(request, Verb.CHANGE, "answers from a caller: discarded")
        return redirect("admin:desk_case_take")
    draft.cut_short = "end" in request.POST
    draft.save()
    return redirect("intake:go_on")
