from django.apps import AppConfig
from django.core import checks


class RecommendConfig(AppConfig):
    name = "recommend"

    def ready(self) -> None:
        from recommend import content
        from recommend.rules.decided_versions import check_decided_files

        content.load()
        checks.register(check_decided_files, checks.Tags.database)
