"""Logging without answers, secrets or floods of refused requests."""

import copy
import logging
import re
import threading
import time
import traceback
from types import TracebackType
from typing import Any

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


SET_UP_LINK = re.compile(r"(set-up/)[^/\s]+")
QUERY = re.compile(r"(/[^\s?]*)\?\S+")


def without_secrets(line: str) -> str:
    """Return a log line without the tokens of sign-in links and without query strings.

    Django logs the URLs of requests that it refuses.
    """
    return QUERY.sub(r"\1?…", SET_UP_LINK.sub(r"\1…", line))


def is_refusal(record: logging.LogRecord) -> bool:
    """Return whether a log record is about a refused request, by the name of its logger and its level."""
    refused = record.name == "django.request" and record.levelno < logging.ERROR
    return refused or record.name.startswith("django.security")


class FewRefusals(logging.Filter):
    """A filter that passes at most ``MOST`` records about refused requests a minute, so that they hide no errors.

    The first such record of a later minute says how many were dropped.
    """

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
    """A formatter that logs exceptions with types and stack but without messages, which may quote an answer.

    For example, a database error quotes the refused row, and a parser the text that it cannot read.
    """

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}: {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        record = copy.copy(record)
        record.exc_text = None  # another formatter may have cached its text here, with the message
        if is_refusal(record):
            record.exc_info = None  # not an error of the site, and scanners cause thousands of them
        return without_secrets(super().format(record))

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802, the name is logging's
        parts = []
        error = ei[1]
        while error is not None:
            stack = "".join(traceback.format_tb(error.__traceback__))
            parts.append(f"{stack}{type(error).__module__}.{type(error).__qualname__}")
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\nraised while handling:\n".join(parts)


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "carenav.logs.ValueFreeFormatter"}},
    "filters": {"few refusals": {"()": "carenav.logs.FewRefusals"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["few refusals"]},
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "carenav": {"level": "INFO"},
        "intake": {"level": "INFO"},
        "recommend": {"level": "INFO"},
    },
}
"""Django writes to standard error only. The formatter leaves out messages of exceptions, which may quote an answer."""
