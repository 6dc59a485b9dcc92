"""Passkeys with Chromium's virtual authenticator: add one, sign in with it. A page that relays it gets nothing."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.conf import settings
from playwright.sync_api import BrowserContext, Page, expect

from carenav.accounts.models import Passkey
from recommend.desk.models import AccessEvent
from tests.support.staff import PASSWORD, code_of, staff_user

pytestmark = pytest.mark.django_db(transaction=True)

PLATFORM = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def cora():
    return staff_user("coordinator", "cora")


def with_authenticator(context: BrowserContext) -> Page:
    page = context.new_page()
    debugger = context.new_cdp_session(page)
    debugger.send("WebAuthn.enable")
    debugger.send("WebAuthn.addVirtualAuthenticator", {"options": PLATFORM})
    return page


def sign_in_with_password(page: Page, url: str, user) -> None:
    page.goto(f"{url}/staff/login/")
    page.get_by_label("Username").fill(user.get_username())
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Code").fill(code_of(user))
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(f"{url}/staff/")


def add_passkey(page: Page, url: str) -> None:
    page.goto(f"{url}/staff/passkeys/")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_label("Name of the passkey").fill("my phone")
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_text("my phone, added")).to_be_visible()


def forget(page: Page, url: str) -> None:
    page.locator("details.account summary").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Log out").click()
    page.goto(f"{url}/staff/login/")


def test_a_passkey_is_added_and_signs_in_without_name_password_and_code(new_context, live_server, cora, axe):
    page = with_authenticator(new_context())
    sign_in_with_password(page, live_server.url, cora)
    add_passkey(page, live_server.url)
    axe(page)
    forget(page, live_server.url)
    axe(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(f"{live_server.url}/staff/")
    key = Passkey.objects.get()
    assert (key.user, key.name) == (cora, "my phone")
    assert key.last_used_at
    verbs = [*AccessEvent.objects.values_list("verb", flat=True)]
    assert verbs.count("sign_in") == 2
    assert "passkey_added" in verbs


@pytest.mark.some(1)
@pytest.mark.parametrize("change", ["removed", "inactive", "another key"])
def test_a_passkey_that_no_longer_fits_opens_nothing(new_context, live_server, cora, change):
    page = with_authenticator(new_context())
    sign_in_with_password(page, live_server.url, cora)
    add_passkey(page, live_server.url)
    forget(page, live_server.url)
    if change == "removed":
        Passkey.objects.all().delete()
    elif change == "inactive":
        cora.is_active = False
        cora.save()
    else:
        Passkey.objects.update(public_key="pQECAyYgASFYIA")
    with page.expect_response("**/staff/passkey/") as answer:
        page.get_by_role("button", name="Sign in with a passkey").click()
    assert answer.value.status == 403
    expect(page.get_by_text("does not belong to this site")).to_be_visible()
    page.goto(f"{live_server.url}/staff/")
    assert "/staff/login/" in page.url


# ---- a false page


class FalsePage(BaseHTTPRequestHandler):
    """A page on another address that hands everything on to the site and back."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Sign in</title>")

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def false_page() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), FalsePage) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


RELAY = """async ([options]) => {
    const bytes = text => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), c => c.charCodeAt(0));
    const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer)))
        .replace(/\\+/g, '-').replace(/\\//g, '_').replace(/=+$/, '');
    try {
        const publicKey = {...options, challenge: bytes(options.challenge), allowCredentials: []};
        const made = await navigator.credentials.get({publicKey});
        const r = made.response;
        return JSON.stringify({id: made.id, rawId: text(made.rawId), type: made.type, clientExtensionResults: {},
            response: {clientDataJSON: text(r.clientDataJSON), authenticatorData: text(r.authenticatorData),
                       signature: text(r.signature), userHandle: text(r.userHandle)}});
    } catch (error) { return error.name; }
}"""


def test_a_page_that_relays_the_sign_in_gets_nothing(browser, live_server, client, cora, false_page):
    """Neither on another host, where the browser refuses, nor on another port of this one, where the site does."""
    page = with_authenticator(browser.new_context())
    sign_in_with_password(page, live_server.url, cora)
    add_passkey(page, live_server.url)
    site = {"SERVER_NAME": "localhost", "SERVER_PORT": live_server.url.rpartition(":")[2]}
    passkey = client.get("/staff/login/", **site).context["passkey"]

    page.goto(f"http://127.0.0.1:{false_page}/")
    assert page.evaluate(RELAY, [json.loads(passkey["options"])]) == "SecurityError"

    page.goto(f"http://localhost:{false_page}/")
    relayed = page.evaluate(RELAY, [json.loads(passkey["options"])])
    assert relayed.startswith("{")  # the authenticator signed, for the address that it saw
    form = {"credential": relayed, "challenge": passkey["challenge"]}
    assert client.post("/staff/passkey/", form, **site).status_code == 403
    assert settings.SESSION_COOKIE_NAME not in client.cookies

    page.goto(f"{live_server.url}/staff/")  # the same at the true address
    form["credential"] = page.evaluate(RELAY, [json.loads(passkey["options"])])
    assert client.post("/staff/passkey/", form, **site).status_code == 302
    again = type(client)()
    assert again.post("/staff/passkey/", form, **site).status_code == 403  # and only once
    page.context.close()
