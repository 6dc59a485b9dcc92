from django.urls import path

from recommend import erasing, public, views

app_name = "recommend"

urlpatterns = [
    path("send/", views.create, name="create"),
    path("result/", views.result, name="result"),
    path("result/sent/", views.sent, name="sent"),
    path("result/change/", views.change, name="change"),
    path("result/sheet/", views.sheet, name="sheet"),
    path("delete/", erasing.delete, name="delete"),
    path("levels-of-care/", views.compare, name="compare"),
    path("how-we-decide/", public.rules, name="rules"),
    path("how-we-decide/rules.toml", public.rules_toml, name="rules_toml"),
    path("how-we-decide/rules.csv", public.rules_csv, name="rules_csv"),
    path("where-sources-disagree/", public.disagreements, name="disagreements"),
    path("proof/", public.proof, name="proof"),
    path("try-it/", public.try_it, name="try_it"),
]
