"""The data inventory: each field that stores something is declared, and docs/data-inventory.md says it."""

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import models

from carenav.plumbing import inventory, inventory_page
from carenav.plumbing.crypto import EncryptedTextField
from intake.models import ContactDetails, Draft


def test_each_field_has_class_purpose_and_retention():
    assert list(inventory.problems()) == []


def test_the_page_is_what_the_command_writes():
    written = inventory_page.path().read_text(encoding="utf-8")
    assert written == inventory_page.page(), "run `manage.py data_inventory --write`"


def test_each_model_and_field_is_on_the_page():
    page = inventory_page.page()
    for model in apps.get_models():
        _, _, part = page.partition(f"\n## {model._meta.label}\n")
        part = part.partition("\n## ")[0]
        for field in inventory.fields(model):
            assert f"\n| `{field.name}` | " in part, f"{model._meta.label}.{field.name}"


def test_free_text_about_people_is_encrypted_or_hashed():
    """Text without choices that says how to reach somebody is never in clear."""
    found = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for entry, field in zip(inventory.entries(model), inventory.fields(model), strict=True)
        if "contact" in entry.classes and entry.stored == "plain"
        if isinstance(field, models.CharField | models.TextField) and not field.choices
    ]
    assert found == []


def test_an_encrypted_field_is_shown_as_such_whatever_is_declared():
    for model in apps.get_models():
        for entry, field in zip(inventory.entries(model), inventory.fields(model), strict=True):
            assert isinstance(field, EncryptedTextField) == (entry.stored == "encrypted"), entry


def changed(monkeypatch, model, change):
    """Let the declaration of a model be changed by a function for one test."""
    declared = inventory.declaration(model)
    copy = declared | {"fields": {name: dict(told) for name, told in declared["fields"].items()}}
    change(copy)
    monkeypatch.setitem(inventory.read(inventory.declared_in(model)), model.__name__, copy)


def test_a_field_without_an_entry_is_named_with_what_to_add_where(monkeypatch):
    changed(monkeypatch, Draft, lambda told: told["fields"].pop("answers"))
    (problem,) = inventory.problems()
    assert problem == (
        'intake.Draft.answers: add `answers = { class = "...", purpose = "..." }` to [Draft.fields] in intake/data.toml'
    )
    with pytest.raises(CommandError, match=r"intake/data\.toml"):
        call_command("data_inventory")


def test_a_model_without_retention_is_named(monkeypatch):
    changed(monkeypatch, Draft, lambda told: told.pop("kept"))
    assert list(inventory.problems()) == ["intake.Draft: add kept to [Draft] in intake/data.toml"]


def test_a_model_without_a_declaration_is_named(monkeypatch):
    monkeypatch.delitem(inventory.read(inventory.declared_in(ContactDetails)), "ContactDetails")
    problems = list(inventory.problems())
    assert (
        "intake.ContactDetails: add about, kept, seen_by to [ContactDetails] in intake/data.toml" in problems
    )
    assert len(problems) == 1 + len(inventory.fields(ContactDetails))


def test_an_app_without_a_file_is_told_to_make_one(monkeypatch):
    """Only tables of Django and of libraries are declared in the file beside the code of the inventory."""
    for app in ("clinic", "intake"):
        folder = apps.get_app_config(app).path
        monkeypatch.setattr(Draft._meta, "app_label", app)
        assert inventory.declared_in(Draft).as_posix() == f"{folder}/data.toml"
    monkeypatch.setattr(Draft._meta, "app_label", "auth")
    assert inventory.declared_in(Draft) == inventory.DJANGO
    assert inventory.read(inventory.PROJECT / "no" / "data.toml") == {}


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"class": "secret", "purpose": "x"}, "class must be one or more of personal"),
        ({"purpose": "x"}, "class must be one or more of personal"),
        ({"class": "health"}, "say its purpose"),
        ({"class": "health", "purpose": "x", "kep": "ever"}, "unknown kep"),
    ],
)
def test_an_entry_that_is_not_whole_is_named(monkeypatch, entry, problem):
    changed(monkeypatch, Draft, lambda told: told["fields"].update(answers=entry))
    (found,) = inventory.problems()
    assert found.startswith("intake.Draft.answers in intake/data.toml: ")
    assert problem in found


def test_stored_is_not_declared_for_an_encrypted_field(monkeypatch):
    changed(monkeypatch, Draft, lambda told: told["fields"]["typed"].update(stored="plain"))
    assert [each for each in inventory.problems() if "it is encrypted" in each]


def test_entries_without_a_field_or_model_are_named(monkeypatch):
    changed(monkeypatch, Draft, lambda told: told["fields"].update(gone={"class": "health", "purpose": "x"}))
    monkeypatch.setitem(inventory.read(inventory.declared_in(Draft)), "Gone", {})
    assert list(inventory.problems()) == [
        "intake.Draft has no field gone: take it out of [Draft] in intake/data.toml",
        "intake/data.toml has [Gone], but there is no such model",
    ]


def test_something_outside_the_database_must_be_declared_whole(monkeypatch):
    monkeypatch.setitem(inventory.read(inventory.declared_in(Draft)), "outside", [{"what": "a cookie"}])
    assert len(list(inventory.problems())) == 1
