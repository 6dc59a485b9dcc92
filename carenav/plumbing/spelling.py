"""One form for the spellings of a phone number, an e-mail address or a name, so that any of them finds a person."""

import re
import unicodedata

import phonenumbers
from anyascii import anyascii
from django.conf import settings
from phonenumbers import Leniency, NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberMatcher

APOSTROPHES = re.compile("[‘’ʻʼʽʹ′`´＇]")
ACCENTED = ("LATIN", "GREEK", "CYRILLIC")
"""Scripts whose marks are accents, which people leave out. In others, such as Devanagari, a mark is a letter."""

EXTENSION = re.compile(r"[\s,;]*(?:ext(?:ension)?\.?|x|#|;ext=|,)\s*(\d{1,7})$")


def normal_phone(text: str) -> str:
    """Normalize a phone number to digits with its country code, so that usual spellings of one number are equal.

    A number without a country's code is read as one of settings.COUNTRY. Words around it, invisible characters and an
    extension are left out. "" where there is no digit.
    """
    text = unicodedata.normalize("NFKC", without_invisible(text))
    digits = "".join(str(int(char)) for char in EXTENSION.sub("", text) if char.isdecimal())
    # Where 00 does not lead abroad, people still write it for a plus.
    number = _found(text) or _parsed(text) or (_parsed(f"+{digits[2:]}") if digits.startswith("00") else None)
    if number:
        return phonenumbers.format_number(number, PhoneNumberFormat.E164).lstrip("+")
    national = digits.lstrip("0")
    return f"{_calling_code()}{national}" if national else ""


def plain_user_name(text: str) -> str:
    """Return the form of a user name in which the spellings that look alike are equal; case does not matter."""
    return unicodedata.normalize("NFKC", text).casefold()


def _region() -> str | None:
    """Return the region whose way of writing numbers is read; None where the country is not a single one."""
    region = settings.COUNTRY.upper()
    return region if region in phonenumbers.SUPPORTED_REGIONS else None


def _calling_code() -> str:
    region = _region()
    return str(phonenumbers.country_code_for_region(region)) if region else ""


def _found(text: str) -> PhoneNumber | None:
    """Return the first number among other words."""
    matches = PhoneNumberMatcher(text, _region(), leniency=Leniency.POSSIBLE)
    return next((match.number for match in matches), None)


def _parsed(text: str) -> PhoneNumber | None:
    """Return a number that stands alone."""
    try:
        number = phonenumbers.parse(text, _region())
    except NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None


def dialed(number: str) -> str:
    """Return a number as it stands in an address that dials it: digits, a plus in front, an extension behind.

    Letters become the digits on their keys. "(0)", which is not dialed after a country's code, is left out.
    """
    text = unicodedata.normalize("NFKC", without_invisible(number)).strip()
    extension = EXTENSION.search(text.lower())
    if extension:
        text = text[: extension.start()]
    if text.startswith("+"):
        text = text.replace("(0)", "")
    digits = re.sub(r"[^0-9+]", "", phonenumbers.convert_alpha_characters_in_number(text))
    return f"{digits};ext={extension[1]}" if extension else digits


def normal_email(text: str) -> str:
    """Normalize an e-mail address: neither case nor invisible characters matter."""
    return unicodedata.normalize("NFKC", without_invisible(text)).strip().casefold()


def name_words(text: str) -> list[str]:
    """Split a name into unique words without case and accents: "Zoë O'Neill-Zoe" gives ["zoe", "o'neill"].

    Every kind of apostrophe becomes a straight one. Latin letters that have no accent to drop, such as ł and ø, become
    plain ones.
    """
    straight = APOSTROPHES.sub("'", without_invisible(text))
    parts = "".join(char if _in_a_word(char) else " " for char in _bare(straight))
    return list(dict.fromkeys(word for word in parts.split() if word.strip("'_")))


def _in_a_word(char: str) -> bool:
    return char.isalnum() or char in "'_" or unicodedata.category(char).startswith("M")


def _bare(text: str) -> str:
    """Fold case and accents."""
    bare, accented = [], False
    for char in unicodedata.normalize("NFKD", text.casefold()):
        if not unicodedata.category(char).startswith("M"):
            script = unicodedata.name(char, "").partition(" ")[0]
            accented = script in ACCENTED
            bare.append(anyascii(char).casefold() if script == "LATIN" else char)
        elif not accented:
            bare.append(char)
    return "".join(bare)


def without_invisible(text: str) -> str:
    """Drop what nobody sees and a copy from elsewhere brings along, such as marks of the writing direction."""
    return "".join(char for char in text if unicodedata.category(char) != "Cf")
