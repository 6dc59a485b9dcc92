"""Helpers for tests of translations: all texts, the texts that a page shows, and English words among them."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser

from babel.messages.catalog import Catalog
from django.conf import settings
from django.utils.translation import to_locale

from carenav.plumbing.i18n import messages

CONTENT = [
    settings.QUESTIONNAIRE,
    settings.BASE_DIR / "intake" / "pages" / settings.QUESTIONNAIRE.name,
    settings.RULESET,
    settings.BASE_DIR / "intake" / "safety" / settings.QUESTIONNAIRE.name,
    *sorted((settings.BASE_DIR / "carenav" / "clinic").glob("*.toml")),
    *sorted((settings.BASE_DIR / "recommend" / "levels").glob("*.toml")),
]
OTHERS = [code for code, _name in settings.LANGUAGES if code != "en"]

WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|<[^>]*>|\b[A-Z0-9]{4}(?:-[A-Z0-9]{4})+\b")  # and codes
VOID = {
    "area",
    "base",
    "br",
    "col",
    "embed",
    "hr",
    "img",
    "input",
    "link",
    "meta",
    "source",
    "track",
    "wbr",
    "path",
}
NAMES = {
    *(
        "1800RESPECT",
        "Childline",
        "Childline (ISPCC)",
        "Crisis Text Line",
        "Kids Help Phone",
        "Kids Helpline",
    ),
    *(
        "Lifeline",
        "Pieta",
        "SafeSpot",
        "Samaritans",
        "ShelterSafe",
        "Shout",
        "The Trevor Project",
        "Trans Lifeline",
    ),
    *("Youthline", "Australia", "IOP", "START", "No", "Error:", "Medicaid", "Medicare"),
}
"""Texts that are the same in all languages: names of crisis lines and levels, words to text, and some other words."""
READ_OUT = ("aria-label", "alt", "title", "placeholder", "data-two", "data-one", "data-half")


def catalogue(language: str) -> Catalog:
    return messages.read(messages.LOCALE / to_locale(language) / "LC_MESSAGES" / "django.po")


def texts_of(data: object) -> Iterator[dict[str, str]]:
    """Yield every text in the parsed data of a content file, as a dict keyed by language."""
    if isinstance(data, dict) and isinstance(data.get("en"), str):
        yield data
    elif isinstance(data, dict | list):
        for part in data.values() if isinstance(data, dict) else data:
            yield from texts_of(part)


def content_texts() -> Iterator[dict[str, str]]:
    for path in CONTENT:
        yield from texts_of(tomllib.loads(path.read_text(encoding="utf-8")))


def words(text: str) -> set[str]:
    return {word.lower() for word in WORD.findall(PLACEHOLDER.sub(" ", text))}


def forms(text: str | tuple[str, ...]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


@cache
def english_words(language: str) -> frozenset[str]:
    """Return the words of English texts that do not occur in any translation to this language.

    A translation that equals its English text does not count as one.
    """
    pairs = [
        pair
        for message in catalogue(language)
        for pair in zip(forms(message.id), forms(message.string), strict=False)
    ]
    pairs += [(text["en"], text[language]) for text in content_texts()]
    english = {word for text, _translation in pairs for word in words(text)}
    translated = {word for text, translation in pairs if text != translation for word in words(translation)}
    return frozenset(english - translated - {word for name in NAMES for word in words(name)})


class Shown(HTMLParser):
    """A parser that collects the texts of a page in its own language, without code and parts in other languages.

    Attributes:
        language: the ``lang`` of the page.
        texts: the texts, with those of attributes that screen readers read aloud.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.language = ""
        self.texts: list[str] = []
        self._silent: list[bool] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "html":
            self.language = given.get("lang", "")
        silent = (
            (bool(self._silent) and self._silent[-1])
            or tag in ("code", "script", "style")
            or given.get("lang", self.language) != self.language
        )
        if not silent:
            self.texts += [given[name] for name in READ_OUT if name in given]
        if tag not in VOID:
            self._silent.append(silent)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self._silent:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() and not (self._silent and self._silent[-1]):
            self.texts.append(" ".join(data.split()))


def english_in(html: str, language: str) -> list[str]:
    """Return the texts of a page with English words in them, each after a list of those words."""
    return [
        f"{sorted(found)}: {text}"
        for text in Shown(html).texts
        if (found := words(text) & english_words(language))
    ]
