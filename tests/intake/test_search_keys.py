"""Blind indexes of parts of names, numbers and references: what is stored, and that old contact details get theirs."""

import pytest
from cryptography.fernet import Fernet
from django.db.models import TextField, Value

from carenav.plumbing import crypto
from intake import search_keys
from intake.models import ContactDetails, ContactSearchKey
from recommend.desk.pages import search
from tests.support.cases import new_case
from tests.support.database import count_queries
from tests.support.people import BOB

pytestmark = pytest.mark.django_db

PARTS = {
    ("reference", "K7QX"), ("reference", "97MD"),
    ("name", "zoe"), ("name", "lin"), ("name", "lind"), ("name", "linds"), ("name", "lindst"), ("name", "lindstr"),
    ("name", "lindstro"),
    ("phone", "0123"), ("phone", "50123"), ("phone", "550123"), ("phone", "5550123"), ("phone", "75550123"),
}  # fmt: skip


def test_parts_are_beginnings_ends_and_halves():
    assert search_keys.parts_of("Zoë Lindström-Li", "(617) 555-0123", "K7QX-97MD") == PARTS


@pytest.mark.parametrize(("name", "phone"), [("", ""), ("Bo Li", ""), ("李", "12"), ("", "ext")])
def test_what_is_too_short_has_no_part(name, phone):
    assert search_keys.parts_of(name, phone, "") == set()


def test_parts_have_a_key_and_a_length_of_their_own():
    whole, part = crypto.blind_index("name", "zoe"), crypto.search_hash("name", "zoe")
    assert len(part) == 32
    assert not whole.startswith(part)


def test_the_order_of_the_rows_says_nothing_of_their_kind():
    new_case(BOB, {"name": "Zoë Lindström"})
    stored = list(ContactSearchKey.objects.order_by("pk").values_list("key_hash", flat=True))
    assert len(stored) > 10
    assert stored == sorted(stored)


def test_parts_are_stored_in_no_readable_form():
    new_case(BOB, {"name": "Zoë Lindström"})
    columns = {field.name for field in ContactSearchKey._meta.get_fields()}
    assert columns == {"id", "contact", "key_hash"}, "nothing says of which kind a part is"


# ---- contact details that came before


def fill() -> None:
    search_keys.fill(ContactDetails, ContactSearchKey)


@pytest.mark.parametrize("size", [1, 2, 500])
def test_old_contact_details_get_their_parts_in_batches(size, monkeypatch):
    monkeypatch.setattr(search_keys, "BATCH", size)
    cases = [new_case(BOB, {"name": f"Person{letter}"}) for letter in "abc"]
    stored = set(ContactSearchKey.objects.values_list("contact", "key_hash"))
    ContactSearchKey.objects.filter(contact__lt=cases[-1].submission.contact.pk).delete()
    with count_queries() as statements:
        fill()
    assert set(ContactSearchKey.objects.values_list("contact", "key_hash")) == stored
    assert any(f"LIMIT {size}" in each for each in statements)
    with count_queries() as statements:
        fill()
    assert not [each for each in statements if each.startswith("INSERT")]


def test_a_value_that_no_key_decrypts_keeps_the_rest_from_nothing():
    case, other = new_case(BOB), new_case(BOB, {"name": "Zoe"})
    ContactSearchKey.objects.all().delete()
    broken = Fernet(Fernet.generate_key()).encrypt(b"canary").decode()
    ContactDetails.objects.filter(submission=case.submission).update(name=Value(broken, TextField()))
    fill()
    assert list(search.find("zoe")) == [other]
    found = search.find("0100").order_by("pk").values_list("pk", flat=True)
    assert list(found) == [case.pk, other.pk]
