"""Log lines that cannot carry an answer."""

import copy
import logging
import re
import traceback
from types import TracebackType

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


SET_UP_LINK = re.compile(r"(set-up/)[^/\s]+")
QUERY = re.compile(r"(/[^\s?]*)\?\S+")


def without_secrets(line: str) -> str:
    """Cut the token of a sign-in link and the query from every address: Django logs the addresses it refuses."""
    return QUERY.sub(r"\1?…", SET_UP_LINK.sub(r"\1…", line))


class ValueFreeFormatter(logging.Formatter):
    """Formats an exception as its types and stack, without its messages.

    A database quotes the row that it refuses and a parser the text that it cannot read: what an exception says may be
    an answer. File, line and function are enough to find the fault.
    """

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}: {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        record = copy.copy(record)
        record.exc_text = None  # where another formatter keeps its own text, message included
        return without_secrets(super().format(record))

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802, the name is logging's
        parts = []
        error = ei[1]
        while error is not None:
            stack = "".join(traceback.format_tb(error.__traceback__))
            parts.append(f"{stack}{type(error).__module__}.{type(error).__qualname__}")
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\nraised while handling:\n".join(parts)
