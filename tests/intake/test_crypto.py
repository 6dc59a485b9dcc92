import base64

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import FieldError
from django.db import connection

from carenav.plumbing import crypto

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
TEXT = "Call after 6, Zoë 🙂\nnot at work"


@pytest.fixture(autouse=True)
def old_key(settings):
    settings.FIELD_KEYS = [OLD]


def test_a_text_comes_back_and_is_nowhere_in_the_token():
    token = crypto.encrypt(TEXT)
    assert crypto.decrypt(token) == TEXT
    assert "not at work" in TEXT
    assert b"not at work" not in base64.urlsafe_b64decode(token)
    assert crypto.encrypt(TEXT) != token  # equal texts cannot be told from their tokens


def test_an_old_token_is_read_after_a_new_key_came(settings):
    token = crypto.encrypt(TEXT)
    settings.FIELD_KEYS = [NEW, OLD]
    assert crypto.decrypt(token) == TEXT
    settings.FIELD_KEYS = [NEW]
    with pytest.raises(crypto.CannotDecrypt):
        crypto.decrypt(token)


def test_the_newest_key_encrypts(settings):
    settings.FIELD_KEYS = [NEW, OLD]
    token = crypto.encrypt(TEXT)
    settings.FIELD_KEYS = [NEW]
    assert crypto.decrypt(token) == TEXT


def test_each_changed_bit_is_refused():
    token = base64.urlsafe_b64decode(crypto.encrypt("a"))
    for bit in range(8 * len(token)):
        changed = (int.from_bytes(token) ^ 1 << bit).to_bytes(len(token))
        with pytest.raises(crypto.CannotDecrypt):
            crypto.decrypt(base64.urlsafe_b64encode(changed).decode())


@pytest.mark.parametrize("stored", ["plain text", "gAAAAA", "é", "\x00"])
def test_malformed_token_is_refused_without_being_quoted(stored):
    with pytest.raises(crypto.CannotDecrypt) as caught:
        crypto.decrypt(stored)
    assert stored not in str(caught.value)


def test_hashes_tell_values_kinds_and_keys_apart(settings):
    hashes = {
        crypto.blind_index("phone", "1"),
        crypto.blind_index("phone", "2"),
        crypto.blind_index("email", "1"),
    }
    settings.FIELD_KEYS = [NEW]
    hashes.add(crypto.blind_index("phone", "1"))
    assert len(hashes) == 4
    assert all(len(digest) == 64 for digest in hashes)


def test_a_hash_is_found_while_keys_are_rotated(settings):
    stored = crypto.blind_index("email", "zoe@example.org")
    settings.FIELD_KEYS = [NEW, OLD]
    assert stored in crypto.blind_indexes("email", "zoe@example.org")
    stored_anew = crypto.blind_index("email", "zoe@example.org")
    assert stored_anew != stored
    settings.FIELD_KEYS = [NEW]
    assert crypto.blind_indexes("email", "zoe@example.org") == [stored_anew]


class TestEncryptedTextField:
    """Without a table: a value goes to the database and comes back through the field's own methods."""

    field = crypto.EncryptedTextField(name="note")

    def test_the_database_gets_a_token_and_the_program_the_text(self):
        stored = self.field.get_db_prep_save(TEXT, connection)
        assert TEXT not in stored
        assert self.field.from_db_value(stored, None, connection) == TEXT

    @pytest.mark.parametrize("empty", ["", None])
    def test_empty_stays_empty(self, empty):
        assert self.field.get_db_prep_save(empty, connection) == empty
        assert self.field.from_db_value(empty, None, connection) == empty

    def test_a_zero_is_a_text(self):
        assert self.field.from_db_value(self.field.get_db_prep_save("0", connection), None, connection) == "0"

    def test_a_row_in_the_clear_is_refused(self):
        with pytest.raises(crypto.CannotDecrypt):
            self.field.from_db_value("somebody wrote this by hand", None, connection)

    def test_a_search_by_value_and_a_dump_are_refused(self):
        assert self.field.get_lookup("isnull") is not None
        for lookup in ("exact", "icontains", "in"):
            with pytest.raises(FieldError, match="keyed hash"):
                self.field.get_lookup(lookup)
        with pytest.raises(FieldError, match="dump"):
            self.field.value_to_string(None)
