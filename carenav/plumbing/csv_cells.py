"""Write CSV cells that no spreadsheet runs as a formula."""

import re

FORMULA = re.compile(r"[\t\r\n]|[\s\ufeff\u200b-\u200f]*[=+\-@＝＋－＠﹦﹢﹣﹫|]")
"""The beginning of a cell that a spreadsheet may run as a formula: such a sign, also full-width or after blanks."""


def defused(cell: str) -> str:
    """Return a cell with an apostrophe in front if a spreadsheet may run it as a formula, else unchanged."""
    return f"'{cell}" if FORMULA.match(cell) else cell
