"""What the rules rest on: complete, paraphrased, strictly read."""

import re
import tomllib
from pathlib import Path

import pytest

from carenav.plumbing.i18n.localized_text import languages
from recommend.engine import ContentError, Level
from recommend.levels.sources import load_sources
from tests.support.instruments import named_instruments
from tests.support.reading import ease

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "recommend" / "levels" / "sources.toml"
LANGUAGES = languages()

SMALL = """
facts = [
{ id = "SF1", attribute = "h", levels = ["iop"], value = { en = "9" }, document = "a", section = "1", kind = "rule" },
{ id = "SF2", attribute = "c", levels = ["iop"], value = { en = "1" }, document = "a", section = "1", kind = "claim" },
]
[[document]]
id = "a"
kind = "article"
title = "A page"
published = 2025-02-17
[[document]]
id = "42 CFR 1"
kind = "standard"
title = "A regulation"
publisher = "A country"
states = { en = "Nine hours." }
url = "https://example.org/"
[[contradiction]]
id = "K1"
about = { en = "Hours" }
values = [{ says = { en = "9" }, document = "a" }, { says = { en = "10" }, document = "a" }]
resolution = { en = "Nine." }
[[gap]]
id = "G1"
text = { en = "Nothing about tea." }
filled_by = { en = "Not filled." }
"""


@pytest.fixture(scope="module")
def sources():
    return load_sources(SHIPPED, LANGUAGES)


def test_sources_file_is_complete(sources):
    assert list(sources.facts) == [f"SF{number:03}" for number in range(1, 151)]
    assert list(sources.contradictions) == [f"K{number}" for number in range(1, 16)]
    assert list(sources.gaps) == [f"G{number}" for number in range(1, 13)]
    assert {id for id, document in sources.documents.items() if document.kind == "standard"} == {
        "42 CFR 410.43",
        "42 CFR 410.44",
    }
    assert len([document for document in sources.documents.values() if document.kind == "article"]) == 4


def test_every_article_is_used_and_every_level_spoken_about(sources):
    articles = {id for id, document in sources.documents.items() if document.kind == "article"}
    assert {fact.document.id for fact in sources.facts.values()} == articles
    assert {level for fact in sources.facts.values() for level in fact.levels} == set(Level)


@pytest.mark.parametrize(
    ("standard", "hours", "horas"),
    [
        ("42 CFR 410.43", "at least 20 hours", "por lo menos 20 horas"),
        ("42 CFR 410.44", "at least 9 hours", "por lo menos 9 horas"),
    ],
)
def test_standards_say_how_many_hours_and_where_to_read_it(sources, standard, hours, horas):
    document = sources.documents[standard]
    assert hours in document.states["en"]
    assert horas in document.states["es"]
    assert document.url == f"https://www.ecfr.gov/current/title-42/section-{standard.removeprefix('42 CFR ')}"


def test_facts_are_paraphrased_and_say_no_price_and_no_success_rate(sources):
    text = SHIPPED.read_text()
    raw = tomllib.loads(text)
    assert {key for fact in raw["facts"] for key in fact} == {
        "id", "attribute", "levels", "value", "document", "section", "kind",
    }  # fmt: skip
    assert not re.search(r"[$€£%]|\.txt\b", text)
    assert {fact.id for fact in sources.facts.values() if fact.kind == "claim"} == {
        "SF009",
        "SF121",
        "SF131",
        "SF132",
    }


@pytest.mark.parametrize(
    ("id", "citable"),
    [
        ("SF001", True),
        ("SF013", True),
        ("K1", True),
        ("std", True),
        ("SF121", False),
        ("G1", False),
        ("SF151", False),
    ],
)
def test_citable_accepts_what_a_rule_may_rest_on(sources, id, citable):
    assert sources.citable(id) is citable


@pytest.mark.parametrize(
    "path", sorted((ROOT / "recommend" / "rulesets").glob("*.toml")), ids=lambda path: path.stem
)
def test_rule_sets_cite_only_what_is_there(sources, path):
    ruleset = tomllib.loads(path.read_text())
    cited = [
        (entry.get("id"), source)
        for table in ("rule", "note", "combined", "frequency")
        for entry in ruleset[table]
        for source in entry["sources"]
    ]
    assert len(cited) > 100
    assert [(id, source) for id, source in cited if not sources.citable(source)] == []


def test_small_file_is_read(tmp_path):
    path = tmp_path / "sources.toml"
    path.write_text(SMALL)
    sources = load_sources(path, ["en"])
    assert sources.facts["SF1"].document.published.isoformat() == "2025-02-17"
    assert sources.facts["SF1"].levels == (Level.IOP,)
    assert sources.contradictions["K1"].values[1].says == {"en": "10"}


def test_place_without_a_heading_is_named_in_every_language(tmp_path, sources):
    path = tmp_path / "sources.toml"
    path.write_text(SMALL.replace('section = "1"', 'section = { en = "(no heading)" }', 1))
    facts = load_sources(path, ["en"]).facts
    assert [facts[id].section for id in ("SF1", "SF2")] == [{"en": "(no heading)"}, "1"]
    in_our_words = {fact.id for fact in sources.facts.values() if not isinstance(fact.section, str)}
    assert in_our_words == {"SF026", "SF134", "SF145", "SF146", "SF147"}
    assert not any(
        fact.section.startswith("(") for fact in sources.facts.values() if fact.id not in in_our_words
    )


def texts(sources):
    """Every text of ours, with the id under which it stands."""
    for fact in sources.facts.values():
        yield fact.id, fact.value
    for each in sources.contradictions.values():
        yield from ((each.id, text) for text in (each.about, each.resolution, *(v.says for v in each.values)))
    for gap in sources.gaps.values():
        yield from ((gap.id, text) for text in (gap.text, gap.filled_by))
    for document in sources.documents.values():
        if document.states:
            yield document.id, document.states


def test_numbers_and_levels_are_the_same_in_every_language(sources):
    assert len(list(texts(sources))) > 250
    for id, text in texts(sources):
        numbers = [sorted(re.findall(r"\d+(?:\.\d+)?", text[language])) for language in LANGUAGES]
        assert numbers[0] == numbers[1], id
        for level in ("IOP", "PHP"):
            assert level not in text["en"] or level in text["es"], id


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (
            r"\b(no|not|never|none|nothing|nobody|without|hardly)\b",
            r"\b(no|nunca|ning[uú]n|ninguna|nada|sin|casi ni)\b",
        ),
        (r"\bonly\b", r"\b(solo|único|nunca nombra más que)\b"),
        (r"\bat least\b", r"\bpor lo menos\b"),
    ],
)
def test_what_is_denied_or_limited_is_so_in_spanish(sources, said, meant):
    limited = [(id, text) for id, text in texts(sources) if re.search(said, text["en"], re.I)]
    assert limited
    assert [id for id, text in limited if not re.search(meant, text["es"], re.I)] == []


def test_spanish_of_the_sources_is_easy_to_read(sources):
    passages = (
        [(each.id, each.resolution["es"]) for each in sources.contradictions.values()]
        + [(gap.id, f"{gap.text['es']}\n{gap.filled_by['es']}") for gap in sources.gaps.values()]
        + [(each.id, each.states["es"]) for each in sources.documents.values() if each.states]
        + [("facts", ".\n".join(fact.value["es"] for fact in sources.facts.values()))]
    )
    longer = [(id, text) for id, text in passages if len(text.split()) >= 30]
    assert len(longer) > 10
    assert {id: round(ease(text)) for id, text in longer if ease(text) < 70} == {}


@pytest.mark.parametrize(
    ("old", "new", "place", "problem"),
    [
        ("[[gap]]", "[[gap", "the file", "Expected"),
        ("[[gap]]", "[[gaps]]", "the file", "'gap' is missing"),
        ('filled_by = { en = "Not filled." }', "", "gap G1", "'filled_by' is missing"),
        ('{ en = "Not filled." }', '"Not filled."', "gap G1, filled_by", "expected a text by language"),
        ('{ en = "Not filled." }', '{ en = "" }', "gap G1, filled_by", "missing in language 'en'"),
        ('{ en = "Not filled." }', '{ en = "No.", fr = "Non." }', "gap G1, filled_by", "unknown language 'fr'"),
        ('about = {', 'abuot = "Hours"\nabout = {', "contradiction K1", "unknown key 'abuot'"),
        (', { says = { en = "10" }, document = "a" }', "", "contradiction K1, values", "expected two statements"),
        ('"10" }, document = "a"', '"10" }, document = "b"',
         "contradiction K1, values, document", "unknown document 'b'"),
        ('"SF2", attribute', '"SF1", attribute', "fact SF1", "the id stands twice"),
        ('id = "SF1", ', "", "fact number 1", "expected a table with an id"),
        ('"iop"], value = { en = "9" }', '"iops"], value = { en = "9" }', "fact SF1, levels", "unknown level 'iops'"),
        ('"iop"], value = { en = "9" }', '], value = { en = "9" }', "fact SF1, levels", "not empty"),
        ('value = { en = "9" }', "value = 9", "fact SF1, value", "expected a text by language"),
        ('section = "1"', "section = 1", "fact SF1, section", "expected words"),
        ('section = "1"', 'section = { en = "" }', "fact SF1, section", "missing in language 'en'"),
        ('value = { en = "9" }', 'quote = "nine hours", value = { en = "9" }', "fact SF1", "unknown key 'quote'"),
        ('document = "a", section = "1", kind = "rule"', 'document = "42 CFR 1", section = "1", kind = "rule"',
         "fact SF1, document", "unknown document '42 CFR 1'"),
        ('kind = "claim"', 'kind = "rumor"', "fact SF2, kind", "unknown kind 'rumor'"),
        ('kind = "article"', 'kind = "book"', "document a, kind", "unknown kind 'book'"),
        ("published = 2025-02-17", 'published = "2025"', "document a, published", "expected a date"),
        ('states = { en = "Nine hours." }', "", "document 42 CFR 1", "'states' is missing"),
    ],
)  # fmt: skip
def test_malformed_files_are_refused_with_file_place_and_problem(tmp_path, old, new, place, problem):
    path = tmp_path / "sources.toml"
    assert old in SMALL
    path.write_text(SMALL.replace(old, new, 1))
    with pytest.raises(ContentError) as refused:
        load_sources(path, ["en"])
    assert (refused.value.file, refused.value.place) == (str(path), place)
    assert problem in refused.value.problem


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ContentError, match="the file"):
        load_sources(tmp_path / "none.toml", ["en"])


TEXT_FILES = {".toml", ".py", ".html", ".txt", ".md", ".css", ".js", ".po"}
FOLDERS = ("carenav", "intake", "recommend", "templates", "static", "tests", "docs")


def test_an_instrument_would_be_found():
    assert named_instruments("the " + "as" + "am criteria") == {"as" + "am"}


def test_no_licensed_instrument_is_named():
    paths = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in TEXT_FILES]
    paths += ROOT.glob("*.md")
    assert len(paths) > 30
    assert {path: found for path in paths if (found := named_instruments(path.read_text()))} == {}
