"""The WSGI application of a separate server for the crisis page: ``gunicorn --no-control-socket carenav.help_lane``.

It runs beside the site's server, so that other pages cannot use up its threads. Unlike carenav/wsgi.py it starts
without checking the database, because crisis help needs none.
"""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carenav.settings")

django = get_wsgi_application()

# Imported here because the settings must be loaded first.
from carenav.edge import at_the_edge  # noqa: E402

application = at_the_edge(django)
