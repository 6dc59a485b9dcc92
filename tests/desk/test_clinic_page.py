"""The administrator's pages about the clinic: saved as versions, previewed, checked, never lost to somebody else."""

import re

import pytest
from django.test import Client

from carenav.accounts.models import Authenticator
from carenav.clinic import in_force
from carenav.clinic.in_force import clinic
from carenav.clinic.models import ClinicVersion
from recommend.desk.models import AccessEvent
from tests.support.clinic import another_process
from tests.support.staff import sign_in

pytestmark = pytest.mark.django_db

URL = "/staff/clinic/"
PHONE = "+1 617 444 1234"


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(clinic_file):
    """These tests save."""


@pytest.fixture
def administrator(client) -> Client:
    sign_in(client, "administrator")
    return client


def typed(client: Client, **changed: str) -> dict[str, str]:
    """Return the fields of the page as a browser sends them, after these were changed."""
    form = client.get(URL).context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else str(value) for name, value in values.items()} | changed


def save(client: Client, **changed: str):
    return client.post(URL, typed(client, **changed))


def error_at(response, field: str) -> str:
    return " ".join(response.context["form"].errors.get(field, []))


def test_what_is_saved_is_on_patients_pages_and_in_the_outage_pages(administrator, settings):
    answer = save(administrator, CLINIC_NAME="Harbor Lights", CLINIC_NAME_ES="Luces", CLINIC_PHONE=PHONE)
    assert answer.status_code == 302
    assert "Harbor Lights" in Client().get("/").text
    assert "Luces" in Client().get("/", headers={"Accept-Language": "es"}).text
    page = (settings.STATIC_ROOT / "outage" / "help.es.html").read_text()
    assert "Luces" in page
    assert PHONE in page
    version = ClinicVersion.objects.get()
    assert (version.number, version.by.username) == (1, "administrator")
    assert "Saved as version 1" in administrator.get(URL).text


def test_the_page_shows_what_holds(administrator, settings):
    settings.CLINIC_TEXTS = settings.CLINIC_TEXTS | {
        "CLINIC_NAME": "North",
        "CLINIC_OPEN": "mon-tue 08:00-24:00",
    }
    settings.TIME_ZONE_IS_SET = True
    fields = typed(administrator)
    assert fields["CLINIC_NAME"] == "North"
    assert fields["open_mon"] == fields["open_tue"] == "08:00-24:00"
    assert fields["open_wed"] == ""
    assert [fields[f"policy_NOW_{name}"] for name in ("attempts", "days", "ways", "within")] == [
        "4",
        "2",
        "2",
        "30m",
    ]
    assert fields["URGENT_LATE_MINUTES"] == "30"


def test_saving_what_the_page_shows_changes_nothing(administrator, settings):
    settings.TIME_ZONE_IS_SET = True
    settings.CLINIC_HOLIDAYS = "2026-12-25"
    before = clinic()
    save(administrator)
    assert clinic().version == 1
    for name in ("words", "phone", "open", "urgent_late_minutes", "contact_policy", "color", "message_name"):
        assert getattr(clinic(), name) == getattr(before, name), name


def test_hours_holidays_and_policies_are_saved(administrator, settings):
    settings.TIME_ZONE_IS_SET = True
    save(
        administrator,
        open_mon="08:00-12:00 13:00-18:00",
        open_sat="09:00-24:00",
        CLINIC_HOLIDAYS="2026-12-25\r\n2027-01-01",
        policy_SOON_attempts="5",
        policy_SOON_within="2d",
        URGENT_LATE_MINUTES="45",
    )
    assert {day: len(spans) for day, spans in clinic().open.week.items()} == {0: 2, 5: 1}
    assert len(clinic().open.holidays) == 2
    assert (clinic().contact_policy["SOON"].attempts, clinic().contact_policy["SOON"].office_days) == (5, 2)
    assert clinic().urgent_late_minutes == 45
    fields = typed(administrator)
    assert fields["open_mon"] == "08:00-12:00 13:00-18:00"
    assert fields["open_sat"] == "09:00-24:00"
    assert fields["CLINIC_HOLIDAYS"] == "2026-12-25\n2027-01-01"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("CLINIC_PHONE", "call us", "Must be a number to dial"),
        ("open_tue", "8-18", "'8-18' is not a time such as 08:00-18:00."),
        ("open_tue", "18:00-08:00", "must end after it starts"),
        ("open_tue", "08:00-12:00, wed 08:00-12:00", "is not a time"),
        ("CLINIC_HOLIDAYS", "Christmas", "'Christmas' is not a date"),
        ("URGENT_LATE_MINUTES", "soon", "Must be a whole number from 1 to 525600"),
        ("policy_NOW_attempts", "1", "There cannot be more days or ways than attempts."),
        ("policy_NOW_within", "an hour", "Ensure this value has at most 5 characters"),
        ("policy_NOW_within", "99x", "is not a time such as 30m or 1d"),
        ("policy_NOW_days", "12", "less than or equal to 9"),
        ("policy_NOW_ways", "", "This field is required."),
        ("CLINIC_COLOR", "red", "red is not one of the available choices"),
        ("CLINIC_HOURS", '"9 to 5"', "Is in quotes: leave them out."),
    ],
)
def test_a_bad_value_is_explained_at_its_field_and_nothing_is_saved(
    administrator, settings, field, value, said
):
    settings.TIME_ZONE_IS_SET = True
    answer = save(administrator, CLINIC_NAME="Harbor Lights", **{field: value})
    assert answer.status_code == 200
    assert said in error_at(answer, field)
    assert len(answer.context["form"].errors) == 1
    assert "Harbor Lights" in answer.text
    assert not ClinicVersion.objects.exists()


def test_opening_hours_without_a_time_zone_are_refused_once(administrator):
    answer = save(administrator, open_mon="08:00-12:00", open_tue="08:00-12:00")
    assert "TIME_ZONE is needed too" in error_at(answer, "open_mon")
    assert error_at(answer, "open_tue") == ""


def test_what_was_typed_and_what_was_saved_meanwhile_are_both_kept(administrator):
    save(administrator, CLINIC_NAME="First", CLINIC_PHONE="617 444 0000")
    mine = typed(administrator, CLINIC_NAME="Mine", CLINIC_RESPONSE_TIME="in a day")
    other = Client()
    sign_in(other, "administrator", "ada")
    save(other, CLINIC_NAME="Hers", CLINIC_PHONE=PHONE)

    answer = administrator.post(URL, mine)
    assert answer.status_code == 409
    assert "Not saved: ada saved version 2" in " ".join(answer.text.split())
    form = answer.context["form"]
    assert form["CLINIC_NAME"].value() == "Mine"
    assert form["CLINIC_RESPONSE_TIME"].value() == "in a day"
    assert form["CLINIC_PHONE"].value() == PHONE  # left alone here, so what she saved stays
    told = {each.what: (each.seen, each.now, each.wanted) for each in answer.context["conflict"].differences}
    assert told == {
        "Name of the clinic (English)": ("First", "Hers", "Mine"),
        "Phone number": ("617 444 0000", PHONE, None),
    }
    assert clinic().words["NAME"]["en"] == "Hers"

    again = administrator.post(URL, {name: form[name].value() for name in form.fields})
    assert again.status_code == 302
    assert (clinic().words["NAME"]["en"], clinic().phone, clinic().version) == ("Mine", PHONE, 3)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("which", ["start", "help", "result"])
def test_a_preview_is_the_patients_page_with_what_is_typed_and_saves_nothing(administrator, which, language):
    data = typed(administrator, CLINIC_NAME="Harbor Lights", CLINIC_PHONE=PHONE, CLINIC_COLOR="plum")
    answer = administrator.post(URL, data | {"preview": f"{which}.{language}"})
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    assert {"start": "start", "help": "crisis", "result": "result"}[which] in re.search(
        r'data-page="(\w+)"', answer.text
    )[1]
    for shown in ("Harbor Lights", PHONE, "patient/colors/plum.css"):
        assert shown in answer.text
    assert not ClinicVersion.objects.exists()
    assert clinic().phone == ""
    assert "Harbor Lights" not in Client().get("/").text


def test_a_preview_of_a_bad_value_shows_the_error(administrator):
    answer = administrator.post(URL, typed(administrator, CLINIC_PHONE="call us") | {"preview": "start.en"})
    assert "Must be a number to dial" in error_at(answer, "CLINIC_PHONE")


def test_an_earlier_version_can_be_looked_at_and_taken_back(administrator):
    save(administrator, CLINIC_NAME="First")
    save(administrator, CLINIC_NAME="Second", CLINIC_PHONE=PHONE)
    page = administrator.get(f"{URL}1/")
    assert {each.what: (each.seen, each.now) for each in page.context["since"]} == {
        "Name of the clinic (English)": ("Second", "First"),
        "Phone number": (PHONE, ""),
    }
    assert administrator.post(f"{URL}1/").status_code == 302
    assert (clinic().words["NAME"]["en"], clinic().phone) == ("First", "")
    newest = ClinicVersion.objects.first()
    assert (newest.number, newest.taken_from) == (3, 1)
    assert "version 1 taken back" in " ".join(administrator.get(URL).text.split())


def test_the_version_that_holds_is_not_taken_back(administrator):
    save(administrator, CLINIC_NAME="First")
    assert "Take version" not in administrator.get(f"{URL}1/").text
    administrator.post(f"{URL}1/")
    assert ClinicVersion.objects.count() == 1


def test_saving_and_taking_back_are_in_the_access_log(administrator):
    save(administrator, CLINIC_NAME="First")
    save(administrator, CLINIC_NAME="Second")
    administrator.post(f"{URL}1/")
    logged = AccessEvent.objects.filter(verb="clinic").order_by("number").values_list("what", flat=True)
    assert list(logged) == ["version 1", "version 2", "version 3"]


@pytest.mark.parametrize("path", [URL, f"{URL}lines/", f"{URL}1/"])
def test_each_page_asks_for_a_new_code_first(administrator, monkeypatch, path):
    monkeypatch.setattr("carenav.accounts.sessions.code_is_fresh", lambda request: False)
    assert 'name="step_up_code"' in administrator.get(path).text
    answer = administrator.post(path, {"CLINIC_NAME": "Typed"})
    assert 'name="step_up_code"' in answer.text
    assert 'name="CLINIC_NAME" value="Typed"' in answer.text  # it waits for the code
    assert not ClinicVersion.objects.exists()
    assert Authenticator.objects.exists()


def test_where_the_files_cannot_be_written_the_administrator_is_told(administrator, settings, tmp_path):
    (tmp_path / "a file").write_text("")
    settings.CLINIC_FILE = tmp_path / "a file" / "clinic.json"
    save(administrator, CLINIC_PHONE=PHONE)
    said = administrator.get(URL).text
    assert "manage.py write_outage_pages" in said
    assert ClinicVersion.objects.get().number == 1


def test_another_worker_shows_it_too(administrator, monkeypatch):
    save(administrator, CLINIC_PHONE=PHONE)
    another_process(monkeypatch)
    assert PHONE in Client().get("/").text
    assert in_force.known.value.version == 1
