from django.urls import path

from carenav.accounts import passkey_views, views

app_name = "accounts"

urlpatterns = [
    path("set-up/<str:token>/", views.enrol, name="enrol"),
    path("passkey/", passkey_views.sign_in, name="passkey_sign_in"),
    path("time-left/", views.time_left, name="time_left"),
]
