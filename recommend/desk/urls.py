"""The patient pages that create, change or delete a case. The desk's own pages are in the admin (site.py)."""

from django.urls import path

from recommend.desk.submissions import delete_page, send_page

app_name = "desk"

urlpatterns = [
    path("send/", send_page.create, name="send"),
    path("result/change/", send_page.change, name="change"),
    path("delete/", delete_page.delete, name="delete"),
    path("delete/done/", delete_page.deleted, name="deleted"),
]
