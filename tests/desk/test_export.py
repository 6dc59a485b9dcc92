"""Cases as a file: what is in it, what never is, who may have it, and that it was handed out."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.utils import timezone

from carenav.plumbing.csv_cells import defused
from intake import content
from recommend.desk.export import csv_file
from recommend.desk.export.csv_file import LEFT_OUT, REDISCLOSURE, csv_of
from recommend.desk.models import AccessEvent, Case, ContactAttempt, Disposition, Export
from recommend.desk.submissions.erase import erase
from tests.support.cases import case_like, case_url, new_case
from tests.support.database import count_queries
from tests.support.people import BOB, CONTACT, ERIN, HENRY, PEOPLE, WELL, Person
from tests.support.staff import sign_in, staff_user
from tests.support.submissions import WELL_IN_2026_1, stored_under

pytestmark = pytest.mark.django_db

LIST = "/staff/desk/case/"
SUBSTANCE_USE = {"substance_use": "daily", "withdrawal": "shakes"}
WORDS_THAT_TELL = re.compile(
    r"withdraw|sober|alcohol|drunk|opioid|naloxone|dangerous-withdrawal|substance_use", re.IGNORECASE
)


@pytest.fixture
def coordinator(client):
    sign_in(client)
    return client


def read(data: bytes) -> tuple[list[str], list[dict[str, str]]]:
    """The notices, and each row by column without its notice."""
    assert data.startswith(b"\xef\xbb\xbf")
    header, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
    assert len({len(row) for row in (header, *rows)}) == 1
    assert len(set(header)) == len(header)
    assert header[0] == "reference"
    assert header[-1] == csv_file.NOTICE
    notices = list(dict.fromkeys(row[-1] for row in rows))
    return notices, [dict(zip(header[:-1], row[:-1], strict=True)) for row in rows]


def file_of(*, with_substance_use: bool, cases=None) -> bytes:
    return b"".join(csv_of(Case.objects.all() if cases is None else cases, with_substance_use))


def post(client, *cases, of="all", **fields):
    chosen = {ACTION_CHECKBOX_NAME: [case.pk for case in cases], "action": "export_csv", "index": "0"}
    versions = {f"version_{case.pk}": case.version for case in cases}
    return client.post(f"{LIST}?list={of}", chosen | versions | fields)


# ---- what is in it


def test_a_row_says_what_was_answered_recommended_and_decided():
    case = new_case(BOB)
    Disposition.objects.create(
        case=case, by=staff_user(), recommended="iop", level="php", reason="safety", text="They told me more."
    )
    notice, [row] = read(file_of(with_substance_use=True))
    assert notice == [REDISCLOSURE]
    assert row["reference"] == case.reference
    assert row["sent_at"] == case.submission.sent_at.isoformat(timespec="seconds")
    assert (row["level"], row["disposition"], row["disposition_reason"]) == ("iop", "php", "safety")
    assert (row["reasons"], row["area_symptoms"], row["status"]) == ("weekly-not-enough", "severe", "new")
    assert row["free_times"] == "mon_morning; wed_evening"
    assert row["When could you usually come?"] == "Monday morning; Wednesday evening"
    assert (row["ruleset"], row["questionnaire"]) == ("2026.2", "2026.2")


@pytest.mark.parametrize("person", PEOPLE, ids=str)
@pytest.mark.parametrize("with_substance_use", [True, False])
def test_every_answer_and_every_fact_has_a_column(person, with_substance_use):
    case = new_case(person)
    cells = csv_file.row(Case.objects.get(pk=case.pk), with_substance_use)
    [row] = read(file_of(with_substance_use=with_substance_use))[1]
    assert {name: value for name, value in row.items() if value} == {
        name: value for name, value in cells.items() if value
    }


def test_every_answer_to_a_list_question_is_there():
    new_case(
        Person(
            "both",
            "",
            [],
            differs={
                "home": ["strain", "unsafe"],
                "recent_treatment": ["weekly", "php_done"],
                "treatment_fit": "little",
            },
        )
    )
    for with_substance_use in (True, False):
        [row] = read(file_of(with_substance_use=with_substance_use))[1]
        assert row["home"] == "strain; unsafe"
        assert row["What is it like where you live? Choose all that fit."] == (
            "A lot of stress or arguments; Not safe: someone hurts, threatens or frightens me"
        )
        assert row["recent_treatment"] == "weekly; php_done"
        assert row["treatment_fit"] == "little"


def test_cases_of_an_older_version_stand_beside_the_new_ones_in_their_own_words():
    """2026.1 took one answer each on home and treatment, and had options that 2026.2 does not have."""
    old = {"home": "some_stress", "recent_treatment": "weekly_helping", "substance_use": "daily"}
    stored_under("2026.1", WELL_IN_2026_1 | old)
    new_case(BOB)
    for with_substance_use in (True, False):
        before, after = read(file_of(with_substance_use=with_substance_use))[1]
        assert (before["ruleset"], before["questionnaire"]) == ("2026.1", "2026.1")
        assert (before["home"], before["recent_treatment"]) == ("some_stress", "weekly_helping")
        words = content.questionnaire("2026.1").wordings["home"].options["some_stress"]["en"]
        assert before["What is it like where you live? Choose all that fit."] == words
        assert (after["home"], after["recent_treatment"]) == ("stable", "weekly")
        assert ("substance_use" in before) == with_substance_use


def test_a_row_says_who_worked_on_the_case_and_how_soon():
    case = case_like(BOB, assignee=staff_user("coordinator", "bo"))
    for minutes, outcome in ((10, "no_answer"), (95, "message"), (200, "reached")):
        at = case.opened_at + timedelta(minutes=minutes)
        ContactAttempt.objects.create(case=case, by=staff_user(), how="call", outcome=outcome, at=at)
    wrong = ContactAttempt.objects.latest("pk")
    wrong.error_at, wrong.error_by, wrong.error_reason = timezone.now(), staff_user(), "canary"
    wrong.save()
    Case.objects.update(first_contact_at=case.opened_at + timedelta(minutes=95, seconds=40), language="es")
    new_case(BOB)
    for with_substance_use in (True, False):
        worked, new = read(file_of(with_substance_use=with_substance_use))[1]
        cells = [worked[name] for name in csv_file.WORK]
        assert cells == ["es", "bo", "2", "95"], "the attempt entered in error does not count"
        assert [new[name] for name in csv_file.WORK] == ["en", "", "0", ""]


def test_pandas_and_spreadsheets_take_the_first_row_as_names():
    new_case(BOB)
    first = file_of(with_substance_use=True).decode("utf-8-sig").partition("\r\n")[0]
    assert first.startswith("reference,sent_at,opened_at,")


def test_no_contact_details_and_nothing_that_was_written_freely():
    new_case(
        BOB, contact={"note": "canary note", "access_needs": "canary needs", "email": "canary@example.org"}
    )
    case = Case.objects.get()
    case.notes.create(by=staff_user(), text="canary of the team")
    for data in (file_of(with_substance_use=True), file_of(with_substance_use=False)):
        for secret in ("canary", "Robin", "555", "after 6 pm", CONTACT["note"]):
            assert secret.encode() not in data


def test_export_of_an_erased_case_is_an_empty_row():
    erase(new_case(BOB).submission)
    for with_substance_use in (True, False):
        [row] = read(file_of(with_substance_use=with_substance_use))[1]
        assert (row["status"], row["outcome"]) == ("closed", "erased")
        assert not any(
            value
            for name, value in row.items()
            if name not in ("reference", "status", "outcome", *csv_file.TIMES)
        )


def test_a_case_that_the_rules_could_not_read_is_there(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("recommend.result.snapshot.outcome_of", lambda *args: 1 / 0)
        new_case(BOB)
    monkeypatch.setattr(csv_file, "redact", lambda *args: 1 / 0)
    assert read(file_of(with_substance_use=True))[1][0]["other_symptoms"] == "severe"
    assert read(file_of(with_substance_use=False))[1][0]["level_at_least"] == ""


# ---- substance use


VARIED = [
    SUBSTANCE_USE,
    {"substance_use": "concern", "withdrawal": "unsure"},
    {"substance_use": "skip", "withdrawal": "seizure"},
    {"also": ["opioids"]},
    {"also": ["stopped"], "withdrawal": "never_without"},
    {"also": ["sedatives"], "withdrawal": "prescribed"},
    {"also": ["overdose"]},
    {"substance_use": "high", "withdrawal": "over"},
    {"substance_use": "mixed", "withdrawal": "craving"},
    {"emergency": ["bad_withdrawal"]},
    {"emergency": ["drunk_high"]},
]


@pytest.mark.some(10)
@pytest.mark.parametrize("base", [{}, BOB.differs, {"suicidal_week": "yes", "suicidal_now": "no"}], ids=str)
@pytest.mark.parametrize("differs", VARIED, ids=str)
def test_two_people_who_differ_in_nothing_else_have_the_same_row(base, differs):
    base = WELL | base | ({"suicide_plan": "none"} if "suicidal_week" in base else {})
    new_case(Person("one", "", [], differs=base))
    new_case(Person("other", "", [], differs=base | differs))
    without = file_of(with_substance_use=False)
    one, other = without.decode().split("\r\n")[1:3]
    same_times = re.sub(r"^[^,]*,[^,]*,[^,]*,", "", one), re.sub(r"^[^,]*,[^,]*,[^,]*,", "", other)
    assert same_times[0] == same_times[1]
    both = read(file_of(with_substance_use=True))[1]
    assert both[0]["substance_use"] + both[0]["also"] + both[0]["emergency"] != (
        both[1]["substance_use"] + both[1]["also"] + both[1]["emergency"]
    )


def test_redacted_export_leaves_out_what_discloses_and_says_so():
    new_case(ERIN)
    case = new_case(HENRY)
    Disposition.objects.create(case=case, by=staff_user(), recommended="inpatient", level="inpatient")
    data = file_of(with_substance_use=False)
    notice, rows = read(data)
    assert notice == [LEFT_OUT]
    assert "level" not in rows[0]
    assert "disposition" not in rows[0]
    assert [row["level_at_least"] for row in rows] == ["outpatient", "inpatient"]
    # other questions speak of it among other things; their answers do not tell
    plain = data.decode()
    for wording in content.questionnaire().wordings.values():
        for text in (wording.text["en"], *(text["en"] for text in wording.options.values())):
            plain = plain.replace(text, "")
    assert not WORDS_THAT_TELL.search(plain.replace(LEFT_OUT, ""))
    assert WORDS_THAT_TELL.search(file_of(with_substance_use=True).decode())


def test_rows_stand_in_the_order_in_which_they_came():
    """Urgent first would tell who is."""
    cases = [new_case(BOB), new_case(ERIN), new_case(BOB), new_case(ERIN)]
    listed = Case.objects.order_by("-urgent", "-pk")
    found = [row["reference"] for row in read(file_of(with_substance_use=False, cases=listed))[1]]
    assert found == [case.reference for case in cases]


# ---- the file


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", "|"])
def test_no_cell_is_a_formula(sign):
    assert defused(f"{sign}1+1") == f"'{sign}1+1"
    assert sign.isspace() or defused(f" \u200b{sign}1+1").startswith("'")
    assert not csv_file.csv_line([f"{sign}1"]).startswith(sign)


@pytest.mark.parametrize("cell", ["", "K7QX-92MD", "2026-11-25T10:00:00+00:00", "a=b", "none", "1"])
def test_other_cells_stay_as_they_are(cell):
    assert defused(cell) == cell


def test_a_phone_number_stays_readable():
    assert defused("+1 617 555 0100") == "'+1 617 555 0100"


def test_lines_are_as_rfc_4180_wants_them():
    assert (
        csv_file.csv_line(['say "hi"', "a,b", "two\nlines", None]) == '"say ""hi""","a,b","two\nlines",\r\n'
    )
    new_case(BOB)
    data = file_of(with_substance_use=True)
    assert data.count(b"\r\n") == data.count(b"\n") == 2


def test_export_query_count_grows_by_batch_only(monkeypatch):
    monkeypatch.setattr(csv_file, "BATCH", 3)
    for _ in range(7):
        new_case(BOB)
    with count_queries() as done:
        chunks = list(csv_of(Case.objects.all(), False))
    assert len(chunks) == 4  # the head, and a piece for each batch
    assert len(done) <= 3 * 3 + 1  # the cases, their levels and their attempts
    assert len(read(b"".join(chunks))[1]) == 7


# ---- who gets it


def test_export_asks_sends_and_is_recorded(coordinator):
    cases = [new_case(BOB), new_case(ERIN), new_case(BOB)]
    page = post(coordinator, *cases[:2])
    html = page.content.decode()
    assert page.status_code == 200
    assert "42 CFR 2.32" in html
    assert 'value="without"' in html
    assert "checked" in html
    assert AccessEvent.objects.first().verb == "list"

    for choice, notice in (("without", LEFT_OUT), ("with", REDISCLOSURE)):
        response = post(coordinator, *cases[:2], substance_use=choice)
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        assert response["Content-Disposition"].startswith("attachment")
        assert "no-store" in response["Cache-Control"]
        said, rows = read(b"".join(response.streaming_content))
        assert said == [notice]
        assert [row["reference"] for row in rows] == [case.reference for case in cases[:2]]
        event = AccessEvent.objects.first()
        assert (event.verb, event.who.username) == ("export", "coordinator")
        export = Export.objects.latest("pk")
        assert event.what == f"export {export.pk}: 2 cases {choice} answers on substance use"
        assert f"export-{export.pk}-" in response["Content-Disposition"]
        assert list(export.cases.order_by("pk")) == cases[:2]
    assert AccessEvent.objects.count() == 3


def test_case_lists_its_exports_and_the_log_finds_them_by_reference(coordinator, client):
    inside, outside = new_case(BOB), new_case(ERIN)
    post(coordinator, inside, substance_use="without")
    for case, times in ((inside, 1), (outside, 0)):
        page = coordinator.get(case_url(case)).text
        assert page.count("Exported cases") == times
    sign_in(client, "clinical lead")
    for case, times in ((inside, 1), (outside, 0)):
        log = client.get(f"/staff/desk/accessevent/?q={case.reference}").text
        assert log.count(": 1 case without answers on substance use") == times


def test_file_has_the_stored_cases_even_if_more_arrive(coordinator):
    case = new_case(BOB)
    response = post(coordinator, case, substance_use="without", select_across="1")
    new_case(BOB)  # before the first line is sent
    assert len(read(b"".join(response.streaming_content))[1]) == 1 == Export.objects.get().size


def test_chosen_case_that_left_the_list_is_exported(coordinator):
    stays, left = new_case(BOB), case_like(BOB, status="closed")
    response = post(coordinator, stays, left, of="todo", substance_use="without")
    assert len(read(b"".join(response.streaming_content))[1]) == 2


def test_export_of_a_whole_list_has_all_its_cases(coordinator):
    for _ in range(3):
        case = new_case(BOB)
    case_like(BOB, status="closed")
    response = post(coordinator, case, substance_use="without", select_across="1")
    assert len(read(b"".join(response.streaming_content))[1]) == 4


def test_export_form_without_a_valid_choice_asks_again(coordinator):
    page = post(coordinator, new_case(BOB), substance_use="maybe")
    assert page.status_code == 422


def test_export_without_a_fresh_code_is_refused(coordinator):
    case = new_case(BOB)
    session = coordinator.session
    session["accounts_code"] -= 6 * 60
    session.save()
    response = post(coordinator, case, substance_use="without")
    assert not response.streaming
    assert case.reference not in response.content.decode()
    assert AccessEvent.objects.first().verb != "export"


def test_export_is_refused_to_administrators(client):
    case = new_case(BOB)
    sign_in(client, "administrator")
    assert post(client, case, substance_use="without").status_code == 403


def test_export_that_cannot_be_recorded_is_not_sent(coordinator, monkeypatch):
    case = new_case(BOB)
    monkeypatch.setattr(AccessEvent, "save", lambda *args, **kwargs: 1 / 0)
    coordinator.raise_request_exception = False
    response = post(coordinator, case, substance_use="without")
    assert response.status_code == 503
    assert case.reference not in response.content.decode()
