"""The two measures of how hard a text is count as people count."""

import pytest

from tests.support.reading import ease, grade, spanish_syllables


@pytest.mark.parametrize(
    ("word", "syllables"),
    [
        ("sol", 1),
        ("y", 1),
        ("hoy", 1),
        ("ayuda", 3),
        ("guerra", 2),
        ("quiere", 2),
        ("agua", 2),
        ("pingüino", 3),
        ("día", 2),
        ("país", 2),
        ("leer", 2),
        ("cuidado", 3),
        ("ciudad", 2),
        ("también", 2),
        ("murciélago", 4),
        ("ahora", 3),
        ("naloxona", 3),
    ],
)
def test_spanish_syllables(word: str, syllables: int) -> None:
    assert spanish_syllables(word) == syllables


def test_long_words_and_long_sentences_are_harder() -> None:
    easy, hard = (
        "Usted no está solo. Llame hoy.",
        "Recomendamos inmediatamente comunicaciones institucionales.",
    )
    assert ease(easy) > 90 > 40 > ease(hard)
    assert (
        grade("You are not alone. Call now.")
        < 2
        < 12
        < grade("Institutional communications recommended immediately.")
    )
