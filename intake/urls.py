from django.urls import path

from carenav.plumbing.i18n import language
from intake import resume, static_pages, views

app_name = "intake"

urlpatterns = [
    path("", static_pages.start, name="start"),
    path("answers/check/", views.check, name="check"),
    path("answers/sharing/", views.share, name="share"),
    path("answers/<slug:id>/", views.section, name="section"),
    path("contact/", views.contact, name="contact"),
    path("continue/", views.continue_, name="go_on"),
    path("save/", resume.save, name="save"),
    path("come-back/", resume.come_back, name="come_back"),
    path("more-time/", resume.more_time, name="more_time"),
    path("help-now/", views.help_now, name="help_now"),
    path("leave/", views.leave, name="leave"),
    path("language/<slug:code>/", language.change, name="language"),
    path("privacy/", static_pages.privacy, name="privacy"),
    path("accessibility/", static_pages.accessibility, name="accessibility"),
    path("staying-private/", static_pages.staying_private, name="staying_private"),
]
