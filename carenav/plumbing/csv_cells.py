"""Write CSV cells that no spreadsheet runs as a formula."""

import re

FORMULA = re.compile(r"[\t\r\n]|[\s\ufeff\u200b-\u200f]*[=+\-@＝＋－＠﹦﹢﹣﹫|]")
"""What a spreadsheet may read as a formula: the signs, their full-width and small forms, after blanks or not."""


def defused(cell: str) -> str:
    """Prefix a cell that a spreadsheet may run as a formula with an apostrophe, which makes it text."""
    return f"'{cell}" if FORMULA.match(cell) else cell
