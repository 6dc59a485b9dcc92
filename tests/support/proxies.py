"""Run the shipped configurations of Caddy and nginx in front of a stand-in server.

Only host, ports, paths and certificates in them are changed.
"""

import http.client
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from django.conf import settings

DEPLOY = Path(settings.BASE_DIR) / "deploy"
PROXIES = ("caddy", "nginx")
APP, HELP = "127.0.0.1:8000", "127.0.0.1:8001"

NGINX_AROUND = """
daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 1;
events {{ worker_connections 2048; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


def program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Upstream(BaseHTTPRequestHandler):
    """A stand-in for carenav, whose response depends on the path of the request.

    * ``/bare/STATUS``: this status, without carenav's own headers.
    * ``/own/STATUS``: this status, with such headers.
    * ``/slow`` and ``/.../slow``: waits until ``released`` is set.
    * others: status 200 with such headers.

    Attributes:
        released: lets slow responses go on.
        waiting: the number of requests whose body is being read.
    """

    protocol_version = "HTTP/1.1"
    released = threading.Event()
    waiting = 0

    def answer(self) -> None:
        type(self).waiting += 1
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        type(self).waiting -= 1
        kind, _, rest = self.path.strip("/").partition("/")
        if kind == "slow" or rest == "slow":
            self.released.wait(60)
        status = int(rest) if kind in ("bare", "own") else 200
        self.send_response(status)
        if kind != "bare":
            self.send_header("Cache-Control", "no-store")
            self.send_header("Content-Security-Policy", "default-src 'none'")
        said = f"own page, {self.headers.get('X-Forwarded-For')}, {len(body)} bytes".encode()
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(said)

    do_GET = do_POST = do_HEAD = answer  # noqa: N815, the names are http.server's

    def log_message(self, *args: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024

    def handle_error(self, *args: object) -> None:
        """Ignore connections that the proxy has closed."""


@contextmanager
def upstream(port: int) -> Iterator[type[Upstream]]:
    handler = type("Handler", (Upstream,), {"released": threading.Event(), "waiting": 0})
    server = Server(("127.0.0.1", port), handler)
    thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    try:
        yield handler
    finally:
        handler.released.set()
        server.shutdown()
        server.server_close()


def caddyfile(text: str, port: int) -> str:
    once = text.replace("{\n", "{\n\tadmin off\n\tauto_https off\n", 1)
    return once.replace("intake.example.org {", f"http://127.0.0.1:{port} {{")


def nginx_site(text: str, port: int) -> str:
    lines = [
        line
        for line in text.splitlines()
        if not line.strip().startswith(("ssl_", "listen [::]", "listen 80"))
    ]
    site = "\n".join(lines).replace("listen 443 ssl http2", f"listen 127.0.0.1:{port}")
    first = site.index("server {")
    return site[:first] + site[site.index("server {", first + 1) :]  # without the redirect to https


def configured(name: str, folder: Path, static: Path, port: int, app: int, help_lane: int) -> list[str]:
    """Write the shipped configuration for these ports, and return the command that runs the proxy with it.

    Args:
        name: one of ``PROXIES``.
        folder: where to write it.
        static: the folder of the static files.
        port: the port of the proxy.
        app: the port of the site's server.
        help_lane: the port of the crisis page's server.
    """
    text = (DEPLOY / {"caddy": "Caddyfile", "nginx": "nginx.conf"}[name]).read_text()
    text = text.replace(APP, f"127.0.0.1:{app}").replace(HELP, f"127.0.0.1:{help_lane}")
    text = text.replace("/srv/carenav/staticfiles", str(static))
    if name == "caddy":
        (folder / "Caddyfile").write_text(caddyfile(text, port))
        return ["caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    (folder / "site.conf").write_text(nginx_site(text, port))
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(NGINX_AROUND.format(folder=folder, user=user))
    return ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]


@contextmanager
def proxy(name: str, folder: Path, static: Path, app: int, help_lane: int) -> Iterator[int]:
    """Run a proxy in front of the servers at these two ports, and give its own port; see :func:`configured`."""
    port = free_port()
    command, *arguments = configured(name, folder, static, port, app, help_lane)
    with (folder / "said").open("w") as said:
        running = subprocess.Popen(
            [program(command), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env=os.environ | {"HOME": str(folder), "XDG_DATA_HOME": str(folder)},
        )
    try:
        for _ in range(100):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert running.poll() is None, (folder / "said").read_text()
            time.sleep(0.1)
        yield port
    finally:
        running.terminate()
        running.wait(20)


def ask(port: int, path: str, method: str = "GET", body: bytes | None = None, timeout: float = 30, **headers):
    """Return the status, the headers and the text of the proxy's response.

    Args:
        port: the port of the proxy.
        path: the path of the request.
        method: the method of the request.
        body: its body, if any.
        timeout: in seconds.
        **headers: its headers, with "_" in place of "-" in their names.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(
            method, path, body, {name.replace("_", "-"): each for name, each in headers.items()}
        )
        response = connection.getresponse()
        return response.status, response.headers, response.read().decode(errors="replace")
    finally:
        connection.close()
