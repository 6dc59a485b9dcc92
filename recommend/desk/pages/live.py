"""The JSON view that open pages of the desk request every 30 seconds: counts, new cases, and who else has a case open.

The response has counts, references and user names, but nothing else about patients, so it is not recorded in the access
log. A script makes the request by itself, so it does not extend the session.
"""

from datetime import datetime

from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods

from recommend.desk import presence, queues
from recommend.desk.models import Case, Tier
from recommend.desk.staff.current import staff_user

MOST_NAMED = 20


@require_http_methods(["GET", "HEAD", "POST"])
def live(request: HttpRequest) -> JsonResponse:
    """Return what is new on To do since ``?since=``, and who else has the case ``?case=`` open.

    A POST also records that the user has that case open.

    Raises:
        PermissionDenied: the user may not view cases.
        BadRequest: ``since`` is not a time with a time zone, or ``case`` is not a number.
    """
    user, now = staff_user(request), timezone.now()
    if not user.has_perm("desk.view_case"):
        raise PermissionDenied
    return JsonResponse(what_is_new(request, since_of(request), now) | {"here": who_is_here(request, now)})


def since_of(request: HttpRequest) -> datetime:
    """Return the time in ``?since=``, when the open page was rendered.

    Raises:
        BadRequest: it is missing or not a time with a time zone.
    """
    try:
        since = parse_datetime(request.GET.get("since", ""))
    except ValueError:
        since = None
    if since is None or timezone.is_naive(since):
        raise BadRequest("since is no moment with a time zone")
    return since


def what_is_new(request: HttpRequest, since: datetime, now: datetime) -> dict[str, object]:
    """Return counts of To do, and the references of cases that are new on it since then.

    They were sent or became stale since then, or their next step came due.

    Returns:
        a dict with to_do, new and crisis (counts) and references.
    """
    to_do = Case.objects.filter(queues.to_do(request.user, now))
    new = Q(opened_at__gt=since) | Q(next_action_at__gt=since) | Q(stale_since__gt=since)
    counts = to_do.aggregate(
        to_do=Count("pk"), new=Count("pk", filter=new), crisis=Count("pk", filter=new & Q(tier=Tier.NOW))
    )
    named = to_do.filter(new).order_by(*queues.WORK_ORDER) if counts["new"] else Case.objects.none()
    return {**counts, "references": list(named.values_list("reference", flat=True)[:MOST_NAMED])}


def who_is_here(request: HttpRequest, now: datetime) -> str:
    """Return a sentence that says who else has the case ``?case=`` open; "" for nobody or without a case.

    A POST also records that the user has it open.

    Raises:
        BadRequest: ``case`` is not a number.
    """
    case = request.GET.get("case", "")
    if not case:
        return ""
    if not case.isascii() or not case.isdecimal() or len(case) > 18:
        raise BadRequest("case is no number")
    user = staff_user(request)
    is_there = Case.objects.filter(pk=int(case), erased_at__isnull=True).exists()
    if request.method == "POST" and is_there:
        presence.note(int(case), user, now)
    return presence.in_words(presence.others(int(case), user, now))
