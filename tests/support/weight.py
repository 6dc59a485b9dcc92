"""The compressed size of a page with its files."""

import gzip
import re

from django.conf import settings

MOST = 14 * 1024


def compressed(content: bytes) -> int:
    return len(gzip.compress(content, 6))


def weight(html: bytes) -> int:
    """Return the compressed size in bytes of a page with every file that it loads."""
    files = re.findall(rb'<link[^>]* href="/static/([^"]+)"', html)
    assert len(files) == 2
    assert not re.search(rb"<(img|script|iframe|video|audio|object)", html)
    return compressed(html) + sum(
        compressed((settings.BASE_DIR / "static" / file.decode()).read_bytes()) for file in files
    )
