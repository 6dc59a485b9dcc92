"""What an open page of the desk asks every 30 seconds: how much is to do, what is new, and who else is here.

The answer holds counts, references and user names: no answer of a person, and nothing about them. So it leaves no row
in the access log; and because a script asks by itself, it does not keep a session alive.
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
    """Return what has changed on To do since a moment; a POST also notes that the user has a case open.

    Raises:
        PermissionDenied: the user may not view cases.
        BadRequest: the moment or the case cannot be read.
    """
    user, now = staff_user(request), timezone.now()
    if not user.has_perm("desk.view_case"):
        raise PermissionDenied
    return JsonResponse(what_is_new(request, since_of(request), now) | {"here": who_is_here(request, now)})


def since_of(request: HttpRequest) -> datetime:
    """Return when the page that asks was made."""
    try:
        since = parse_datetime(request.GET.get("since", ""))
    except ValueError:
        since = None
    if since is None or timezone.is_naive(since):
        raise BadRequest("since is no moment with a time zone")
    return since


def what_is_new(request: HttpRequest, since: datetime, now: datetime) -> dict[str, object]:
    """Count what is to do, and name what has come up since: cases that were sent, or whose next step came due."""
    to_do = Case.objects.filter(queues.to_do(request.user, now))
    new = Q(opened_at__gt=since) | Q(next_action_at__gt=since) | Q(stale_since__gt=since)
    counts = to_do.aggregate(
        to_do=Count("pk"), new=Count("pk", filter=new), crisis=Count("pk", filter=new & Q(tier=Tier.NOW))
    )
    named = to_do.filter(new).order_by(*queues.WORK_ORDER) if counts["new"] else Case.objects.none()
    return {**counts, "references": list(named.values_list("reference", flat=True)[:MOST_NAMED])}


def who_is_here(request: HttpRequest, now: datetime) -> str:
    """Return who else has the case of the asking page open; "" for nobody, or for a page that shows no case."""
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
