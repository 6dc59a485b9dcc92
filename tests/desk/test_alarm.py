"""`manage.py alarm`: the monitor is told the name of the unit that failed and nothing else, without a database."""

import io
from http.client import BadStatusLine
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.error import URLError

import pytest
from django.core.management import CommandError, call_command

from recommend.desk.management.commands import alarm


@pytest.fixture
def told(monkeypatch, settings):
    settings.ALARM_URL = "https://monitor.example/abc"
    requests = []

    def keep(request, timeout):
        requests.append((request.get_method(), request.full_url, request.data, timeout))
        return io.BytesIO()

    monkeypatch.setattr(alarm, "urlopen", keep)
    return requests


def test_the_monitor_is_told_which_unit_failed(told):
    call_command("alarm", "carenav-notify.service", stdout=io.StringIO())
    assert told == [
        ("POST", "https://monitor.example/abc", b"carenav: carenav-notify.service failed\n", alarm.TIMEOUT)
    ]


@pytest.mark.parametrize("error", [URLError("secret"), TimeoutError("secret"), BadStatusLine("secret")])
def test_a_monitor_that_does_not_answer_is_an_error_without_its_words(told, monkeypatch, error):
    def fail(request, timeout):
        raise error

    monkeypatch.setattr(alarm, "urlopen", fail)
    with pytest.raises(CommandError) as caught:
        call_command("alarm", "carenav-notify.service")
    assert str(caught.value) == f"The alarm could not be sent ({type(error).__name__})"


def test_without_an_address_the_command_fails(told, settings):
    settings.ALARM_URL = ""
    with pytest.raises(CommandError, match="ALARM_URL is not set"):
        call_command("alarm", "carenav-notify.service")
    assert not told


def test_a_redirect_is_no_answer_and_is_not_followed(settings):
    asked = []

    class Monitor(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(("POST", self.path))
            self.send_response(302)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def do_GET(self) -> None:
            asked.append(("GET", self.path))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Monitor) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        settings.ALARM_URL = f"http://127.0.0.1:{server.server_address[1]}/abc"
        with pytest.raises(CommandError, match="could not be sent"):
            call_command("alarm", "carenav-notify.service")
        server.shutdown()
    assert asked == [("POST", "/abc")]
