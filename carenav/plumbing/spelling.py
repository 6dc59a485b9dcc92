"""Normalize phone numbers, e-mail addresses and names, so that a search in any usual spelling finds a person."""

import re
import unicodedata

import phonenumbers
from anyascii import anyascii
from django.conf import settings
from phonenumbers import Leniency, NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberMatcher

APOSTROPHES = re.compile("[‘’ʻʼʽʹ′`´＇]")
ACCENTED = ("LATIN", "GREEK", "CYRILLIC")
"""Scripts whose combining marks are accents, which people often leave out. In other scripts they are letters."""

EXTENSION = re.compile(r"[\s,;]*(?:ext(?:ension)?\.?|x|#|;ext=|,)\s*(\d{1,7})$")


def normal_phone(text: str) -> str:
    """Return the digits of a phone number with its country code, such as "12025550123"; "" if it has no digits.

    A number without a country code is read as one of ``settings.COUNTRY``. Words around the number, invisible
    characters and an extension are ignored.
    """
    text = unicodedata.normalize("NFKC", without_invisible(text))
    digits = "".join(str(int(char)) for char in EXTENSION.sub("", text) if char.isdecimal())
    # People write 00 instead of a plus even in countries with another international prefix.
    number = _found(text) or _parsed(text) or (_parsed(f"+{digits[2:]}") if digits.startswith("00") else None)
    if number:
        return phonenumbers.format_number(number, PhoneNumberFormat.E164).lstrip("+")
    national = digits.lstrip("0")
    return f"{_calling_code()}{national}" if national else ""


def plain_user_name(text: str) -> str:
    """Return a user name in Unicode form NFKC and case-folded, so that spellings that look alike are equal."""
    return unicodedata.normalize("NFKC", text).casefold()


def _region() -> str | None:
    """Return the region code for phone numbers, such as "US"; None if COUNTRY is not one country, such as "eu"."""
    region = settings.COUNTRY.upper()
    return region if region in phonenumbers.SUPPORTED_REGIONS else None


def _calling_code() -> str:
    region = _region()
    return str(phonenumbers.country_code_for_region(region)) if region else ""


def _found(text: str) -> PhoneNumber | None:
    """Return the first phone number within a text, or None."""
    matches = PhoneNumberMatcher(text, _region(), leniency=Leniency.POSSIBLE)
    return next((match.number for match in matches), None)


def _parsed(text: str) -> PhoneNumber | None:
    """Return the phone number that the whole text is, or None."""
    try:
        number = phonenumbers.parse(text, _region())
    except NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None


def dialed(number: str) -> str:
    """Return a phone number for a ``tel:`` link, such as "+12025550123;ext=4".

    Letters become the digits on their keys. "(0)" after a country code is left out, because it is not dialed.
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
    """Return an e-mail address case-folded, in Unicode form NFKC and without invisible characters."""
    return unicodedata.normalize("NFKC", without_invisible(text)).strip().casefold()


def name_words(text: str) -> list[str]:
    """Return the unique words of a name without case and accents: "Zoë O'Neill-Zoe" gives ["zoe", "o'neill"].

    All kinds of apostrophes become straight. Latin letters such as ł and ø become plain letters too.
    """
    straight = APOSTROPHES.sub("'", without_invisible(text))
    parts = "".join(char if _in_a_word(char) else " " for char in _bare(straight))
    return list(dict.fromkeys(word for word in parts.split() if word.strip("'_")))


def _in_a_word(char: str) -> bool:
    return char.isalnum() or char in "'_" or unicodedata.category(char).startswith("M")


def _bare(text: str) -> str:
    """Return a text without case, and without the accents of the scripts in ``ACCENTED``."""
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
    """Return a text without invisible format characters, such as marks of writing direction in copied text."""
    return "".join(char for char in text if unicodedata.category(char) != "Cf")
