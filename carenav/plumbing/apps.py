from django.apps import AppConfig
from django.core import checks


class PlumbingConfig(AppConfig):
    name = "carenav.plumbing"
    label = "plumbing"

    def ready(self) -> None:
        from carenav.plumbing import db_log, db_timeout
        from carenav.plumbing.i18n.catalogs import compile_catalogs

        db_timeout.install()
        db_log.install()
        checks.register(db_log.check_server, checks.Tags.database)
        compile_catalogs()
