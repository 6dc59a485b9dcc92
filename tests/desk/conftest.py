from collections.abc import Iterator

import pytest

from carenav.accounts.signals import staff_event
from tests.support.clock import Clock


@pytest.fixture
def clock(monkeypatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def events() -> Iterator[list[tuple[str, str]]]:
    """The sign-in events, as pairs of verb and what."""
    told = []

    def listen(sender: object, verb: str, what: str, **kwargs: object) -> None:
        told.append((str(verb), what))

    staff_event.connect(listen)
    yield told
    staff_event.disconnect(listen)
