"""The pages that the proxy serves while the site is slow or gone."""

import os
import re
import stat

import pytest
from django.conf import settings
from django.core.checks.registry import registry
from django.core.management import call_command

from carenav.clinic.content import crisis_lines
from intake import outage_pages

COUNTRIES = [country.id for country in crisis_lines().countries]
LANGUAGES = [code for code, _name in settings.LANGUAGES]


def test_there_is_help_for_each_language_and_country_and_a_page_for_an_outage():
    wanted = {f"{page}.{language}.html" for page in ("help", "down") for language in LANGUAGES}
    wanted |= {f"help.{country}.{language}.html" for country in COUNTRIES for language in LANGUAGES}
    assert set(outage_pages.pages()) == wanted


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_without_a_country_is_that_of_the_site(settings, language):
    settings.COUNTRY = "gb"
    pages = outage_pages.pages()
    assert pages[f"help.{language}.html"] == pages[f"help.gb.{language}.html"]
    assert 'href="tel:999"' in pages[f"help.{language}.html"]


def test_help_is_what_the_site_shows_to_somebody_new(client):
    assert outage_pages.pages()["help.en.html"] == client.get("/help-now/").content.decode()


def test_no_page_holds_a_token_or_a_script():
    for name, page in outage_pages.pages().items():
        assert "csrf" not in page, name
        assert "<script" not in page, name


def test_each_page_is_in_its_language_and_names_numbers():
    for name, page in outage_pages.pages().items():
        assert f'<html lang="{name.split(".")[-2]}">' in page
        assert re.search(r'href="(tel|sms):\d', page), name


@pytest.mark.django_db
def test_the_pages_can_be_read_by_the_proxy_whatever_the_umask(settings, tmp_path, monkeypatch):
    settings.STATIC_ROOT = tmp_path / "staticfiles"
    before = os.umask(0o077)
    (settings.STATIC_ROOT / "patient").mkdir(parents=True)
    (settings.STATIC_ROOT / "patient" / "carenav.css.gz").write_text("")
    try:
        call_command("write_outage_pages", verbosity=0)
    finally:
        os.umask(before)
    assert len([*outage_pages.folder().iterdir()]) == len(outage_pages.pages())
    for place in (settings.STATIC_ROOT, *settings.STATIC_ROOT.rglob("*")):
        assert stat.S_IMODE(place.stat().st_mode) == (0o755 if place.is_dir() else 0o644), place


def test_the_deploy_check_asks_for_the_pages(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "staticfiles.json").write_text("{}")
    assert [message.id for message in outage_pages.check_written()] == ["intake.W001"]
    outage_pages.write()
    assert outage_pages.check_written() == []
    assert outage_pages.check_written in registry.get_checks(include_deployment_checks=True)
    assert outage_pages.check_written not in registry.get_checks()
