"""Cases at the desk, and who works on them."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from recommend.desk import workflow
from recommend.desk.models import Case, Tier
from recommend.desk.reaching import contact_by
from recommend.desk.submissions import submit
from tests.support.people import ALICE, CONTACT, Person, checked_draft_for
from tests.support.staff import sign_in, staff_user


def new_case(person: Person = ALICE, contact: dict[str, str] | None = None, **draft: Any) -> Case:
    """A case as it comes from a person."""
    sent = checked_draft_for(Client(), person.answers | {"share": "send"}, **draft)
    return submit.submit(sent, {"email": ""} | CONTACT | (contact or {})).case


def case_like(person: Person = ALICE, ago: timedelta = timedelta(), **fields: Any) -> Case:
    """A case as it may stand after a while, whatever led there.

    Args:
        ago: how long it waits.
        fields: those of the row; ``finished_at`` and the like follow from the others. The next action of an open one
            is due, unless they say otherwise.
    """
    case = new_case(person)
    fields = {"opened_at": timezone.now() - ago} | fields
    if "urgent" in fields:
        fields.setdefault("tier", Tier.TODAY if fields["urgent"] else Tier.ROUTINE)
    if fields.get("assignee"):
        fields.setdefault("assigned_at", timezone.now())
    if fields.get("acknowledged_at"):
        fields.setdefault("acknowledged_by", fields.get("assignee") or user("somebody"))
    tier = fields.get("tier", case.tier)
    fields.setdefault("contact_by", contact_by(tier, fields["opened_at"]))
    is_new = fields.get("status", "new") == "new"
    fields.setdefault("next_action_at", fields["opened_at"] if is_new else timezone.now())
    if fields.get("status") in ("placed", "closed"):
        fields.setdefault("finished_at", timezone.now())
        fields |= {"next_action": "", "next_action_at": None}
    if fields.get("status") == "closed":
        fields.setdefault("outcome", "other_care")
    if fields.get("stale_because"):
        fields.setdefault("stale_since", timezone.now())
    Case.objects.filter(pk=case.pk).update(**fields)
    case.refresh_from_db()
    return case


def user(name: str) -> User:
    """A coordinator."""
    return staff_user("coordinator", name)


def at_desk(name: str = "ann") -> Client:
    """The browser of a coordinator who has signed in."""
    client = Client()
    sign_in(client, "coordinator", name)
    return client


def may_only_look(member: User) -> None:
    """Take them out of their role, and let them see cases."""
    member.groups.clear()
    member.user_permissions.set(Permission.objects.filter(codename="view_case"))


def called(case: Case, by: User, outcome: str = "reached", at: datetime | None = None) -> Case:
    workflow.note_attempt(case, by, "call", outcome, at)
    return case


def case_url(case: Case) -> str:
    return f"/staff/desk/case/{case.pk}/change/"
