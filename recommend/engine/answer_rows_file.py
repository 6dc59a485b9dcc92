"""Read rows of answers from a content file: of a rule, an invariant or a bound."""

from .answers import AnswerPattern, Questions
from .content_file import ContentFile


def answer_rows(
    file: ContentFile, place: str, raw: object, questions: Questions, *, strict: bool
) -> tuple[AnswerPattern, ...]:
    """Read rows of answers. A row matches if one of the options listed for each question was chosen.

    Args:
        file: the file, for messages.
        place: where in the file the rows are.
        raw: the rows as parsed from TOML.
        questions: the questions that the rows may name.
        strict: whether two options of a list question must be written as ``{ also = { any_of = [...] } }``.

    Raises:
        ContentError: wrong shape, an unknown question or option, or under ``strict`` an ambiguous row.
    """
    rows = [dict(row) if isinstance(row, dict) else row for row in raw] if isinstance(raw, list) else raw
    for row in rows if isinstance(rows, list) else ():
        for id, options in row.items() if isinstance(row, dict) else ():
            is_list = id in questions.all and questions.all[id].kind == "many"
            if isinstance(options, dict):
                row[id] = file.table(f"{place}, {id}", options, ("any_of",))["any_of"]
                if not is_list:
                    file.fail(f"{place}, {id}", "any_of is for list questions only")
            elif strict and is_list and isinstance(options, list) and len(options) > 1:
                file.fail(
                    f"{place}, {id}",
                    "says two options of one list question: write a row for each, or { any_of = [...] }; "
                    "where both must be chosen, write a condition",
                )
    return file.rows(place, rows, {id: question.offered for id, question in questions.all.items()})
