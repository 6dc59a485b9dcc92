"""Give access to the crisis lines. They are read when the app starts, so a broken file stops the start."""

from functools import cache

from django.conf import settings

from carenav.clinic.crisis_lines import CrisisLines, load_crisis_lines
from carenav.plumbing.i18n.localized_text import languages

HERE = settings.BASE_DIR / "carenav" / "clinic"


@cache
def crisis_lines() -> CrisisLines:
    """Return the crisis lines by country, read once."""
    return load_crisis_lines(HERE / "crisis_lines.toml", languages())
