from django.urls import path

from recommend import views

app_name = "recommend"

urlpatterns = [
    path("send/", views.create, name="create"),
    path("result/", views.result, name="result"),
    path("levels-of-care/", views.compare, name="compare"),
]
