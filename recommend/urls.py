from django.urls import path

from recommend.levels import views as levels
from recommend.result import views as result
from recommend.rules import pages as rules
from recommend.rules import try_it

app_name = "recommend"

urlpatterns = [
    path("result/", result.result, name="result"),
    path("result/sent/", result.sent, name="sent"),
    path("result/sheet/", result.sheet, name="sheet"),
    path("levels-of-care/", levels.compare, name="compare"),
    path("about/", rules.about, name="about"),
    path("how-we-decide/", rules.rules, name="rules"),
    path("how-we-decide/rules.toml", rules.rules_toml, name="rules_toml"),
    path("how-we-decide/rules.csv", rules.rules_csv, name="rules_csv"),
    path("where-sources-disagree/", rules.disagreements, name="disagreements"),
    path("proof/", rules.proof, name="proof"),
    path("try-it/", try_it.try_it, name="try_it"),
]
