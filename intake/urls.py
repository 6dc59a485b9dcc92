from django.urls import path

from carenav.plumbing.i18n import language
from intake import check, resume, safety_plan, sections, sharing, static_pages, ways_out

app_name = "intake"

urlpatterns = [
    path("", static_pages.start, name="start"),
    path("answers/check/", check.check, name="check"),
    path("answers/sharing/", sharing.share, name="share"),
    path("answers/<slug:key>/", sections.section, name="section"),
    path("contact/", sharing.contact, name="contact"),
    path("continue/", ways_out.continue_, name="go_on"),
    path("save/", resume.save, name="save"),
    path("stopped-for-now/", resume.stopped, name="stopped"),
    path("not-here/", static_pages.gone, name="gone"),
    path("come-back/", resume.come_back, name="come_back"),
    path("more-time/", resume.more_time, name="more_time"),
    path("help-now/", ways_out.help_now, name="help_now"),
    path("plan/", safety_plan.safety_plan, name="safety_plan"),
    path("where-to-get-help/<int:number>/", static_pages.where_to_get_help, name="where_to_get_help"),
    path("leave/", ways_out.leave, name="leave"),
    path("language/<slug:code>/", language.change, name="language"),
    path("privacy/", static_pages.privacy, name="privacy"),
    path("accessibility/", static_pages.accessibility, name="accessibility"),
    path("staying-private/", static_pages.staying_private, name="staying_private"),
]
