"""Find names of published assessment instruments, which no text for patients may contain."""

import hashlib
import re

# The names must not be anywhere in the project, so these are their SHA-256 hashes, cut to 16 digits.
INSTRUMENTS = {
    "0b597595a01aaa08", "125074de2359263c", "aafaf8c4e508d1e8", "d7916bc5a31e20fe", "0d04bff04cb47482",
    "1dc9df420a3fcbf6", "05d82cbdd6ccc0c2", "57ab30f52ae7cdee", "a9052f2de0bf37b0", "ed001844d2bc55ac",
    "29ab268f7aba55d2", "096ed8bf15bda784", "cfbfcbe1346f9ad0",
}  # fmt: skip


def named_instruments(text):
    words = {part for word in re.findall(r"[A-Za-z0-9-]+", text) for part in (word, *word.split("-"))}
    return {word for word in words if hashlib.sha256(word.lower().encode()).hexdigest()[:16] in INSTRUMENTS}
