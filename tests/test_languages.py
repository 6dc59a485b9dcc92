"""Everything a patient sees is there in every language, and no English shows through on the way."""

import os
import re
import time
from dataclasses import replace
from datetime import date

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.utils.formats import date_format
from django.utils.translation import ngettext, override

from carenav import errors
from carenav.clinic.content import crisis_lines
from carenav.plumbing.i18n import catalogs, messages
from carenav.plumbing.i18n.localized_text import LocalizedText
from intake import content
from recommend.rules.pages import share
from tests.support.languages import OTHERS, Shown, catalogue, english_in, forms
from tests.support.people import CONTACT, DANA, PEOPLE, WELL, checked_draft_for
from tests.support.walker import Walker

PLACEHOLDERS = re.compile(r"%\(\w+\)[sd]|<[^>]*>|%(?!\()")
PAGES = [
    "/",
    "/help-now/",
    "/privacy/",
    "/accessibility/",
    "/staying-private/",
    "/plan/",
    "/come-back/",
    "/stopped-for-now/",
    "/where-to-get-help/1/",
    "/where-to-get-help/2/",
    "/where-to-get-help/3/",
    "/delete/",
    "/openings/no-such-link/",
    "/levels-of-care/",
    "/about/",
    "/how-we-decide/",
    "/where-sources-disagree/",
    "/proof/",
    "/try-it/",
    "/nowhere/",
]
NOT_FOUND = ("/nowhere/", "/openings/no-such-link/")
ERRORS = ["400", "403", "404", "500", "503", "csrf"]


def visitor(language: str) -> Walker:
    return Walker(Client(enforce_csrf_checks=True, headers={"Accept-Language": f"{language}-XX, en;q=0.5"}))


def leaks(walker: Walker, language: str) -> list[str]:
    """English on the page that is open."""
    page = walker.steps[-1].response.content.decode()
    assert Shown(page).language == language, walker.url
    assert walker.steps[-1].response["Content-Language"] == language
    return [f"{walker.url}: {found}" for found in english_in(page, language)]


# ---- the catalogue


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_of_the_pages_is_translated(language):
    translated = catalogue(language)
    assert messages.lacking(translated) == []
    wanted = {(message.id, message.context) for message in messages.template() if message.id}
    assert wanted == {(message.id, message.context) for message in translated if message.id}, (
        "run `make messages`"
    )


@pytest.mark.parametrize("language", OTHERS)
def test_placeholders_and_links_are_the_same_in_a_translation(language):
    for message in catalogue(language):
        for translation in forms(message.string) if message.id else []:
            wanted = [sorted(PLACEHOLDERS.findall(text)) for text in forms(message.id)]
            assert sorted(PLACEHOLDERS.findall(translation)) in wanted, message.id


@pytest.mark.parametrize("language", OTHERS)
def test_numbers_are_the_same_in_a_translation(language):
    def numbers(text: str) -> list[str]:
        return sorted(re.findall(r"\d+", text.replace("1,000", "1000").replace("6 pm", "6")))

    for message in catalogue(language):
        for translation in forms(message.string) if message.id else []:
            assert numbers(translation) == numbers(forms(message.id)[0]), message.id


def test_staff_texts_are_not_in_the_catalog():
    template = messages.template()
    assert "Urgent" not in template
    inside = [path.relative_to(messages.ROOT).as_posix() for path in messages.sources()]
    staff = [path for path in inside if {"desk", "accounts", "staff", "admin"} & {*path.split("/")}]
    assert {path.rpartition("/")[0] + "/" for path in staff} == {messages.FOR_PATIENTS}


def test_new_texts_come_in_without_a_guess_and_old_ones_go_out(tmp_path):
    path = tmp_path / "es" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(
        '#, fuzzy\nmsgid ""\nmsgstr ""\n"Language: es\\n"\n\nmsgid "Continue!"\nmsgstr "Continuar"\n'
    )
    assert "Continue" in messages.update(path)
    assert "Continue!" not in messages.read(path)
    assert not messages.read(path).fuzzy
    assert not messages.read(path)["Continue"].fuzzy


def test_a_text_over_several_lines_is_found(tmp_path):
    path = tmp_path / "a.html"
    text = "{% blocktranslate trimmed with a=b %}\n  Hi {{ a }}\n  100%\n{% endblocktranslate %}"
    path.write_text(f"<p title=\"{{% translate 'It is' %}}\">\n   it’s (\n {text}")
    assert [id for id, _context in messages.messages(path)] == ["It is", "Hi %(a)s 100%%"]


@pytest.fixture
def folder(settings, tmp_path):
    """Where the words of a made-up language stand."""
    settings.LOCALE_PATHS = [tmp_path]
    settings.LANGUAGES = [("en", "English"), ("nl", "Nederlands")]
    folder = tmp_path / "nl" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    return folder


def write_source(folder, words: str) -> None:
    (folder / "django.po").write_text(
        f'msgid ""\nmsgstr "Language: nl\\n"\n\nmsgid "Go on"\nmsgstr {words}\n'
    )


def test_the_start_makes_what_is_missing_or_older(folder):
    write_source(folder, '"Verder"')
    catalogs.compile_catalogs()
    made = folder / "django.mo"
    assert b"Verder" in made.read_bytes()
    first = made.stat().st_mtime_ns
    catalogs.compile_catalogs()
    assert made.stat().st_mtime_ns == first
    write_source(folder, '"Ga door"')
    os.utime(folder / "django.po", (time.time() + 10, time.time() + 10))
    catalogs.compile_catalogs()
    assert b"Ga door" in made.read_bytes()
    assert sorted(path.name for path in folder.iterdir()) == ["django.mo", "django.po"]


def test_the_start_is_refused_without_the_words_or_with_broken_ones(folder):
    with pytest.raises(ImproperlyConfigured, match=r"django\.po is missing"):
        catalogs.compile_catalogs()
    for broken in (b"no catalogue at all", 'msgid "Go on"\nmsgstr "vóór"'.encode("latin-1")):
        (folder / "django.po").write_bytes(broken)
        with pytest.raises(ImproperlyConfigured, match=r"django\.mo cannot be made"):
            catalogs.compile_catalogs()


# ---- no English shows through


@pytest.mark.some(4)
@pytest.mark.django_db
@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("share", ["send", "only_me"])
@pytest.mark.parametrize("person", PEOPLE, ids=str)
def test_no_english_on_the_whole_way(person, share, language):
    walker, found = visitor(language), []
    walker.get("/")
    while walker.page.name not in ("result", "stop"):
        found += leaks(walker, language)
        if walker.page.name in ("section", "share", "contact"):
            walker.send(
                dict.fromkeys(walker.page.form.offered, ())
            )  # nothing chosen: the page with its errors
            found += leaks(walker, language)
        walker.next(person.answers | CONTACT | {"share": share})
        assert walker.status < 400, walker.url
    for url in ("/result/", "/result/sheet/", "/delete/"):
        walker.get(url)
        found += leaks(walker, language)
    assert found == []


@pytest.mark.django_db
@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("url", PAGES)
def test_no_english_on_a_page_of_its_own(url, language, settings):
    settings.CLINIC_PHONE = "(617) 555-0100"
    walker = visitor(language)
    walker.client.raise_request_exception = False
    walker.get(url)
    assert walker.status == (404 if url in NOT_FOUND else 200)
    assert leaks(walker, language) == []


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("name", ERRORS)
def test_no_english_on_an_error_page(name, language, rf):
    status = 403 if name == "csrf" else int(name)
    request = rf.get("/", headers={"Accept-Language": language})
    response = errors.error_page(request, status, name)
    assert english_in(response.content.decode(), language) == []
    assert Shown(response.content.decode()).language == response["Content-Language"] == language


@pytest.mark.django_db
@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("answers", [{"who": "other"}, {"age": "13_17"}, {"age": "under_13"}], ids=str)
def test_no_english_on_a_page_that_ends_the_questions(answers, language):
    walker = visitor(language)
    walker.walk(WELL | answers)
    assert walker.page.name == "stop"
    assert leaks(walker, language) == []


@pytest.mark.django_db
@pytest.mark.parametrize("language", OTHERS)
def test_no_english_where_something_is_saved_found_again_or_deleted(language):
    walker, found = visitor(language), []
    checked_draft_for(walker.client, DANA.answers | {"share": "only_me"}, shared_device=True)
    for url in ("/answers/check/", "/save/", "/answers/1/", "/result/"):
        walker.get(url)
        found += leaks(walker, language)
    walker.get("/save/")
    walker.send({})
    found += leaks(walker, language)
    for url, answers in (
        ("/come-back/", {"code": "?"}),
        ("/come-back/", {"code": "ACDE-FHJK-LMNP-QRTU"}),
        ("/try-it/", {}),
        ("/try-it/", DANA.answers | {"suicidal_now": "yes"}),
    ):
        walker.get(url)
        walker.send(answers)
        found += leaks(walker, language)
    other = visitor(language)
    for reference, code in (("", ""), ("K7QX", "?"), ("K7QX-97MD", "ACDE-FHJK-LMNP-QRTU")):
        other.get("/delete/")
        other.send({"reference": reference, "code": code})
        found += leaks(other, language)
    for _deleted in range(2):
        walker.get("/delete/")
        walker.client.post("/delete/", {"here": "yes"})
        walker.get("/delete/done/")
        found += leaks(walker, language)
    assert found == []


@pytest.mark.django_db
def test_django_field_errors_are_spanish():
    walker = visitor("es")
    checked_draft_for(walker.client, WELL | {"share": "send"})
    walker.get("/contact/")
    walker.send(CONTACT | {"name": "x" * 201, "reach_by": "email", "email": "no"})
    text = "\n".join(Shown(walker.steps[-1].response.content.decode()).texts)
    assert "Asegúrese de que este valor tenga" in text
    assert "Revise el correo" in text


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, "Esta respuesta suya fue la que más contó"),
        (3, "Estas 3 respuestas suyas fueron las que más contaron"),
    ],
)
def test_plural_forms_follow_the_language(count, words):
    with override("es"):
        said = ngettext(
            "This answer of yours counted most:",
            "These %(number)s of your answers counted most:",
            count,
        )
        assert (said % {"number": count}).startswith(words)


def test_dates_and_numbers_are_written_as_in_the_language():
    with override("es"):
        assert date_format(date(2026, 11, 25), "DATE_FORMAT") == "25 de noviembre de 2026"
        assert share(11, 7000) == "0,16\N{NO-BREAK SPACE}%"
    with override("en"):
        assert share(11, 7000) == "0.16\N{NO-BREAK SPACE}%"


def test_a_language_with_a_country_has_its_own_words():
    """And is spoken like the same one without a country."""
    line = replace(crisis_lines().country("us").crisis[0], languages=("pt",), kind="suicide")
    with override("pt-br"):
        assert str(LocalizedText({"en": "Yes", "pt-br": "Sim"})) == "Sim"
        assert line.other_languages == []


def test_a_page_in_another_language_is_not_taken_for_it():
    """The test of the tests: what is English is found, and names and code are not."""
    page = '<html lang="es"><a title="Leave this site">Sí</a><code>why</code><b lang="en">Why</b>Crisis Text Line'
    assert english_in(page, "es") == ["['leave', 'site', 'this']: Leave this site"]


@pytest.mark.parametrize("language", dict(settings.LANGUAGES))
def test_start_page_names_the_two_answers_as_the_questions_do(client, language):
    words = client.get("/", headers={"accept-language": language}).content.decode()
    options = content.questionnaire().wordings
    assert f"“{options['worry'].options['unsure'][language]}”" in words
    assert f"“{options['wish_dead'].options['skip'][language]}”" in words
