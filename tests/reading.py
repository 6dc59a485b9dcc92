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
