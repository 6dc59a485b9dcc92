from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from carenav import health, metrics

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("", include("intake.urls")),
    path("", include("recommend.urls")),
    path("", include("recommend.desk.urls")),
    path(settings.STAFF_PATH, include("carenav.accounts.urls")),
    path(settings.STAFF_PATH, admin.site.urls),
]

handler400 = "intake.csrf.bad_request"
handler403 = "carenav.errors.permission_denied"
handler404 = "carenav.errors.page_not_found"
handler500 = "carenav.errors.server_error"
