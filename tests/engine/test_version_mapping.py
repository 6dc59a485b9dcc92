"""What answers to 2026.1 mean in 2026.2: every entry of the mapping file, and nothing invented on the way."""

import random
import tomllib

import pytest

from intake import content
from recommend.engine import AnswerError, ContentError, check, complete
from recommend.engine.answers import as_json
from recommend.engine.version_mapping import load_mapping, translate

OLD = content.questionnaire("2026.1").questions
NEW = content.questionnaire("2026.2").questions
FILE = content.mapping_path("2026.2", "2026.1")
MAPPING = load_mapping(FILE, OLD, NEW)

# old answers, new answers, questions to ask again, reasons
ENTRIES = [
    ({"suicide_plan": "passing"}, {"suicide_plan": "none"}, (), ()),
    ({"home": "some_stress"}, {"home": ["stable"]}, (), ()),
    ({"home": "unsure"}, {"home": ["skip"]}, (), ()),
    ({"home": "unsafe"}, {"home": ["unsafe"]}, (), ()),
    (
        {"recent_treatment": "weekly_helping"},
        {"recent_treatment": ["weekly"], "treatment_fit": "helping"},
        (),
        (),
    ),
    (
        {"recent_treatment": "weekly_not_enough"},
        {"recent_treatment": ["weekly"], "treatment_fit": "not_enough"},
        (),
        (),
    ),
    (
        {"recent_treatment": "iop_done"},
        {"recent_treatment": ["iop_done"], "treatment_fit": "helping"},
        (),
        (),
    ),
    ({"recent_treatment": "iop_now"}, {"recent_treatment": ["iop_now"], "treatment_fit": "helping"}, (), ()),
    ({"recent_treatment": "php_now"}, {"recent_treatment": ["php_now"], "treatment_fit": "helping"}, (), ()),
    (
        {"recent_treatment": "iop_not_enough"},
        {"recent_treatment": ["iop_done"], "treatment_fit": "not_enough"},
        (),
        (),
    ),
    (
        {"recent_treatment": "php_not_enough"},
        {"recent_treatment": ["php_done"], "treatment_fit": "not_enough"},
        (),
        (),
    ),
    ({"recent_treatment": "unsure"}, {"recent_treatment": ["skip"]}, (), ()),
    ({"recent_treatment": "left_hospital"}, {"recent_treatment": ["left_hospital"]}, (), ()),
    ({"recent_treatment": "php_done"}, {"recent_treatment": ["php_done"]}, (), ()),
    (
        {"emergency": ["about_to", "hurt"]},
        {"emergency": ["about_to", "hurt"]},
        ("emergency",),
        ("emergency = about_to",),
    ),
    *(
        (
            {"losing_touch": option},
            {"losing_touch": option},
            ("losing_touch",),
            ("losing_touch = brief, new or command",),
        )
        for option in ("brief", "new", "command")
    ),
    ({"losing_touch": "managed"}, {"losing_touch": "managed"}, (), ()),
    (
        {"also": ["baby", "eating"]},
        {"also": ["baby", "eating"], "eating_often": "weekly"},
        (),
        (),
    ),
    ({"also": ["eating_body"]}, {"also": ["eating_body"]}, (), ()),
    ({"also": ["stopped"]}, {}, ("also",), ("also = stopped",)),
    ({"also": ["stopped", "baby"]}, {"also": ["baby"]}, ("also",), ("also = stopped",)),
    ({"also": ["stopped"], "withdrawal": "sick"}, {"withdrawal": "sick"}, ("also",), ("also = stopped",)),
    (
        {"also": ["stopped"], "withdrawal": "shakes"},
        {"also": ["stopped"], "withdrawal": "shakes"},
        ("also",),
        ("also = stopped",),
    ),
    (
        {"withdrawal": "seizure"},
        {"withdrawal": "unsure"},
        ("withdrawal",),
        ("withdrawal = never_without or seizure",),
    ),
    *(
        (
            {"substance_use": use, "withdrawal": "never_without"},
            {"substance_use": use, "withdrawal": became},
            ("withdrawal",),
            ("withdrawal = never_without or seizure",),
        )
        for use, became in (
            ("problems", "never_without"),
            ("daily", "never_without"),
            ("concern", "unsure"),
            ("skip", "unsure"),
        )
    ),
    ({"wish_dead": "skip", "nights": "never"}, {"wish_dead": "skip", "nights": "never"}, (), ()),
    ({}, {}, (), ()),
]


@pytest.mark.parametrize(("old", "new", "again", "reasons"), ENTRIES)
def test_entry_becomes_what_the_file_says(old, new, again, reasons):
    found = translate(check(OLD, old), MAPPING)
    assert as_json(NEW, found.answers) == new
    assert found.ask_again == {*again}
    assert found.reasons == reasons


def test_table_covers_every_entry_of_the_file():
    named = {
        (id, option)
        for id, options in tomllib.loads(FILE.read_text()).items()
        if id in OLD.all
        for option in options
        if option != "many"
    }
    tested = {
        (id, option) for old, *_ in ENTRIES for id, chosen in check(OLD, old).items() for option in chosen
    }
    assert named
    assert named <= tested


# ---- whatever is answered


def random_answer(rng, question):
    if question.kind == "one" or rng.random() < 0.2:
        return (rng.choice(question.offered),)
    several = [option for option in question.options if option not in question.exclusive]
    return tuple(rng.sample(several, rng.randint(1, min(3, len(several)))))


def stored_answers(count):
    """Answers to the old questions as they are stored: only to what is asked, some of them left out."""
    rng = random.Random(10)
    for _ in range(count):
        given = {id: random_answer(rng, question) for id, question in OLD.all.items() if rng.random() < 0.95}
        yield {id: chosen for id, chosen in complete(OLD, given).answers.items() if id in given}


def test_translation_is_always_an_answer_to_the_new_questions():
    for old in stored_answers(3000):
        new = translate(old, MAPPING).answers
        assert check(NEW, as_json(NEW, new)) == new


def test_nothing_is_invented():
    """Each new answer is the old one, or one that the file names for an old answer that was given."""
    raw = tomllib.loads(FILE.read_text())
    for old in stored_answers(3000):
        allowed = {(id, option) for id, chosen in old.items() for option in chosen}
        for id, option in list(allowed):
            row = raw.get(id, {}).get(option, {})
            for outcome in [row["then"], row["else"]] if "if" in row else [row]:
                for question, given in {} if outcome == "unknown" else outcome.items():
                    allowed |= {(question, each) for each in ([given] if isinstance(given, str) else given)}
        new = {(id, option) for id, chosen in translate(old, MAPPING).answers.items() for option in chosen}
        assert new <= allowed


def test_no_answer_is_lost_but_those_without_a_counterpart():
    for old in stored_answers(3000):
        found = translate(old, MAPPING)
        assert old.keys() - found.answers.keys() <= {"also"}  # "stopped" alone has none
        assert set(MAPPING.not_asked) & found.answers.keys() <= {"eating_often", "treatment_fit"}


def test_reasons_are_exactly_the_rows_of_the_file():
    rows = tomllib.loads(FILE.read_text())["comparable"]["no"]
    some = 0
    for old in stored_answers(1000):
        hit = [row for row in rows if all(set(old.get(id, ())) & set(options) for id, options in row.items())]
        found = translate(old, MAPPING)
        assert len(found.reasons) == len(hit)
        assert found.ask_again >= {id for row in hit for id in row}
        some += bool(hit)
    assert 100 < some < 1000


def test_answers_are_left_as_they_were():
    old = check(OLD, {"also": ["stopped", "baby"], "home": "unsure"})
    before = dict(old)
    translate(old, MAPPING)
    assert old == before


@pytest.mark.parametrize("answers", [{"guns": ("no",)}, {"home": ("castle",)}, {"suicide_plan": ("none",)}])
def test_answer_that_the_old_version_lacks_is_refused(answers):
    with pytest.raises(AnswerError, match="unknown"):
        translate(answers, MAPPING)


def test_worse_answer_counts_where_two_become_one(tmp_path):
    file = tmp_path / "mapping.toml"
    file.write_text(FILE.read_text() + '[nights]\nnever = { people = "none" }\n')
    mapping = load_mapping(file, OLD, NEW)
    for order in (("people", "nights"), ("nights", "people")):
        given = {"people": ("several",), "nights": ("never",)}
        assert translate({id: given[id] for id in order}, mapping).answers["people"] == ("none",)
    assert translate({"people": ("none",), "nights": ("never",)}, mapping).answers["people"] == ("none",)


# ---- files that are wrong


@pytest.mark.parametrize(
    ("right", "wrong", "problem"),
    [
        (
            'passing = { suicide_plan = "none" }',
            "",
            "suicide_plan: option 'passing' is gone: what does it become?",
        ),
        ("[home]\nmany = true", "[home]", "home: expected many = true exactly where"),
        ("[suicide_plan]", "[suicide_plan]\nmany = true", "suicide_plan: expected many = true exactly where"),
        (
            'some_stress = { home = ["stable"] }',
            'some_stress = { home = ["stabel"] }',
            "unknown option 'stabel'",
        ),
        (
            'some_stress = { home = ["stable"] }',
            'some_stress = { home = "stable" }',
            "expected a list in brackets",
        ),
        ('some_stress = { home = ["stable"] }', 'stress = { home = ["stable"] }', "unknown key 'stress'"),
        ('{ suicide_plan = "none" }', '{ suicide_plan = ["none"] }', "expected words in quotes"),
        ('{ suicide_plan = "none" }', '{ plan = "none" }', "unknown key 'plan'"),
        ('else = "unknown"', 'otherwise = "unknown"', "'else' is missing"),
        (
            'if = { substance_use = ["problems", "daily"] }',
            'if = { substance_use = ["high"] }',
            "unknown option 'high'",
        ),
        (
            'seizure = { withdrawal = "unsure" }',
            'seizure = "left out"',
            "withdrawal, seizure: expected a table",
        ),
        (
            '"how_long", "insurance"]',
            '"how_long"]',
            "unknown_in_2026_2: expected the questions that were added",
        ),
        ("[unknown_in_2026_2]\nq", "[unknown_in_2026_3]\nq", "unknown key 'unknown_in_2026_3'"),
        (
            'losing_touch = ["brief", "new", "command"]\nalso',
            'losing_touch = ["steady"]\nalso',
            "unknown option 'steady'",
        ),
        ("no = [{ emergency", "yes = [{ emergency", "comparable: 'no' is missing"),
    ],
)
def test_file_that_guesses_or_forgets_is_refused(tmp_path, right, wrong, problem):
    text = FILE.read_text()
    assert right in text
    file = tmp_path / "mapping.toml"
    file.write_text(text.replace(right, wrong, 1))
    with pytest.raises(ContentError) as refused:
        load_mapping(file, OLD, NEW)
    assert str(refused.value).startswith(f"{file}: ")
    assert problem in str(refused.value)
