"""Make cases and the staff users who work on them."""

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
    """Return a new case, submitted with the answers of a person.

    Args:
        person: the person.
        contact: contact details that differ from ``CONTACT``.
        draft: fields of the draft.
    """
    sent = checked_draft_for(Client(), person.answers | {"share": "send"}, **draft)
    return submit.submit(sent, {"email": ""} | CONTACT | (contact or {})).case


def case_like(person: Person = ALICE, ago: timedelta = timedelta(), **fields: Any) -> Case:
    """Return a case in any state, written to the database without the workflow.

    Args:
        person: the person whose answers it has.
        ago: how long ago it was sent.
        fields: fields of the case. Fields that must fit to these get a value by default, such as ``finished_at``. The
            next action of an open case is due by default.
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
    """Return a coordinator with this name; made if there is none."""
    return staff_user("coordinator", name)


def at_desk(name: str = "ann") -> Client:
    """Return a client in which a coordinator is signed in."""
    client = Client()
    sign_in(client, "coordinator", name)
    return client


def may_only_look(member: User) -> None:
    """Remove a user's role, and give them only the permission to view cases."""
    member.groups.clear()
    member.user_permissions.set(Permission.objects.filter(codename="view_case"))


def called(case: Case, by: User, outcome: str = "reached", at: datetime | None = None) -> Case:
    workflow.note_attempt(case, by, "call", outcome, at)
    return case


def case_url(case: Case) -> str:
    return f"/staff/desk/case/{case.pk}/change/"
