"""Log lines that cannot carry an answer."""

import copy
import logging
import re
import threading
import time
import traceback
from types import TracebackType

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


SET_UP_LINK = re.compile(r"(set-up/)[^/\s]+")
QUERY = re.compile(r"(/[^\s?]*)\?\S+")


def without_secrets(line: str) -> str:
    """Cut the token of a sign-in link and the query from every address: Django logs the addresses it refuses."""
    return QUERY.sub(r"\1?…", SET_UP_LINK.sub(r"\1…", line))


def is_refusal(record: logging.LogRecord) -> bool:
    """Return whether a line says that a request was refused: Django names all of those so."""
    refused = record.name == "django.request" and record.levelno < logging.ERROR
    return refused or record.name.startswith("django.security")


class FewRefusals(logging.Filter):
    """Lets through so many refusals a minute, then says how many were left out: they must not hide a fault."""

    MOST = 60

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()
        self.minute, self.seen = 0, 0

    def filter(self, record: logging.LogRecord) -> bool:
        if not is_refusal(record):
            return True
        with self.lock:
            minute, left_out = int(time.time() // 60), 0
            if minute != self.minute:
                left_out, self.minute, self.seen = max(0, self.seen - self.MOST), minute, 0
            self.seen += 1
            if self.seen > self.MOST:
                return False
        if left_out:
            record.msg, record.args = f"{record.getMessage()} (and {left_out} refusals left out before)", ()
        return True


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
        if is_refusal(record):
            record.exc_info = None  # it is no fault of ours, and scanners cause them by the thousand
        return without_secrets(super().format(record))

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802, the name is logging's
        parts = []
        error = ei[1]
        while error is not None:
            stack = "".join(traceback.format_tb(error.__traceback__))
            parts.append(f"{stack}{type(error).__module__}.{type(error).__qualname__}")
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\nraised while handling:\n".join(parts)
