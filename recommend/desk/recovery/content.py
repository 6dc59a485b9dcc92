"""The versions that a backup names."""

from django.conf import settings


def versions() -> dict[str, str]:
    return {"rules": settings.RULESET.stem, "questions": settings.QUESTIONNAIRE.stem}
