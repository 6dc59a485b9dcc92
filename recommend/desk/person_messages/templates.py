"""The templates of messages to patients, and which of them may be sent to the person of a case."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from carenav.clinic.in_force import clinic
from carenav.plumbing.content_file import ContentFile
from carenav.plumbing.i18n.localized_text import FALLBACK, LocalizedText, languages
from intake.models import LeaveMessage
from recommend.desk.models import Case, ContactAttempt
from recommend.desk.safe_contact import warnings

FILE = Path(__file__).with_suffix(".toml")

How, Outcome = ContactAttempt.How, ContactAttempt.Outcome
WAYS = (How.TEXT, How.EMAIL)

MAY_NAME_US = (LeaveMessage.YES,)
"""The answers to "may we leave a message?" after which a message may have the name CLINIC_MESSAGE_NAME."""


@dataclass(frozen=True)
class Template:
    """One template. The comment at the top of templates.toml explains the attributes."""

    id: str
    title: str
    ways: Collection[str]
    subject: LocalizedText
    text: LocalizedText


@dataclass(frozen=True)
class Templates:
    """The content of templates.toml.

    Attributes:
        named: the greeting with the sender's name.
        plain: the greeting without it.
        templates: the templates, in order.
    """

    named: LocalizedText
    plain: LocalizedText
    templates: tuple[Template, ...]


@dataclass(frozen=True)
class Message:
    """A template filled in for one person.

    Attributes:
        template: the template.
        how: the way to send it, a value of ``ContactAttempt.How``.
        language: the language of the text, such as "es".
        subject: the subject of an e-mail.
        text: the text in the person's language.
        english: the text in English, for staff; "" if ``text`` is in English.
    """

    template: Template
    how: str
    language: str
    subject: str
    text: str
    english: str

    @property
    def key(self) -> str:
        """The value of the message in the form, such as "email:please-call"."""
        return f"{self.how}:{self.template.id}"


@cache
def templates() -> Templates:
    """Return the content of templates.toml, read once.

    Raises:
        ContentError: the file cannot be used.
    """
    return load_templates(FILE, languages())


def load_templates(path: Path, languages: Sequence[str]) -> Templates:
    """Read and check the templates.

    Raises:
        ContentError: the file has a fault; the message names file, place and fault.
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
    """Check the placeholders of a text in every language.

    Args:
        file: the file, for errors.
        place: where the text is in the file, for errors.
        text: the text.
        may: the placeholders that are allowed.
        must: the placeholders that are required.

    Raises:
        ContentError: a placeholder is unknown or missing.
    """
    for language, words in text.items():
        try:
            words.format(**dict.fromkeys(may, ""))
        except (KeyError, ValueError, IndexError):
            file.fail(place, f"unknown placeholder in language {language!r}")
        if missing := [each for each in must if f"{{{each}}}" not in words]:
            file.fail(place, f"{{{missing[0]}}} is missing in language {language!r}")


# ---- for one case


def title_of(id: str) -> str:
    """Return the title of a template; its id if it is no longer in the file."""
    return next((each.title for each in templates().templates if each.id == id), id)


def messages_for(case: Case) -> list[Message]:
    """Return the messages that may be sent to the person of a case.

    Left out are ways that the person does not want or gave no address for, and texts with a phone number if the clinic
    has none.
    """
    return [
        message_of(case, template, how)
        for template in templates().templates
        for how in ways_to(case)
        if how in template.ways and ("{phone}" not in template.text[FALLBACK] or clinic().phone)
    ]


def ways_to(case: Case) -> Iterator[str]:
    """Yield the ways to send a message for which the person gave an address and that they do not mind."""
    contact = case.submission.contact
    for how, address in ((How.TEXT, contact.phone), (How.EMAIL, contact.email)):
        if address and not warnings(case, how, Outcome.MESSAGE):
            yield how


def find_message(case: Case, key: str) -> Message | None:
    """Return the message with this key; None if it may not be sent (any more)."""
    return next((each for each in messages_for(case) if each.key == key), None)


def message_of(case: Case, template: Template, how: str) -> Message:
    """Return a template filled in for the person of a case, in the language of their answers."""
    language = case.submission.language.split("-")[0]
    language = language if language in template.text else FALLBACK
    named = clinic().message_name and case.submission.contact.leave_message in MAY_NAME_US
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
    said = greeting[language].format(sender=clinic().message_name)
    return template.text[language].format(greeting=said, phone=clinic().phone)
