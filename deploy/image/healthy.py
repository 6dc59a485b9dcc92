"""Ask the server in this container whether it is well: ``healthy.py PORT PATH``. Exit status 1 if it is not.

It asks with the first of ALLOWED_HOSTS, because the site answers to its own names only.
"""

import http.client
import os
import sys


def is_healthy(port: int, path: str, host: str) -> bool:
    """Return whether the server answers 200 within five seconds."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers={"Host": host, "X-Forwarded-Proto": "https"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    port, path = sys.argv[1:]
    sys.exit(
        not is_healthy(
            int(port), path, os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip() or "localhost"
        )
    )
