"""How hard a text is to read: the Flesch-Kincaid grade, with a plain count of syllables."""

import re

# Names that cannot be replaced by easier words count as two syllables: levels of care, medicines, what 911 is called.
NAMES = re.compile(
    r"(?i)\b(outpatient|inpatient|hospitalization|intensive|evaluation|iop|php|opioids?|naloxone|narcan|fentanyl|"
    r"sedatives|buprenorphine|methadone|emergency|medicines?|ecg|cbt|dbt)\b"
)


def grade(text: str) -> float:
    """The school grade of a text; a full stop or a line break ends a sentence."""
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

# Names of levels of care and of medicines, as above: they count as three syllables, as a usual word may have.
SPANISH_NAMES = re.compile(
    r"(?i)\b(ambulatori[oa]s?|hospitalización|hospitalari[oa]s?|hospitalizad[oa]s?|intensiv[oa]s?|evaluación|iop|php|"
    r"opioides?|naloxona|narcan|fentanilo|sedantes?|buprenorfina|metadona|emergencias?|medicamentos?|medicinas?)\b"
)


def ease(text: str) -> float:
    """How easy a Spanish text is (Fernández-Huerta): 70 and more is what a pupil of 12 can read; higher is easier."""
    words = re.findall(r"[a-záéíóúüñ]+", text.lower())
    sentences = [part for part in re.split(r"[.!?:]+\s|\n+", text + " ") if part.strip()]
    return 206.84 - 60 * sum(map(spanish_syllables, words)) / len(words) - 1.02 * len(words) / len(sentences)


def spanish_syllables(word: str) -> int:
    """Each of a, e, o and each stressed i, u is a syllable; unstressed i, u and y lean on the vowel beside them."""
    if SPANISH_NAMES.fullmatch(word):
        return 3
    word = re.sub(r"(?<=[qg])u(?=[eiéí])", "", re.sub(r"y$", "i", word.lower()))
    return max(
        1, sum(max(1, len(re.findall("[aeoáéóíú]", run))) for run in re.findall("[aeiouáéíóúü]+", word))
    )
