"""What the rules rest on: complete, paraphrased, strictly read."""

import hashlib
import re
import tomllib
from pathlib import Path

import pytest

from recommend.engine import ContentError, Level
from recommend.sources import load_sources

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "recommend" / "sources.toml"

SMALL = """
facts = [
  { id = "SF1", attribute = "hours", levels = ["iop"], value = "9", document = "a", section = "One", kind = "rule" },
  { id = "SF2", attribute = "cost", levels = ["iop"], value = "low", document = "a", section = "One", kind = "claim" },
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
states = "Nine hours."
url = "https://example.org/"
[[contradiction]]
id = "K1"
about = "Hours"
values = [{ says = "9", document = "a" }, { says = "10", document = "a" }]
resolution = "Nine."
[[gap]]
id = "G1"
text = "Nothing about tea."
filled_by = "Not filled."
"""


@pytest.fixture(scope="module")
def sources():
    return load_sources(SHIPPED)


def test_everything_is_there(sources):
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
    ("standard", "hours"), [("42 CFR 410.43", "at least 20 hours"), ("42 CFR 410.44", "at least 9 hours")]
)
def test_standards_say_how_many_hours_and_where_to_read_it(sources, standard, hours):
    document = sources.documents[standard]
    assert hours in document.states
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
def test_citable(sources, id, citable):
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
    sources = load_sources(path)
    assert sources.facts["SF1"].document.published.isoformat() == "2025-02-17"
    assert sources.facts["SF1"].levels == (Level.IOP,)
    assert sources.contradictions["K1"].values[1].says == "10"


@pytest.mark.parametrize(
    ("old", "new", "place", "problem"),
    [
        ("[[gap]]", "[[gap", "the file", "Expected"),
        ("[[gap]]", "[[gaps]]", "the file", "'gap' is missing"),
        ('filled_by = "Not filled."', "", "gap G1", "'filled_by' is missing"),
        ('filled_by = "Not filled."', 'filled_by = ""', "gap G1, filled_by", "expected words"),
        ('about = "Hours"', 'about = "Hours"\nabuot = "Hours"', "contradiction K1", "unknown key 'abuot'"),
        (', { says = "10", document = "a" }', "", "contradiction K1, values", "expected two statements at least"),
        ('"10", document = "a"', '"10", document = "b"', "contradiction K1, values, document", "unknown document 'b'"),
        ('"SF2", attribute', '"SF1", attribute', "fact SF1", "the id stands twice"),
        ('id = "SF1", ', "", "fact number 1", "expected a table with an id"),
        ('levels = ["iop"], value = "9"', 'levels = ["iops"], value = "9"', "fact SF1, levels", "unknown level 'iops'"),
        ('levels = ["iop"], value = "9"', 'levels = [], value = "9"', "fact SF1, levels", "not empty"),
        ('value = "9"', "value = 9", "fact SF1, value", "expected words"),
        ('value = "9"', 'quote = "nine hours", value = "9"', "fact SF1", "unknown key 'quote'"),
        ('document = "a", section = "One", kind = "rule"', 'document = "42 CFR 1", section = "One", kind = "rule"',
         "fact SF1, document", "unknown document '42 CFR 1'"),
        ('kind = "claim"', 'kind = "rumor"', "fact SF2, kind", "unknown kind 'rumor'"),
        ('kind = "article"', 'kind = "book"', "document a, kind", "unknown kind 'book'"),
        ("published = 2025-02-17", 'published = "2025"', "document a, published", "expected a date"),
        ('states = "Nine hours."', "", "document 42 CFR 1", "'states' is missing"),
    ],
)  # fmt: skip
def test_malformed_files_are_refused_with_file_place_and_problem(tmp_path, old, new, place, problem):
    path = tmp_path / "sources.toml"
    assert old in SMALL
    path.write_text(SMALL.replace(old, new, 1))
    with pytest.raises(ContentError) as refused:
        load_sources(path)
    assert (refused.value.file, refused.value.place) == (str(path), place)
    assert problem in refused.value.problem


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ContentError, match="the file"):
        load_sources(tmp_path / "none.toml")


# Names of licensed instruments, which must not stand anywhere in the project: hashed, so that they do not stand here.
INSTRUMENTS = {
    "0b597595a01aaa08", "125074de2359263c", "aafaf8c4e508d1e8", "d7916bc5a31e20fe", "0d04bff04cb47482",
    "1dc9df420a3fcbf6", "05d82cbdd6ccc0c2", "57ab30f52ae7cdee", "a9052f2de0bf37b0", "ed001844d2bc55ac",
    "29ab268f7aba55d2", "096ed8bf15bda784", "cfbfcbe1346f9ad0",
}  # fmt: skip
TEXT_FILES = {".toml", ".py", ".html", ".txt", ".md", ".css", ".js", ".po"}
FOLDERS = ("carenav", "intake", "recommend", "templates", "static", "tests", "docs")


def named_instruments(text):
    words = {part for word in re.findall(r"[A-Za-z0-9-]+", text) for part in (word, *word.split("-"))}
    return {word for word in words if hashlib.sha256(word.lower().encode()).hexdigest()[:16] in INSTRUMENTS}


def test_an_instrument_would_be_found():
    assert named_instruments("the " + "as" + "am criteria") == {"as" + "am"}


def test_no_licensed_instrument_is_named():
    paths = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in TEXT_FILES]
    paths += ROOT.glob("*.md")
    assert len(paths) > 30
    assert {path: found for path in paths if (found := named_instruments(path.read_text()))} == {}
