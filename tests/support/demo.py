"""Make the made-up cases of `manage.py demo`."""

import io

from django.core.management import call_command


def demo(*options: str) -> str:
    """Return what the command says."""
    out = io.StringIO()
    call_command("demo", *options, stdout=out)
    return out.getvalue()
