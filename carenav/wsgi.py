"""The WSGI application of the site: ``gunicorn --no-control-socket carenav.wsgi``."""

import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carenav.settings")

if settings.PRODUCTION and not (settings.STATIC_ROOT / "staticfiles.json").exists():
    raise ImproperlyConfigured("the static files are not collected: run `python manage.py collectstatic`")

django = get_wsgi_application()

# Imported here because the settings must be loaded first.
from carenav.edge import at_the_edge  # noqa: E402
from carenav.start import (  # noqa: E402
    build_answer_space,
    check_database,
    check_metrics,
    read_clinic_settings,
)

application = at_the_edge(django)

check_metrics()
check_database()
read_clinic_settings()
build_answer_space()
