from django.urls import path

from carenav.accounts import views

app_name = "accounts"

urlpatterns = [
    path("set-up/<str:token>/", views.enrol, name="enrol"),
    path("time-left/", views.time_left, name="time_left"),
]
