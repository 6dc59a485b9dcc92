from django.apps import AppConfig
from django.core import checks


class IntakeConfig(AppConfig):
    name = "intake"

    def ready(self) -> None:
        from intake import content, outage_pages

        content.load()
        checks.register(outage_pages.check_written, deploy=True)
