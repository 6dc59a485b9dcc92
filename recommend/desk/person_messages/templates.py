"""The templates for messages to a person, and which of them may be offered for a case."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

from carenav.plumbing.content_file import ContentFile
from carenav.plumbing.i18n.localized_text import FALLBACK, LocalizedText, languages
from intake.models import LeaveMessage
from recommend.desk.models import Case, ContactAttempt
from recommend.desk.safe_contact import warnings

FILE = Path(__file__).with_suffix(".toml")

How, Outcome = ContactAttempt.How, ContactAttempt.Outcome
WAYS = (How.TEXT, How.EMAIL)

MAY_NAME_US = (LeaveMessage.YES,)
"""Who may read the name that the clinic has chosen: somebody who said yes to messages, and nobody else."""


@dataclass(frozen=True)
class Template:
    """One template; the head of the file says what each part means."""

    id: str
    title: str
    ways: Collection[str]
    subject: LocalizedText
    text: LocalizedText


@dataclass(frozen=True)
class Templates:
    """The file."""

    named: LocalizedText
    plain: LocalizedText
    templates: tuple[Template, ...]


@dataclass(frozen=True)
class Message:
    """A template as it goes to one person, by one way.

    Attributes:
        language: of the words, such as ``"es"``.
        english: the same in English, for staff; "" where it is in English.
    """

    template: Template
    how: str
    language: str
    subject: str
    text: str
    english: str

    @property
    def key(self) -> str:
        """What the form sends for it."""
        return f"{self.how}:{self.template.id}"


@cache
def templates() -> Templates:
    """Read the file.

    Raises:
        ContentError: it cannot be used.
    """
    return load_templates(FILE, languages())


def load_templates(path: Path, languages: Sequence[str]) -> Templates:
    """Read and check the templates.

    Raises:
        ContentError: with file, place and what is wrong.
    """
    file = ContentFile(path, languages)
    raw = file.table("the file", file.raw, ["greeting", "template"])
    greeting = file.table("greeting", raw["greeting"], ["named", "plain"])
    found = []
    for place, each in file.each("template", raw["template"]):
        table = file.table(place, each, ["id", "title", "ways", "subject", "text"])
        text = file.text(f"{place}, text", table["text"])
        check_placeholders(file, f"{place}, text", text, {"greeting", "phone"}, {"greeting"})
        found.append(
            Template(
                id=table["id"],
                title=file.word(f"{place}, title", table["title"]),
                ways=file.names(f"{place}, ways", table["ways"], WAYS, "way"),
                subject=file.text(f"{place}, subject", table["subject"]),
                text=text,
            )
        )
    named = file.text("greeting, named", greeting["named"])
    check_placeholders(file, "greeting, named", named, {"sender"}, {"sender"})
    return Templates(named, file.text("greeting, plain", greeting["plain"]), tuple(found))


def check_placeholders(
    file: ContentFile, place: str, text: LocalizedText, may: Collection[str], must: Collection[str]
) -> None:
    """Refuse a text with an unknown placeholder, or without a needed one, in any language."""
    for language, words in text.items():
        try:
            words.format(**dict.fromkeys(may, ""))
        except (KeyError, ValueError, IndexError):
            file.fail(place, f"unknown placeholder in language {language!r}")
        if missing := [each for each in must if f"{{{each}}}" not in words]:
            file.fail(place, f"{{{missing[0]}}} is missing in language {language!r}")


# ---- for one case


def title_of(id: str) -> str:
    """Return what the desk calls a template; one that is no longer in the file, by its id."""
    return next((each.title for each in templates().templates if each.id == id), id)


def messages_for(case: Case) -> list[Message]:
    """Return the messages that may go to the person of a case: none against their wishes, none without an address."""
    return [
        message_of(case, template, how)
        for template in templates().templates
        for how in ways_to(case)
        if how in template.ways and ("{phone}" not in template.text[FALLBACK] or settings.CLINIC_PHONE)
    ]


def ways_to(case: Case) -> Iterator[str]:
    """Yield the ways by which a message may go: the person gave the address, and nothing speaks against it."""
    contact = case.submission.contact
    for how, address in ((How.TEXT, contact.phone), (How.EMAIL, contact.email)):
        if address and not warnings(case, how, Outcome.MESSAGE):
            yield how


def find_message(case: Case, key: str) -> Message | None:
    """Return the message that the form names, if it may still go."""
    return next((each for each in messages_for(case) if each.key == key), None)


def message_of(case: Case, template: Template, how: str) -> Message:
    """Write a template for one person, in the language of their answers."""
    language = case.submission.language.split("-")[0]
    language = language if language in template.text else FALLBACK
    named = settings.CLINIC_MESSAGE_NAME and case.submission.contact.leave_message in MAY_NAME_US
    texts = {code: _written(template, code, bool(named)) for code in {language, FALLBACK}}
    return Message(
        template=template,
        how=how,
        language=language,
        subject=template.subject[language],
        text=texts[language],
        english="" if language == FALLBACK else texts[FALLBACK],
    )


def _written(template: Template, language: str, named: bool) -> str:
    greeting = templates().named if named else templates().plain
    said = greeting[language].format(sender=settings.CLINIC_MESSAGE_NAME)
    return template.text[language].format(greeting=said, phone=settings.CLINIC_PHONE)
