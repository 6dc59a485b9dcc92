"""How hard a text is to read: the Flesch-Kincaid grade in English, and the Fernández-Huerta index in Spanish."""

import re

# Names without an easier word count as two syllables, such as levels of care, medicines and "emergency".
NAMES = re.compile(
    r"(?i)\b(outpatient|inpatient|hospitalization|intensive|evaluation|iop|php|opioids?|naloxone|narcan|fentanyl|"
    r"sedatives|buprenorphine|methadone|emergency|medicines?|ecg|cbt|dbt)\b"
)


def grade(text: str) -> float:
    """Return the Flesch-Kincaid school grade of an English text. Full stops and line breaks end sentences."""
    words = re.findall(r"[A-Za-z’']+", text)
    sentences = [part for part in re.split(r"[.!?]+\s|\n+", text + " ") if part.strip()]
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(_syllables, words)) / len(words) - 15.59


def _syllables(word: str) -> int:
    if NAMES.fullmatch(word):
        return 2
    word = re.sub(r"[^a-z]", "", word.lower())
    if not re.search(r"([td]ed|le|[sxz]es|[cs]hes|[cg]es)$", word):
        word = re.sub(r"(?<=[^aeiouy])(e|es|ed)$", "", word)
    return max(1, len(re.findall(r"[aeiouy]+", word)))


# ---- Spanish

# Names without an easier word count as three syllables.
SPANISH_NAMES = re.compile(
    r"(?i)\b(ambulatori[oa]s?|hospitalización|hospitalari[oa]s?|hospitalizad[oa]s?|intensiv[oa]s?|evaluación|iop|php|"
    r"opioides?|naloxona|narcan|fentanilo|sedantes?|buprenorfina|metadona|emergencias?|medicamentos?|medicinas?)\b"
)


def ease(text: str) -> float:
    """Return the Fernández-Huerta index of a Spanish text: higher is easier, and a child of 12 can read 70 or more."""
    words = re.findall(r"[a-záéíóúüñ]+", text.lower())
    sentences = [part for part in re.split(r"[.!?:]+\s|\n+", text + " ") if part.strip()]
    return 206.84 - 60 * sum(map(spanish_syllables, words)) / len(words) - 1.02 * len(words) / len(sentences)


def spanish_syllables(word: str) -> int:
    """Return the number of syllables of a word.

    Each a, e, o and stressed i, u counts as one; an unstressed i, u or y belongs to the vowel beside it.
    """
    if SPANISH_NAMES.fullmatch(word):
        return 3
    word = re.sub(r"(?<=[qg])u(?=[eiéí])", "", re.sub(r"y$", "i", word.lower()))
    return max(
        1, sum(max(1, len(re.findall("[aeoáéóíú]", run))) for run in re.findall("[aeiouáéíóúü]+", word))
    )
