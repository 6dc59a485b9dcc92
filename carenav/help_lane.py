"""The crisis page's own server: `gunicorn --no-control-socket carenav.help_lane`.

It runs beside the site's server, with threads that nothing else can keep busy, and starts whatever the database says:
crisis help needs none.
"""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carenav.settings")

django = get_wsgi_application()

# Only once the settings are known to be usable.
from carenav.edge import at_the_edge  # noqa: E402

application = at_the_edge(django)
