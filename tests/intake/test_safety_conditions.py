"""The condition language of safety texts, by a table of conditions and facts."""

import pytest

from intake.safety.conditions import (
    ConditionError,
    Every,
    Facts,
    Named,
    Not,
    Some,
    Term,
    holds,
    parse,
    resolve,
    terms_of,
)


def facts(answers=None, crisis=(), urgent=(), level="iop", page="result", place="us", decided_by=()):
    chosen = {"guns": ("reach",), "home": ("strain", "unsafe")} if answers is None else answers
    return Facts(chosen, frozenset(crisis), frozenset(urgent), level, page, place, decided_by)


A, B, C = Term("a", ("x",)), Term("b", ("y",)), Named("some-name")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:x", A),
        ("a:x|y_2|z-3", Term("a", ("x", "y_2", "z-3"))),
        ("page:section:safety|result", Term("page", ("section:safety", "result"))),
        ("only-rules:r-1", Term("only-rules", ("r-1",))),
        ("some-name", C),
        ("always", Every(())),
        ("not a:x", Not(A)),
        ("not not a:x", Not(Not(A))),
        ("a:x and b:y and some-name", Every((A, B, C))),
        ("a:x or b:y and some-name", Some((A, Every((B, C))))),
        ("a:x and b:y or some-name", Some((Every((A, B)), C))),
        ("(a:x or b:y) and some-name", Every((Some((A, B)), C))),
        ("not a:x and b:y", Every((Not(A), B))),
        ("not (a:x and b:y)", Not(Every((A, B)))),
        ("  a:x\n  and(b:y)  ", Every((A, B))),
    ],
)
def test_parse_builds_the_tree(text, expected):
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the condition ends, at character 1"),
        ("a:x and", "the condition ends, at character 8"),
        ("a:x b:y", "expected 'and', 'or' or the end, not 'b:y', at character 5"),
        ("a:x)", "not ')', at character 4"),
        ("(a:x", "a ')' is missing, at character 5"),
        ("(a:x b:y)", "expected ')', not 'b:y', at character 6"),
        ("and a:x", "not 'and', at character 1"),
        ("not", "the condition ends, at character 4"),
        ("not or", "not 'or', at character 5"),
        ("()", "not ')', at character 2"),
        ("a:", "not 'a:', at character 1"),
        (":x", "not ':x', at character 1"),
        ("a:x|", "not 'a:x|', at character 1"),
        ("a: x", "not 'a:', at character 1"),
        ("a:x||y", "not 'a:x||y', at character 1"),
        ("a:x|x", "names an option twice, at character 1"),
        ("A:x", "not 'A:x', at character 1"),
        ("a >= x", "not '>=', at character 3"),
        ("(" * 41 + "a:x" + ")" * 41, "too many parentheses inside each other, at character 41"),
        ("not " * 41 + "a:x", "too many parentheses inside each other"),
    ],
)
def test_parse_refuses_what_is_not_a_condition(text, problem):
    with pytest.raises(ConditionError) as refused:
        parse(text)
    assert problem in str(refused.value)


def test_parse_allows_forty_parentheses():
    assert parse("(" * 40 + "a:x" + ")" * 40) == A


@pytest.mark.parametrize(
    ("text", "given", "expected"),
    [
        ("guns:reach", {}, True),
        ("guns:no|reach", {}, True),
        ("guns:no", {}, False),
        ("guns:reach", {"answers": {}}, False),
        ("home:unsafe", {}, True),
        ("home:no_home|strain", {}, True),
        ("home:no_home", {}, False),
        ("crisis:suicide|violence", {"crisis": ["violence"]}, True),
        ("crisis:suicide", {"crisis": ["violence"]}, False),
        ("crisis:any", {"crisis": ["medical"]}, True),
        ("crisis:any", {"urgent": ["medical"]}, False),
        ("urgent:any", {"urgent": ["medical"]}, True),
        ("urgent:any", {}, False),
        ("urgent:medical", {"crisis": ["medical"]}, False),
        ("level:iop", {}, True),
        ("level:php|inpatient", {}, False),
        ("level:iop", {"level": None}, False),
        ("below:inpatient", {}, True),
        ("below:iop", {}, False),
        ("below:php|inpatient", {"level": "php"}, True),
        ("below:inpatient", {"level": "inpatient"}, False),
        ("below:inpatient", {"level": None}, False),
        # A crisis mark means inpatient before the level is known.
        ("level:inpatient", {"level": None, "crisis": ["suicide"]}, True),
        ("below:inpatient", {"level": None, "crisis": ["suicide"]}, False),
        ("page:result|share", {}, True),
        ("page:crisis", {}, False),
        ("page:section:safety", {"page": "section:safety"}, True),
        ("place:us", {}, True),
        ("place:us", {"place": ""}, False),
        ("place:gb|ie", {"place": "ie"}, True),
        ("only-rules:a|b", {"decided_by": ("a",)}, True),
        ("only-rules:a|b", {"decided_by": ("b", "a")}, True),
        ("only-rules:a|b", {"decided_by": ("a", "c")}, False),
        ("only-rules:a|b", {"decided_by": ()}, False),
        ("always", {"answers": {}, "level": None}, True),
        ("not always", {}, False),
        ("not guns:no", {}, True),
        ("guns:reach and page:crisis", {}, False),
        ("guns:reach or page:crisis", {}, True),
        ("guns:reach or page:result and guns:no", {}, True),
        ("(guns:reach or page:result) and guns:no", {}, False),
        ("not guns:no and not (page:crisis or place:gb)", {}, True),
    ],
)
def test_holds_evaluates_a_condition(text, given, expected):
    assert holds(parse(text), facts(**given)) is expected


def test_terms_of_finds_every_name():
    condition = parse("a:x and not (some-name or b:y) and text:one|two")
    assert list(terms_of(condition)) == [A, C, B, Term("text", ("one", "two"))]


@pytest.mark.parametrize(
    ("guns", "where", "expected"),
    [("reach", "result", True), ("reach", "crisis", False), ("no", "result", False), ("no", "crisis", True)],
)
def test_resolve_puts_conditions_in_place_of_their_names(guns, where, expected):
    named = {"armed": parse("guns:reach")}
    texts = {"one": parse("page:crisis"), "two": parse("page:share")}
    condition = parse("(armed and not text:one|two) or (not armed and text:two|one)")
    resolved = resolve(condition, named.__getitem__, texts.__getitem__)
    assert holds(resolved, facts({"guns": (guns,)}, page=where)) is expected


@pytest.mark.parametrize("text", ["some-name", "text:one", "not some-name"])
def test_holds_refuses_a_name_that_is_not_resolved(text):
    with pytest.raises(ConditionError, match="is not resolved"):
        holds(parse(text), facts())


def test_facts_refuse_an_unknown_level():
    with pytest.raises(ValueError, match="unknown level 'weekly'"):
        facts(level="weekly")
