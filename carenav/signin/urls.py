from django.urls import path

from carenav.signin import views

app_name = "signin"

urlpatterns = [
    path("set-up/<str:token>/", views.enrol, name="enrol"),
    path("time-left/", views.time_left, name="time_left"),
]
