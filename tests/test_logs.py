import logging
import sys
import time

import pytest

from carenav import logs, settings
from carenav.logs import ValueFreeFormatter

CANARY = "canary-answer-4711"


def raise_plain():
    raise ValueError(CANARY)


def raise_from_another():
    try:
        raise_plain()
    except ValueError as error:
        raise RuntimeError(f"while reading {CANARY}") from error


def raise_while_handling():
    try:
        raise_plain()
    except ValueError:
        raise KeyError(CANARY)  # noqa: B904, the chain is what is tested


def raise_with_a_note():
    error = OSError(CANARY)
    error.add_note(CANARY)
    raise error


@pytest.mark.parametrize(
    ("raise_it", "types"),
    [
        (raise_plain, ["builtins.ValueError"]),
        (raise_from_another, ["builtins.RuntimeError", "builtins.ValueError"]),
        (raise_while_handling, ["builtins.KeyError", "builtins.ValueError"]),
        (raise_with_a_note, ["builtins.OSError"]),
    ],
)
def test_types_and_stack_are_written_and_messages_are_not(raise_it, types):
    try:
        raise_it()
    except Exception:
        record = logging.LogRecord(
            "carenav", logging.ERROR, __file__, 1, "at %s", ("/answers/",), sys.exc_info()
        )
    logging.Formatter().format(record)  # leaves its own text, with the message, on the record
    assert CANARY in record.exc_text
    line = ValueFreeFormatter().format(record)
    assert CANARY not in line
    assert "ERROR carenav: at /answers/" in line
    assert raise_it.__name__ in line
    assert [kind for kind in types if kind in line] == types


@pytest.mark.parametrize(
    ("message", "logged"),
    [
        ("Forbidden (CSRF token missing.): /staff/set-up/HwBE-QGYg/", "/staff/set-up/…/"),
        ("Not Found: /staff/set-up/HwBE-QGYg?x=canary", "/staff/set-up/…"),
        ("Bad Request: /help-now/?a=canary&b=1", "/help-now/?…"),
        ("What now? Nothing: /help-now/", "What now? Nothing: /help-now/"),
    ],
)
def test_neither_sign_in_links_nor_queries_are_logged(message, logged):
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, message, (), None)
    line = ValueFreeFormatter().format(record)
    assert logged in line
    assert "HwBE" not in line
    assert "canary" not in line


# ---- what scanners cause


def line(name, level, message="Not Found: /wp-login.php", fault=None):
    return logging.LogRecord(name, level, __file__, 1, message, (), fault)


REFUSALS = [
    ("django.request", logging.WARNING),
    ("django.security.DisallowedHost", logging.ERROR),
    ("django.security.csrf", logging.WARNING),
]


@pytest.mark.parametrize(("name", "level"), REFUSALS)
def test_a_refusal_has_no_traceback(name, level):
    try:
        raise LookupError
    except LookupError:
        fault = sys.exc_info()
    assert len(logs.ValueFreeFormatter().format(line(name, level, fault=fault)).splitlines()) == 1
    assert "LookupError" in logs.ValueFreeFormatter().format(
        line("django.request", logging.ERROR, fault=fault)
    )


def test_refusals_beyond_some_a_minute_are_counted_and_not_written(monkeypatch):
    now = [120.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    few = logs.FewRefusals()
    written = [few.filter(line("django.request", logging.WARNING)) for _ in range(1000)]
    assert sum(map(bool, written)) == few.MOST
    now[0] = 180.0
    first, second = (line("django.request", logging.WARNING) for _ in range(2))
    assert few.filter(first)
    assert few.filter(second)
    assert f"and {1000 - few.MOST} refusals left out before" in first.getMessage()
    assert "left out" not in second.getMessage()


def test_faults_are_always_written():
    few = logs.FewRefusals()
    for _ in range(1000):
        few.filter(line("django.request", logging.WARNING))
    assert few.filter(line("django.request", logging.ERROR))
    assert few.filter(line("intake", logging.WARNING))


def test_the_handler_of_the_settings_uses_both():
    handler = settings.LOGGING["handlers"]["console"]
    assert settings.LOGGING["filters"][handler["filters"][0]]["()"] == "carenav.logs.FewRefusals"
    assert settings.LOGGING["formatters"][handler["formatter"]]["()"] == "carenav.logs.ValueFreeFormatter"
