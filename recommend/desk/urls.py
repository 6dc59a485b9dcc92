"""The public pages of the desk. Its other pages are in the admin (site.py)."""

from django.urls import path

from recommend.desk.placement import openings_page
from recommend.desk.submissions import delete_page, send_page

app_name = "desk"

urlpatterns = [
    path("send/", send_page.create, name="send"),
    path("result/change/", send_page.change, name="change"),
    path("delete/", delete_page.delete, name="delete"),
    path("openings/<slug:token>/", openings_page.update, name="openings"),
    path("delete/done/", delete_page.deleted, name="deleted"),
]
