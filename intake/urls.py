from django.urls import path

from intake import language, pages, returning, views

app_name = "intake"

urlpatterns = [
    path("", pages.start, name="start"),
    path("answers/check/", views.check, name="check"),
    path("answers/sharing/", views.share, name="share"),
    path("answers/<slug:id>/", views.section, name="section"),
    path("contact/", views.contact, name="contact"),
    path("continue/", views.go_on, name="go_on"),
    path("save/", returning.save, name="save"),
    path("come-back/", returning.come_back, name="come_back"),
    path("more-time/", returning.more_time, name="more_time"),
    path("help-now/", views.help_now, name="help_now"),
    path("leave/", views.leave, name="leave"),
    path("language/<slug:code>/", language.change, name="language"),
    path("privacy/", pages.privacy, name="privacy"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("staying-private/", pages.staying_private, name="staying_private"),
]
