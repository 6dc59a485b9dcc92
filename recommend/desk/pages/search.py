"""Find cases by reference, phone number, e-mail address or words of a name, with exact matches by blind indexes.

Search texts are personal, so they come by POST and are never in a URL.
"""

from typing import Any

from django.db.models import Q, QuerySet

from carenav.plumbing.codes import normalize_reference
from carenav.plumbing.crypto import blind_indexes
from carenav.plumbing.spelling import name_words, normal_email, normal_phone
from intake.models import ContactDetails
from recommend.desk.models import Case
from recommend.desk.queues import BY_TIER

SHOWN = 50
MOST = 1_000
"""The most references that a search for contact details returns, for very common names."""
MOST_WORDS = 20
"""The most words of a search text that are used, because each one joins another table."""
FEWEST_DIGITS = 5
"""The least digits of a text that is searched for as a phone number."""


def find(text: str) -> QuerySet[Case]:
    """Return cases that match a reference, phone number, e-mail address or name, by tier and then the oldest first.

    A name matches if it has every word of the text. Contact details of replaced submissions count too.
    """
    contacts = _with_name(text)
    if "@" in text:
        contacts = ContactDetails.objects.filter(_email(text))
    elif sum(char.isdecimal() for char in text) >= FEWEST_DIGITS:
        contacts = ContactDetails.objects.filter(_phone(text))
    # A separate query, because the database would scan all cases if this were combined with another condition.
    references = {
        *_references(contacts).values_list("submission__reference", flat=True)[:MOST],
        normalize_reference(text),
    }
    cases = Case.objects.filter(reference__in=references)
    return cases.select_related("assignee__staff").order_by(*BY_TIER, "pk")


def possible_duplicates(case: Case, contact: ContactDetails) -> QuerySet[Case]:
    """Return other cases with the same phone number or e-mail address, the newest first."""
    same = Q(pk__in=[])
    if contact.phone:
        same |= _phone(contact.phone)
    if contact.email:
        same |= _email(contact.email)
    others = ContactDetails.objects.filter(same)
    return (
        Case.objects.filter(reference__in=_references(others))
        .exclude(pk=case.pk)
        .order_by("-opened_at", "pk")
    )


def _phone(text: str) -> Q:
    number = normal_phone(text)
    return Q(phone_hash__in=blind_indexes("phone", number)) if number else Q(pk__in=[])


def _email(text: str) -> Q:
    return Q(email_hash__in=blind_indexes("email", normal_email(text)))


def _with_name(text: str) -> QuerySet[ContactDetails]:
    words = name_words(text)[:MOST_WORDS]
    contacts = ContactDetails.objects.all() if words else ContactDetails.objects.none()
    for word in words:
        contacts = contacts.filter(name_words__word_hash__in=blind_indexes("name", word))
    return contacts


def _references(contacts: QuerySet[ContactDetails]) -> QuerySet[ContactDetails, Any]:
    """Return the distinct references of the submissions of contact details."""
    return contacts.order_by().values("submission__reference").distinct()
