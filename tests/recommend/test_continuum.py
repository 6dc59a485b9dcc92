"""The comparison table and the texts of the levels."""

import re
from pathlib import Path

import pytest

from carenav.plumbing.i18n.localized_text import languages
from recommend.engine import ContentError, Level
from recommend.levels.continuum import load_continuum
from recommend.levels.sources import load_sources
from tests.support.reading import grade

FOLDER = Path(__file__).resolve().parents[2] / "recommend" / "levels"
LEVEL = """
[level.{id}]
name = {{ en = "Name" }}
short = {{ en = "Short" }}
sentence = {{ en = "Sentence" }}
week = {{ en = "Week" }}
next_step = {{ en = "Next" }}
next_step_time = "today"
"""
SMALL = (
    'silent_text = { en = "Nobody says." }\n'
    + "".join(LEVEL.format(id=level.id) for level in Level)
    + """
[[row]]
id = "hours"
name = { en = "Hours" }
[row.outpatient]
text = { en = "About 1" }
standard = "std"
[row.iop]
text = { en = "9" }
facts = ["SF002"]
contradictions = ["K1"]
[row.php]
text = { en = "20" }
standard = "42 CFR 410.43"
[row.inpatient]
silent = true
"""
)


@pytest.fixture(scope="module")
def sources():
    return load_sources(FOLDER / "sources.toml", languages())


@pytest.fixture(scope="module")
def continuum(sources):
    return load_continuum(FOLDER / "continuum.toml", sources, languages())


def cells(continuum):
    return [(row.id, level, cell) for row in continuum.rows for level, cell in row.cells.items()]


def test_levels_stand_from_least_to_most_care(continuum):
    assert [level.id for level in continuum.levels] == [level.id for level in Level]
    assert all(list(row.cells) == [level.id for level in Level] for row in continuum.rows)


def test_only_the_highest_level_is_for_the_same_day(continuum):
    assert [level.id for level in continuum.levels if level.is_same_day] == [Level.INPATIENT.id]


def test_levels_have_their_names(continuum):
    assert [str(level.name) for level in continuum.levels] == [
        "Traditional outpatient care",
        "An intensive outpatient program (IOP)",
        "A day program (partial hospitalization, PHP)",
        "A same-day evaluation for inpatient care",
    ]


def test_level_texts_point_and_never_decide(continuum):
    for level in continuum.levels:
        said = "They decide with you" if level.is_same_day else "right for you"
        assert said in str(level.sentence)
        for text in (level.sentence, level.week, level.next_step):
            assert not re.search(
                r"(?i)\byou have\b|\bsafe\b|\blow[- ]risk\b|\byou need\b|\bdiagnos", str(text)
            )
            assert grade(str(text)) <= 8


def test_table_reads_at_grade_eight(continuum):
    # A few words alone have no grade.
    long = {
        (row, level): grade(str(cell.text))
        for row, level, cell in cells(continuum)
        if len(str(cell.text).split()) > 8
    }
    assert len(long) > 20
    assert {place: found for place, found in long.items() if found > 8} == {}


def test_every_cell_cites_a_source_or_says_that_there_is_none(continuum):
    for row, level, cell in cells(continuum):
        assert bool(cell.facts or cell.standard) != cell.silent, (row, level)
        assert (str(cell.text) == "The sources do not say.") == cell.silent, (row, level)


def test_table_shows_every_citable_fact_and_every_contradiction(continuum, sources):
    facts = {fact for _, _, cell in cells(continuum) for fact in cell.facts}
    assert facts == {id for id in sources.facts if sources.citable(id)}
    assert {id for _, _, cell in cells(continuum) for id in cell.contradictions} == set(
        sources.contradictions
    )


def test_a_cell_cites_facts_about_its_level(continuum, sources):
    """A cell may cite another level's fact where that fact compares the two, or says what comes next."""
    other = {
        (row, level, fact)
        for row, level, cell in cells(continuum)
        for fact in cell.facts
        if Level.of(level) not in sources.facts[fact].levels
    }
    assert {(row, level) for row, level, _ in other} == {("transitions", "inpatient"), ("cost", "inpatient")}


def test_no_price_and_no_success_rate(continuum):
    for row, level, cell in cells(continuum):
        assert not re.search(r"[$€£%]|\bsuccess", str(cell.text)), (row, level)


def test_small_file_is_read(tmp_path, sources):
    path = tmp_path / "continuum.toml"
    path.write_text(SMALL)
    row = load_continuum(path, sources, ["en"]).rows[0]
    assert [cell.standard for cell in row.cells.values()] == ["std", None, "42 CFR 410.43", None]
    assert row.cells["iop"].facts == ("SF002",)
    assert str(row.cells["inpatient"].text) == "Nobody says."


@pytest.mark.parametrize(
    ("old", "new", "place", "problem"),
    [
        ("[[row]]", "[[row", "the file", "Expected"),
        ("[level.php]", "[level.phb]", "level", "'php' is missing"),
        ('week = { en = "Week" }', "", "level outpatient", "'week' is missing"),
        ('week = { en = "Week" }', 'week = "Week"', "level outpatient, week", "expected a text by language"),
        (
            'week = { en = "Week" }',
            'week = { es = "Semana" }',
            "level outpatient, week",
            "missing in language 'en'",
        ),
        ('next_step_time = "today"', "", "level outpatient", "'next_step_time' is missing"),
        ('"today"', '"tomorrow"', "level outpatient, next_step_time", "unknown time 'tomorrow'"),
        ("[row.inpatient]\nsilent = true", "", "row hours", "'inpatient' is missing"),
        ("silent = true", "silent = false", "row hours, inpatient, silent", "can only be true"),
        ("silent = true", 'silent = true\ntext = { en = "x" }', "row hours, inpatient", "unknown key 'text'"),
        ('standard = "std"', "", "row hours, outpatient", "rests on nothing"),
        (
            'standard = "std"',
            'standard = "42 CFR 1"',
            "row hours, outpatient, standard",
            "unknown standard '42 CFR 1'",
        ),
        ('["SF002"]', '["SF999"]', "row hours, iop, facts", "unknown fact 'SF999'"),
        ('["SF002"]', '["SF121"]', "row hours, iop, facts", "unknown fact 'SF121'"),
        ('["SF002"]', '["SF002", "SF002"]', "row hours, iop, facts", "a name stands twice"),
        ('["K1"]', '["K99"]', "row hours, iop, contradictions", "unknown contradiction 'K99'"),
        ("facts =", "fact =", "row hours, iop", "unknown key 'fact'"),
    ],
)
def test_malformed_files_are_refused_with_file_place_and_problem(tmp_path, sources, old, new, place, problem):
    path = tmp_path / "continuum.toml"
    assert old in SMALL
    path.write_text(SMALL.replace(old, new, 1))
    with pytest.raises(ContentError) as refused:
        load_continuum(path, sources, ["en"])
    assert (refused.value.file, refused.value.place) == (str(path), place)
    assert problem in refused.value.problem


def test_a_language_that_is_missing_is_refused(sources):
    with pytest.raises(ContentError, match="'xx'"):
        load_continuum(FOLDER / "continuum.toml", sources, ["en", "xx"])
