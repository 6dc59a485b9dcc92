"""Key rotation covers everything that is encrypted and loses nothing, even beside other writers."""

import io
import json

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import TextField, Value
from django.utils import timezone

from carenav.accounts import second_factor
from carenav.accounts.models import Authenticator, Invitation, current_code
from carenav.plumbing import codes, crypto
from intake import drafts, key_rotation
from intake.models import ContactDetails, ContactNameWord, ContactSearchKey, Submission
from recommend.desk import unsaved
from recommend.desk.audit import chain, recorder, verification
from recommend.desk.models import (
    CallAnswer,
    Case,
    CaseChange,
    ChainHead,
    ContactAttempt,
    Disposition,
    LegalHold,
    Note,
    Placement,
)
from recommend.desk.pages import search
from tests.support.cases import new_case, user
from tests.support.database import count_queries
from tests.support.people import BOB
from tests.support.staff import PASSWORD, staff_user

pytestmark = pytest.mark.django_db

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
CONTACT = {
    "name": "Zoë O'Neill",
    "phone": "617 555 0199",
    "email": "zoe@example.org",
    "safe_times": "after six",
    "language": "Portuguese",
    "access_needs": "a ramp",
    "note": "canary of the note",
}


@pytest.fixture
def case(settings) -> Case:
    """Something in every encrypted field there is, and then a new key."""
    settings.FIELD_KEYS = [OLD]
    ChainHead.objects.update(
        signature=chain.head_signature(**chain.EMPTY)
    )  # as a site begins that has this key
    case = new_case(BOB, CONTACT)
    ann = staff_user("coordinator", "ann")
    ContactAttempt.objects.create(
        case=case,
        by=ann,
        how="call",
        outcome="reached",
        note="canary of the call",
        error_at=timezone.now(),
        error_by=ann,
        error_reason="canary of the correction",
    )
    Note.objects.create(case=case, by=ann, text="canary of the team")
    CallAnswer.objects.create(
        case=case, by=ann, question="x", asked="canary of the question", learned="canary of the answer"
    )
    Disposition.objects.create(case=case, by=ann, level="php", reason="other", text="canary of the level")
    CaseChange.objects.create(case=case, by=ann, what="status", reason="canary of the reason")
    wrong = {"error_at": timezone.now(), "error_by": ann, "error_reason": "canary of the placement"}
    Placement.objects.create(case=case, elsewhere="canary of the place", state="offered", **wrong)
    LegalHold.objects.create(case=case, by=ann, why="canary of the hold")
    assert unsaved.keep(case.pk, ann, {"version": "1", "since": "9999", "note": "canary of the unsaved note"})
    second_factor.new_link(user("ida"))
    draft, _token = drafts.create("en")
    draft.typed = json.dumps({"note": "canary of the draft"})
    draft.save()
    settings.FIELD_KEYS = [NEW, OLD]
    return case


def rotate(*options: str) -> str:
    out = io.StringIO()
    call_command("rotate_keys", *options, stdout=out)
    return out.getvalue()


def fails(*options: str) -> str:
    """All that it says: the error, and what it writes to both streams."""
    out = io.StringIO()
    with pytest.raises(CommandError) as error:
        call_command("rotate_keys", *options, stdout=out, stderr=out)
    return f"{out.getvalue()}{error.value}"


def tokens() -> dict[str, str]:
    """Whatever looks encrypted in any column of any table, found without a word of the code under test."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                for column, value in zip(cursor.description, row, strict=True):
                    if isinstance(value, str) and value.startswith("gAAAA"):
                        found[f"{table}.{column[0]} {row[0]}"] = value
    return found


def under(key: str) -> set[str]:
    """The places of those that this key alone decrypts."""
    places = set()
    for place, token in tokens().items():
        try:
            Fernet(key).decrypt(token)
        except InvalidToken:
            continue
        places.add(place)
    return places


def as_stored(table: str, column: str) -> str:
    """What the one row of a table has in a column."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table}")
        return cursor.fetchone()[0]


def store(model, field, pk, token):
    """Write a token as it is, past the field that would encrypt it."""
    model.objects.filter(pk=pk).update(**{field: Value(token, TextField())})


# ---- nothing is forgotten


def test_everything_that_is_encrypted_is_under_the_new_key(case):
    before = tokens()
    columns = {place.partition(" ")[0] for place in before}
    fields = {
        f"{model._meta.db_table}.{field.column}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.local_fields
        if "Encrypted" in type(field).__name__
    }
    assert columns == fields  # a new field needs a value in the fixture above
    assert under(OLD) == set(before)
    said = rotate()
    assert under(NEW) == set(before) == set(tokens())
    assert "intake.ContactDetails.name: 1 made anew" in said
    assert "accounts.Authenticator.key: 1 made anew" in said
    assert "accounts.Invitation.key: 1 made anew" in said
    assert "the others can be moved from FIELD_KEYS to RETIRED_FIELD_KEYS" in said
    for secret in ("canary", "Zoë", "617", OLD, NEW):
        assert secret not in said


@pytest.mark.parametrize(
    "text", ["617 555 0199", "zoe@example.org", "ZOE", "o'neill", "zoe o'neill", "o'ne", "0199", "5550199"]
)
def test_a_case_is_read_and_found_with_the_new_key_alone(text, case, settings):
    rotate()
    settings.FIELD_KEYS = [NEW]
    contact = ContactDetails.objects.get()
    assert {name: getattr(contact, name) for name in CONTACT} == CONTACT
    assert Note.objects.get().text == "canary of the team"
    assert list(search.find(text)) == [case]


def test_staff_sign_in_with_the_new_key_alone(case, client, settings):
    key = Authenticator.objects.get(user__username="ann").key
    rotate()
    settings.FIELD_KEYS = [NEW]
    assert Authenticator.objects.get(user__username="ann").key == key
    typed = {"username": "ann", "password": PASSWORD, "code": current_code(key)}
    assert client.post("/staff/login/", typed).status_code == 302
    assert Invitation.objects.get().key


def test_case_is_found_before_and_during_rotation(case):
    ContactNameWord.objects.filter(word_hash=crypto.blind_indexes("name", "zoe")[1]).update(
        word_hash=crypto.blind_index("name", "zoe")
    )
    assert list(search.find("zoe o'neill")) == [case]
    rotate()
    assert list(search.find("zoe o'neill")) == [case]


def test_half_of_a_reference_is_found_with_the_new_key_alone(case, settings):
    rotate()
    settings.FIELD_KEYS = [NEW]
    assert list(search.find(case.reference[:4])) == [case]


def test_parts_under_an_older_key_are_counted_and_moved(case):
    parts = ContactSearchKey.objects.count()
    older = f"intake.ContactSearchKey.key_hash: 0 under the first key, {parts} under an older one"
    assert older in fails("--check")
    assert f"intake.ContactSearchKey.key_hash: {parts} made anew" in rotate()
    assert ContactSearchKey.objects.count() == parts


def test_empty_stays_empty(settings):
    settings.FIELD_KEYS = [OLD]
    new_case(BOB, {"name": "", "phone": "", "email": "", "note": ""})
    settings.FIELD_KEYS = [NEW, OLD]
    rotate()
    contact = ContactDetails.objects.get()
    assert (contact.name, contact.phone, contact.phone_hash, contact.email_hash) == ("", "", "", "")


def test_the_log_of_accesses_is_not_touched(case, settings):
    chain.append(None, recorder.Verb.PAGE, "a page")
    rotate()
    chain.append(None, recorder.Verb.PAGE, "another page")
    assert list(verification.Verification().faults()) == []
    settings.FIELD_KEYS, settings.RETIRED_FIELD_KEYS = [NEW], [OLD]
    assert list(verification.Verification().faults()) == []


def test_patient_codes_work_while_their_key_is_retired(case, settings):
    settings.FIELD_KEYS = [OLD]
    code = codes.private_code("a token")
    Submission.objects.update(erase_hash=codes.code_hash(code))
    settings.FIELD_KEYS = [NEW, OLD]
    assert "where the codes of patients still need them" in rotate()
    stored = Submission.objects.get().erase_hash
    assert codes.matches(code, stored)
    settings.FIELD_KEYS, settings.RETIRED_FIELD_KEYS = [NEW], [OLD]
    assert codes.matches(code, stored)
    settings.RETIRED_FIELD_KEYS = []
    assert not codes.matches(code, stored)


def test_a_retired_key_opens_no_door_for_staff(case, settings):
    """Somebody with an old key and write access to the database could make codes with it."""
    settings.FIELD_KEYS = [OLD]
    authenticator = Authenticator.objects.get()
    [code, *_] = authenticator.new_backup_codes()
    token = Invitation.objects.make(authenticator.user)
    settings.FIELD_KEYS, settings.RETIRED_FIELD_KEYS = [NEW, OLD], []
    rotate()
    settings.FIELD_KEYS, settings.RETIRED_FIELD_KEYS = [NEW], [OLD]
    assert not Authenticator.objects.get().verify_token(code)
    assert not Invitation.objects.open(token).exists()


# ---- counting only


def test_check_only_counts_and_fails_while_an_older_key_is_needed(case):
    before = tokens()
    said = fails("--check")
    assert "intake.ContactDetails.phone: 0 under the first key, 1 under an older one" in said
    assert "intake.ContactDetails.phone_hash: 0 under the first key, 1 under an older one" in said
    assert "intake.ContactNameWord.word_hash: 0 under the first key, 2 under an older one" in said
    assert tokens() == before
    rotate()
    said = rotate("--check")
    assert "intake.ContactDetails.phone: 1 under the first key, 0 under an older one" in said
    assert "intake.ContactNameWord.word_hash: 2 under the first key, 0 under an older one" in said


@pytest.mark.parametrize("left", ["phone_hash", "email_hash"])
def test_a_hash_alone_keeps_the_older_key(left, case):
    old = ContactDetails.objects.values_list(left, flat=True).get()
    rotate()
    ContactDetails.objects.update(**{left: old})
    assert "Not under the first key: 1." in fails("--check")
    assert "made anew" in rotate()


def test_rotation_with_one_key_does_nothing(case, settings):
    rotate()
    settings.FIELD_KEYS = [NEW]
    assert rotate("--check").endswith("Everything is under the one key there is.\n")


# ---- what no key fits


@pytest.mark.parametrize("broken", ["gAAAAABchanged", "not a token at all, canary", "é"])
@pytest.mark.parametrize("options", [(), ("--check",)], ids=["rotate", "check"])
def test_unreadable_value_is_named_and_kept_and_the_rest_rotated(broken, options, case):
    contact = ContactDetails.objects.get()
    store(ContactDetails, "note", contact.pk, broken)
    said = fails(*options)
    assert f"fits no key: intake.ContactDetails.note of row {contact.pk}\n" in said
    assert "Values that fit none of FIELD_KEYS: 1;" in said
    assert broken not in said
    assert as_stored("intake_contactdetails", "note") == broken
    assert len(under(OLD)) == (0 if not options else len(tokens()) - broken.startswith("gAAAA"))


def test_a_key_that_was_taken_away_too_early_loses_nothing(case, settings):
    other = Fernet.generate_key().decode()
    before = tokens()
    settings.FIELD_KEYS = [other]
    said = fails()
    assert "put it back at the end of FIELD_KEYS" in said
    assert tokens() == before
    settings.FIELD_KEYS = [other, OLD]
    rotate()
    assert under(other) == set(before)


# ---- stopped, and beside others


@pytest.mark.parametrize("size", [1, 2, 500])
def test_batches_make_no_difference(size, case, monkeypatch, settings):
    monkeypatch.setattr(key_rotation, "BATCH", size)
    settings.FIELD_KEYS = [OLD]
    for number in range(5):
        Note.objects.create(case=case, by=user("ann"), text=f"note {number}")
    settings.FIELD_KEYS = [NEW, OLD]
    with count_queries() as statements:
        rotate()
    assert under(NEW) == set(tokens())
    reads = [each for each in statements if each.startswith("SELECT") and 'FROM "desk_note"' in each]
    assert reads
    assert all(f"LIMIT {size}" in each for each in reads)


def test_stopped_rotation_is_continued(case, monkeypatch):
    real, done = key_rotation.reencrypted, []

    def stops(token):
        if len(done) == 4:
            raise KeyboardInterrupt
        done.append(token)
        return real(token)

    monkeypatch.setattr(key_rotation, "reencrypted", stops)
    with pytest.raises(KeyboardInterrupt):
        rotate()
    assert len(under(NEW)) == 4
    assert {name: getattr(ContactDetails.objects.get(), name) for name in CONTACT} == CONTACT
    monkeypatch.setattr(key_rotation, "reencrypted", real)
    rotate()
    assert under(NEW) == set(tokens())


def test_a_second_run_writes_nothing(case):
    rotate()
    with count_queries() as statements:
        rotate()
    assert not [each for each in statements if each.startswith("UPDATE")]


def between_reading_and_writing(monkeypatch, do):
    """Do something once, after a note was read and before it is written."""
    real = key_rotation.reencrypted

    def reencrypted(token):
        if Fernet(OLD).decrypt(token) == b"canary of the team":
            do()
        return real(token)

    monkeypatch.setattr(key_rotation, "reencrypted", reencrypted)


def test_value_written_meanwhile_is_kept(case, monkeypatch):
    between_reading_and_writing(monkeypatch, lambda: Note.objects.update(text="newer"))
    rotate()
    assert Note.objects.get().text == "newer"


def test_value_written_with_the_older_key_meanwhile_is_reported(case, monkeypatch):
    newer = Fernet(OLD).encrypt(b"newer").decode()
    between_reading_and_writing(monkeypatch, lambda: store(Note, "text", Note.objects.get().pk, newer))
    assert "Not under the first key: 1. Run `manage.py rotate_keys` (again)." in fails()
    assert Note.objects.get().text == "newer"
    monkeypatch.undo()
    rotate()


def test_value_deleted_meanwhile_does_not_come_back(case, monkeypatch):
    between_reading_and_writing(monkeypatch, lambda: Note.objects.all().delete())
    rotate()
    assert not Note.objects.exists()


def test_contact_details_deleted_meanwhile_leave_no_name_word(case, monkeypatch):
    real = key_rotation.name_words
    monkeypatch.setattr(
        key_rotation, "name_words", lambda text: ContactDetails.objects.all().delete() and real(text)
    )
    rotate()
    assert not ContactNameWord.objects.exists()


def test_contact_details_deleted_meanwhile_leave_no_part(case, monkeypatch):
    real = key_rotation.parts_of

    def parts_of(*given):
        ContactDetails.objects.all().delete()
        return real(*given)

    monkeypatch.setattr(key_rotation, "parts_of", parts_of)
    rotate()
    assert not ContactSearchKey.objects.exists()
