"""Find cases by reference, phone number, e-mail address or name, or by part of one, with blind indexes.

Search texts are personal, so they come by POST and are never in a URL.
"""

from typing import Any

from django.db.models import Q, QuerySet

from carenav.plumbing.codes import normalize_reference
from carenav.plumbing.crypto import blind_indexes
from carenav.plumbing.spelling import name_words, normal_email, normal_phone
from intake.models import ContactDetails
from intake.search_keys import beginning_hashes, other_hashes
from recommend.desk.models import Case
from recommend.desk.queues import BY_TIER

SHOWN = 50
MOST = 1_000
"""The most references that a search for contact details returns, for very common names."""
MOST_WORDS = 20
"""The most words of a search text that are used, because each one joins another table."""
FEWEST_DIGITS = 5
"""The least digits of a text that is searched for as a whole phone number."""


def find(text: str) -> QuerySet[Case]:
    """Return cases that match a reference, phone number, e-mail address or name, by tier and then the oldest first.

    A name matches if each word of the text begins one of its words; words of one or two letters must be whole. Of a
    phone number, the last four to eight digits are enough, and of a reference, one of its two groups. Contact details
    of replaced submissions count too.
    """
    contacts = [_with_name(text)]
    if "@" in text:
        contacts = [ContactDetails.objects.filter(_email(text))]
    elif sum(char.isdecimal() for char in text) >= FEWEST_DIGITS:
        contacts = [ContactDetails.objects.filter(_phone(text))]
    if parts := other_hashes(text):
        contacts.append(ContactDetails.objects.filter(search_keys__key_hash__in=parts))
    # Separate queries, because the database would scan all cases if these were combined with other conditions.
    references = {normalize_reference(text)}
    for each in contacts:
        references |= set(_references(each).values_list("submission__reference", flat=True)[:MOST])
    cases = Case.objects.filter(reference__in=references)
    return cases.select_related("assignee__staff", "submission__contact").order_by(*BY_TIER, "pk")


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
        if beginnings := beginning_hashes(word):
            contacts = contacts.filter(search_keys__key_hash__in=beginnings)
        else:
            contacts = contacts.filter(name_words__word_hash__in=blind_indexes("name", word))
    return contacts


def _references(contacts: QuerySet[ContactDetails]) -> QuerySet[ContactDetails, Any]:
    """Return the distinct references of the submissions of contact details."""
    return contacts.order_by().values("submission__reference").distinct()
