"""Fixtures of the tests of intake."""

import io
import logging

import pytest


@pytest.fixture
def log(monkeypatch) -> io.StringIO:
    """Every record of every logger, also of those that settings keep quieter."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    root = logging.getLogger()
    loggers = [root, *(logging.getLogger(name) for name in logging.root.manager.loggerDict)]
    levels = {logger: logger.level for logger in loggers}
    for logger in loggers:
        logger.setLevel(logging.INFO)
        if not logger.propagate or logger is root:
            logger.addHandler(handler)
    yield written
    for logger in loggers:
        logger.setLevel(levels[logger])
        logger.removeHandler(handler)
