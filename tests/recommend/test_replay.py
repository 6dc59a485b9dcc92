"""`manage.py replay`: what other rules would change; `manage.py rederive`: whether what is stored still follows."""

import io
import re
import shutil
import tracemalloc

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import OutputWrapper
from django.utils import timezone

from intake import content, drafts
from intake.forms import ContactForm
from intake.models import Submission
from recommend.desk.submissions import submit
from recommend.engine import Level, load_ruleset
from recommend.management.commands import replay as replay_command
from recommend.result import snapshot
from recommend.result.models import Recommendation
from recommend.result.snapshot import outcome_of
from recommend.result.stored_snapshot import RecommendationSnapshot
from recommend.rules.replay import BATCH, Progress, submissions, versions_of
from tests.support.database import count_queries
from tests.support.people import ALICE, BOB, CHARLIE, CONTACT, DANA, ERIN, PEOPLE, WELL, Person
from tests.support.rules import Terminal, other_rules

pytestmark = pytest.mark.django_db

COLUMNS = ["outpatient", "iop", "php", "inpatient", "no level", "total"]


def sent(person: Person) -> Submission:
    """A person's answers, sent the way they are from the contact page."""
    draft, _ = drafts.create("en")
    draft.answers = person.answers | {"share": "send"}
    draft.save()
    form = ContactForm(CONTACT)
    assert form.is_valid()
    return submit.submit(draft, form.cleaned_data)


@pytest.fixture(autouse=True, scope="module")
def read_once():
    """What a rule set implies takes seconds to work out, and a command works it out for each file it reads."""
    read = {}

    def load_once(path, questions, languages):
        file = path.read_bytes() if path.is_file() else b""
        if (file, questions.version) not in read:
            read[file, questions.version] = load_ruleset(path, questions, languages)
        return read[file, questions.version]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("recommend.rules.replay.load_ruleset", load_once)
        yield


@pytest.fixture
def engine_fails(monkeypatch):
    """Until the returned function is called."""

    def fail(*args):
        raise RuntimeError("the engine failed")

    with monkeypatch.context() as patch:
        patch.setattr(snapshot, "outcome_of", fail)
        yield patch.undo


@pytest.fixture
def sent_when_the_engine_failed(engine_fails):
    submission = sent(CHARLIE)
    engine_fails()
    assert submission.recommendation.level == ""
    return submission


@pytest.fixture
def not_proved(monkeypatch):
    """Without the proof, which takes minutes: for tests of what the command says beside it."""
    monkeypatch.setattr(replay_command, "what_refuses", lambda file: "")


def run(command, *arguments, terminal=False):
    """What a command says on standard output and standard error, and its exit status."""
    out, err = io.StringIO(), Terminal() if terminal else io.StringIO()
    try:
        call_command(command, *map(str, arguments), stdout=out, stderr=err, no_color=True)
    except SystemExit as exit:
        return out.getvalue(), err.getvalue(), exit.code
    return out.getvalue(), err.getvalue(), 0


def replay(*arguments):
    said, errors, status = run("replay", *arguments)
    assert (errors, status) == ("", 0)
    return said


def rederive():
    said, errors, status = run("rederive")
    assert errors == ""
    return said.splitlines(), status


def matrix(said):
    """The printed counts that are not 0, by stored level and level now, without the totals; the totals must agree."""
    table = said[said.index("stored / now") :].splitlines()
    assert re.split(r"\s{2,}", table[0])[1:] == COLUMNS
    counts = {}
    for line in table[1:7]:
        head, *cells = re.split(r"\s{2,}", line)
        counts[head] = dict(zip(COLUMNS, (int(cell.replace(",", "")) for cell in cells), strict=True))
    assert list(counts) == COLUMNS
    for level in COLUMNS:
        assert counts[level]["total"] == sum(counts[level][each] for each in COLUMNS[:-1])
        assert counts["total"][level] == sum(counts[each][level] for each in COLUMNS[:-1])
    return {
        (before, after): counts[before][after]
        for before in COLUMNS[:-1]
        for after in COLUMNS[:-1]
        if counts[before][after]
    }


# ---- replay


def test_the_shipped_rules_change_nothing():
    for person in PEOPLE:
        sent(person)
    said = replay("--cases")
    levels = [person.level for person in PEOPLE]
    assert matrix(said) == {(level, level): levels.count(level) for level in levels}
    assert said.endswith(f"0 of {len(PEOPLE)} change\n")


def test_rules_that_break_a_promise_are_named_as_such(tmp_path):
    """The older version, because its proof takes seconds and that of the newest minutes."""
    said = replay(other_rules(tmp_path, "2026.1", dangerous_withdrawal="iop"))
    [warning] = [line for line in said.splitlines() if line.startswith("NOT PROVED")]
    assert {"crisis-is-always-inpatient", "withdrawal-danger"} <= {*re.findall(r"[\w:-]+", warning)}
    assert "NOT PROVED" not in replay(settings.RULESET.with_stem("2026.1"))


def test_replay_without_cases_changes_nothing():
    said = replay()
    assert matrix(said) == {}
    assert "0 of 0 change" in said


def test_other_rules_shift_levels_and_the_cases_are_named_downward_first(tmp_path, not_proved):
    alice, bob, charlie, erin, dana = (sent(each).reference for each in (ALICE, BOB, CHARLIE, ERIN, DANA))
    file = other_rules(
        tmp_path,
        weekly_not_enough="php",
        daily_life_failing_severe_needs="iop",
        dangerous_withdrawal="iop",
    )
    said = replay(file, "--cases")
    assert matrix(said) == {
        ("outpatient", "outpatient"): 1,
        ("iop", "php"): 1,
        ("php", "iop"): 1,
        ("inpatient", "iop"): 1,
        ("inpatient", "inpatient"): 1,
    }
    cases = said.split("3 of 5 change\n")[1]
    assert cases.splitlines() == [
        "2 MOVE DOWN",
        f"{erin}  inpatient -> iop  DOWN",
        f"{charlie}  php -> iop  DOWN",
        f"{bob}  iop -> php",
    ]
    assert alice not in said
    assert dana not in said
    assert replay(file) + "\n".join(cases.splitlines()[1:]) + "\n" == said
    assert content.ruleset().digest in replay()
    assert content.ruleset().digest not in said


def test_a_case_without_a_level_has_a_row_of_its_own(sent_when_the_engine_failed):
    said = replay("--cases")
    assert matrix(said) == {("no level", "php"): 1}
    assert f"{sent_when_the_engine_failed.reference}  no level -> php\n" in said
    assert "DOWN" not in said


def test_answers_on_which_the_engine_fails_now_get_no_level(sent_when_the_engine_failed):
    broken, down = sent(CHARLIE), sent(BOB)
    for submission in (broken, sent_when_the_engine_failed):
        submission.answers["nervous"] = "no such option"
        submission.save()
    Recommendation.objects.filter(submission=down).update(level="php")
    said = replay("--cases")
    assert matrix(said) == {("php", "no level"): 1, ("no level", "no level"): 1, ("php", "iop"): 1}
    assert said.endswith(
        "2 of 3 change\n1 MOVE DOWN\n1 GET NO LEVEL: the engine fails\n"
        f"{down.reference}  php -> iop  DOWN\n{broken.reference}  php -> no level  NO LEVEL\n"
    )


def test_answers_to_other_questions_are_counted_and_not_compared():
    sent(ALICE)
    old = sent(BOB)
    Submission.objects.filter(pk=old.pk).update(questionnaire="2025.1")
    said = replay("--cases")
    assert matrix(said) == {("outpatient", "outpatient"): 1}
    version = content.questionnaire().version
    assert f"1 answered questionnaire 2025.1: not comparable, the rule set is made for {version}" in said
    assert old.reference not in said


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("version = = 1", "the file: Invalid value"),
        ('version = "2"', "the file: 'questionnaire' is missing"),
        (None, "the file: [Errno 2] No such file"),
        (lambda shipped: shipped.replace('at_least = "iop"', 'at_least = "ipo"', 1), "unknown level 'ipo'"),
        (
            lambda shipped: re.sub(r"(?m)^questionnaire = .*", 'questionnaire = "2025.1"', shipped),
            "questionnaire: unknown version '2025.1'",
        ),
    ],
)
def test_a_file_that_cannot_be_used_gives_one_line(tmp_path, text, problem):
    file = tmp_path / "broken.toml"
    if text is not None:
        file.write_text(text(settings.RULESET.read_text()) if callable(text) else text)
    with pytest.raises(CommandError) as caught:
        run("replay", file)
    said = str(caught.value)
    assert said.startswith(f"{file}: ")
    assert problem in said
    assert "\n" not in said
    assert caught.value.returncode == 1


# ---- rederive


def same(count):
    return f"{count} recommendations: {count} the same, 0 different, 0 without a level still"


def test_rederive_confirms_what_was_stored():
    for person in PEOPLE:
        sent(person)
    lines, status = rederive()
    assert len(lines) == 1
    assert lines[0].startswith(same(len(PEOPLE)))
    assert status == 0


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda made: made.outcome.update(level="iop"), "differs in level"),
        (lambda made: made.outcome.update(level=None), "differs in level"),
        (lambda made: made.outcome["areas"].update(home="severe"), "differs in areas"),
        (lambda made: made.outcome["texts"]["desk"].append("made up"), "differs in texts"),
        (lambda made: made.outcome.pop("reasons"), "differs in reasons"),
        (lambda made: made.outcome.update(more=None), "differs in more"),
        (lambda made: made.outcome.update(crisis=["suicide"], urgent=[1]), "differs in crisis, urgent"),
        (lambda made: setattr(made, "outcome", []), "differs in the whole outcome"),
        (lambda made: setattr(made, "level", "iop"), "differs in the level beside the outcome"),
        (lambda made: setattr(made, "level", ""), "differs in the level beside the outcome"),
        (lambda made: setattr(made, "ruleset_digest", "0" * 64), "differs in ruleset_digest"),
        (lambda made: setattr(made, "questionnaire_digest", ""), "differs in questionnaire_digest"),
        (lambda made: setattr(made, "safety_digest", "0" * 64), "differs in safety_digest"),
    ],
)
def test_whatever_was_altered_is_named(change, named):
    sent(ALICE)
    altered = sent(CHARLIE).recommendation
    change(altered)
    altered.save()
    lines, status = rederive()
    assert lines[0] == f"{altered.submission.reference}  {named}"
    assert lines[1].startswith("2 recommendations: 1 the same, 1 different")
    assert (len(lines), status) == (2, 1)


def test_rederive_finds_altered_answers_without_printing_them():
    altered = sent(ALICE)
    altered.answers["functioning"] = "extremely"
    altered.save()
    (line, _), status = rederive()
    assert line.startswith(f"{altered.reference}  differs in the level beside the outcome, areas")
    assert not re.search(r"extremely|functioning", line)
    assert status == 1


def test_answers_on_which_the_engine_fails_now_differ():
    altered = sent(ALICE)
    altered.answers["nervous"] = "no such option"
    altered.save()
    (line, _), status = rederive()
    assert line.startswith(f"{altered.reference}  differs in the level beside the outcome, areas")
    assert "no such option" not in line
    assert status == 1


@pytest.mark.parametrize(
    ("versions", "problem"),
    [
        ({"ruleset": "1999.1"}, "1999.1.toml: the file: [Errno 2] No such file"),
        ({"questionnaire": "1999.1"}, "1999.1.toml: the file: [Errno 2] No such file"),
        ({"ruleset": "../1999.1"}, "'../1999.1.toml'"),
    ],
)
def test_a_version_whose_file_is_gone_is_named(versions, problem):
    sent(ALICE)
    old = sent(BOB)
    Recommendation.objects.filter(submission=old).update(**versions)
    (line, total), status = rederive()
    assert line.startswith(f"{old.reference}  cannot be derived again: ")
    assert problem in line
    assert "1 the same, 1 different" in total
    assert status == 1


def test_each_is_derived_under_its_own_versions(old_versions):
    """Rules and questions of an old version stand beside today's; the old rules ask for less."""
    sent(CHARLIE)
    made = sent(CHARLIE).recommendation
    ruleset, questionnaire = old_versions
    assert made.level == "php"
    snapshot = outcome_of(ruleset, made.submission.answers)
    made.level, made.outcome = snapshot.level_id, snapshot.to_json()
    assert made.level == "iop"
    made.ruleset, made.ruleset_digest = ruleset.version, ruleset.digest
    made.questionnaire, made.questionnaire_digest = questionnaire.version, questionnaire.digest
    made.save()
    lines, status = rederive()
    assert lines[0].startswith(same(2))
    assert status == 0


@pytest.fixture
def old_versions(tmp_path, monkeypatch, settings):
    """The rule set, the questionnaire and the safety texts 1998.1, in files beside copies of today's."""
    for folder, name in (("rulesets", "RULESET"), ("questionnaires", "QUESTIONNAIRE")):
        today = getattr(settings, name)
        (tmp_path / folder).mkdir()
        shutil.copy(today, tmp_path / folder)
        setattr(settings, name, tmp_path / folder / today.name)
    today, safety = settings.QUESTIONNAIRE.stem, tmp_path / "safety"
    shutil.copytree(content.HERE / "safety", safety)
    shutil.copy(safety / f"{today}.toml", safety / "1998.1.toml")
    monkeypatch.setattr(content, "HERE", tmp_path)
    monkeypatch.setattr(content, "questionnaire", content.questionnaire.__wrapped__)  # read again each time
    rules = other_rules(tmp_path, daily_life_failing_severe_needs="iop")
    for file, text in (
        (settings.RULESET, rules.read_text()),
        (settings.QUESTIONNAIRE, settings.QUESTIONNAIRE.read_text()),
    ):
        old = re.sub(r'(?m)^(version|questionnaire) = ".*"', r'\1 = "1998.1"', text)
        file.with_stem("1998.1").write_text(old)
    return versions_of("1998.1", "1998.1").ruleset, content.questionnaire("1998.1")


def test_a_case_without_a_level_is_counted_and_not_different(sent_when_the_engine_failed):
    lines, status = rederive()
    assert lines[0] == f"{sent_when_the_engine_failed.reference}  had no level; the engine works now"
    assert lines[1].endswith(
        ", 0 different, 0 without a level still, 1 without a level that would get one now"
    )
    assert (len(lines), status) == (2, 0)
    sent_when_the_engine_failed.answers["nervous"] = "no such option"
    sent_when_the_engine_failed.save()
    lines, status = rederive()
    assert lines[0].endswith(
        ", 0 different, 1 without a level still, 0 without a level that would get one now"
    )
    assert (len(lines), status) == (1, 0)
    Recommendation.objects.update(ruleset_digest="0" * 64)
    assert rederive()[1] == 1


# ---- both


PHP = RecommendationSnapshot(Level.PHP)
"""The right level and nothing else, in the shape of the latest version."""


def many(count):
    """Store so many more submissions of Charlie; the recommendation names the right level and nothing else."""
    first = Submission.objects.count()
    ruleset, questionnaire = content.ruleset(), content.questionnaire()
    stored = Submission.objects.bulk_create(
        Submission(
            key=number,
            reference=f"M-{number}",
            answers=CHARLIE.answers,
            questionnaire=questionnaire.version,
            consented_at=timezone.now(),
        )
        for number in range(first, first + count)
    )
    Recommendation.objects.bulk_create(
        Recommendation(
            submission=submission,
            level="php",
            outcome=PHP.to_json(),
            ruleset=ruleset.version,
            ruleset_digest=ruleset.digest,
            questionnaire=questionnaire.version,
            questionnaire_digest=questionnaire.digest,
        )
        for submission in stored
    )


class Sink(io.StringIO):
    """Keeps only how many lines were written."""

    lines = 0

    def write(self, text):
        self.lines += text.count("\n")
        return len(text)


def peak_of(*command):
    """The most memory that a command takes, and how many lines it writes."""
    sink = Sink()
    tracemalloc.start()
    call_command(*command, stdout=sink)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak, sink.lines


def memory_grows_by(*command, each):
    """How much higher the peak is with 2,500 stored submissions than with 1,000.

    Args:
        each: how many lines at least the command writes for every submission.
    """
    many(10)
    call_command(*command, stdout=io.StringIO())  # what is read once and kept
    many(990)
    small, lines = peak_of(*command)
    assert lines > 1000 * each
    many(1500)
    large, lines = peak_of(*command)
    assert lines > 2500 * each
    return large - small


@pytest.mark.slow
def test_replay_takes_no_more_memory_for_more_submissions(tmp_path, not_proved):
    file = other_rules(tmp_path, daily_life_failing_severe_needs="iop")
    assert memory_grows_by("replay", file, "--cases", each=1) < 200_000


@pytest.mark.slow
def test_rederive_takes_no_more_memory_for_more_recommendations(monkeypatch):
    monkeypatch.setattr("recommend.rules.replay.outcome_of", lambda *args: PHP)  # quick
    assert memory_grows_by("rederive", each=0) < 200_000


def test_every_row_is_read_once_whatever_its_key():
    many(BATCH * 2 + 1)
    Submission.objects.order_by("pk")[BATCH - 1].delete()
    with count_queries() as statements:
        rows = [key for key, *_ in submissions()]
    assert rows == sorted(Submission.objects.values_list("pk", flat=True))
    assert len(statements) == 3  # two full batches, and none left


def test_replay_and_rederive_only_read(tmp_path, not_proved):
    for person in PEOPLE:
        sent(person)
    for command in (("replay", other_rules(tmp_path, suicide_now="iop"), "--cases"), ("rederive",)):
        with count_queries() as statements:
            run(*command)
        assert statements
        assert [each for each in statements if not each.startswith("SELECT ")] == []


def test_replay_and_rederive_print_no_answer(tmp_path, not_proved):
    for person in PEOPLE:
        sent(person)
    Recommendation.objects.update(outcome={"level": "iop"})
    said = replay(other_rules(tmp_path, suicide_now="iop"), "--cases") + "\n".join(rederive()[0])
    said = re.sub(r"(?m)^NOT PROVED.*$", "", said)  # names of promises, such as body-in-danger
    words = {*re.findall(r"\w+", said)}
    values = [value for person in PEOPLE for value in person.answers.values()]
    options = {option for value in values for option in ([value] if isinstance(value, str) else value)}
    assert words & {*WELL, *options} <= {"no"}  # of "no level"


@pytest.mark.parametrize("command", ["replay", "rederive"])
def test_a_bar_is_drawn_on_a_terminal_and_wiped_off(command):
    sent(ALICE)
    piped, nothing, _ = run(command)
    assert nothing == ""
    said, drawn, _ = run(command, terminal=True)
    assert said == piped
    assert drawn.startswith("\r[" + "." * 40 + "]   0%  0 of 1")
    assert drawn.endswith("\r\033[K")


def test_the_bar_moves_on(monkeypatch):
    monkeypatch.setattr("recommend.rules.replay.BATCH", 2)
    terminal = Terminal()
    progress = Progress(OutputWrapper(terminal), total=4)
    assert list(progress.over("abcdef")) == [*"abcdef"]  # two more were sent meanwhile
    drawn = re.findall(r"\[(#*)\.*\] +(\d+)%  (\d) of 4", terminal.getvalue())
    assert drawn == [("", "0", "0"), ("#" * 20, "50", "2"), ("#" * 40, "100", "4")]
