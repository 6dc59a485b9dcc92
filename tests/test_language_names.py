"""Names of languages, also of those that Django does not know."""

import pytest
from django.conf.locale import LANG_INFO
from django.utils.translation import override

from carenav.plumbing.i18n.names import introduce, translated_name


@pytest.fixture
def creole(monkeypatch):
    """Haitian Creole, which is not in Django's list."""
    assert "ht" not in LANG_INFO
    for code in ("ht", "fr"):
        monkeypatch.setitem(LANG_INFO, code, LANG_INFO.get(code, {}))
    del LANG_INFO["ht"]
    introduce("ht", "Kreyòl ayisyen")


@pytest.mark.parametrize(
    ("active", "code", "name"),
    [
        ("en", "ht", "Haitian Creole"),
        ("es", "ht", "criollo haitiano"),
        ("fr", "ht", "créole haïtien"),
        ("en", "es", "Spanish"),
        ("es", "en", "inglés"),
        ("ht", "ht", "Kreyòl ayisyen"),
    ],
)
def test_a_language_is_named_in_the_language_of_the_page(creole, active, code, name):
    with override(active):
        assert translated_name(code).casefold() == name.casefold()


def test_in_a_new_language_others_have_some_name(creole):
    with override("ht"):
        assert translated_name("es")


def test_a_language_that_django_knows_is_left_as_it_is(creole):
    before = dict(LANG_INFO["es"])
    introduce("es", "Castellano")
    assert LANG_INFO["es"] == before
