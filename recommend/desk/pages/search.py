"""Find cases by reference, or by exact phone number, e-mail or name words, through blind indexes.

Search text is personal: it comes by POST and is never in an address.
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
"""Of a very common name no more are looked at."""
MOST_WORDS = 20
"""Of a long text no more words are looked for: each is one more table to join."""
FEWEST_DIGITS = 5
"""A text with fewer digits is not taken for a phone number."""


def find(text: str) -> QuerySet[Case]:
    """Find cases by reference, phone number, e-mail address or name; urgent first, then the longest waiting.

    A name must contain every word. Contact details that were sent earlier and replaced since count, too.
    """
    contacts = _with_name(text)
    if "@" in text:
        contacts = ContactDetails.objects.filter(_email(text))
    elif sum(char.isdecimal() for char in text) >= FEWEST_DIGITS:
        contacts = ContactDetails.objects.filter(_phone(text))
    # Asked for first: beside another condition the database would read through all cases instead.
    references = {
        *_references(contacts).values_list("submission__reference", flat=True)[:MOST],
        normalize_reference(text),
    }
    cases = Case.objects.filter(reference__in=references)
    return cases.select_related("assignee").order_by(*BY_TIER, "pk")


def possible_duplicates(case: Case, contact: ContactDetails) -> QuerySet[Case]:
    """Return other cases with the same phone number or e-mail address."""
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
    """Return the references of contact details, each once: submissions of one case share it."""
    return contacts.order_by().values("submission__reference").distinct()
