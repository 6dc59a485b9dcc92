"""Error pages. Those for patients show the crisis lines; those for staff are in staff_errors.py. None needs a database.

The templates are ``errors/<name>.html``. If a page cannot be rendered, the constant page ``PLAIN_PAGE`` is sent.
"""

import logging
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.translation import override

from carenav.accounts.current import FormOfAnother
from carenav.plumbing.i18n import language
from carenav.plumbing.own_pages import sent_from_elsewhere
from carenav.plumbing.throttle.answers import throttled, wait_in_words
from carenav.staff_errors import staff_page

logger = logging.getLogger(__name__)

# The page of last resort. It cannot know the country or the language, so it has the numbers of several countries, and
# how to find others, in English and in Spanish.
PLAIN_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>This page cannot be shown</title>
</head>
<body data-page="error">
<main>
<h1>This page cannot be shown right now</h1>
<h2>If you need help now</h2>
<p><strong>Danger, overdose or injury:</strong> call your emergency number.
<a href="tel:911">911</a> in the United States and Canada, <a href="tel:999">999</a> in the United Kingdom,
<a href="tel:112">112</a> in Ireland and the European Union, <a href="tel:000">000</a> in Australia,
<a href="tel:111">111</a> in New Zealand.</p>
<p><strong>Thoughts of suicide:</strong> call or text <a href="tel:988">988</a> in the United States and Canada.
Elsewhere call your emergency number, or see <a href="https://findahelpline.com">findahelpline.com</a>.</p>
<p>Stay with someone you trust until you have help.</p>
<section lang="es">
<h1>Esta página no se puede mostrar ahora</h1>
<h2>Si necesita ayuda ahora</h2>
<p><strong>Peligro, sobredosis o heridas:</strong> llame a su número de emergencias.
<a href="tel:911">911</a> en Estados Unidos y Canadá, <a href="tel:999">999</a> en el Reino Unido,
<a href="tel:112">112</a> en Irlanda y la Unión Europea, <a href="tel:000">000</a> en Australia,
<a href="tel:111">111</a> en Nueva Zelanda.</p>
<p><strong>Pensamientos de suicidio:</strong> en Estados Unidos y Canadá llame al <a href="tel:988">988</a>, o mande un
mensaje de texto a ese número. En Estados Unidos, oprima 2 para hablar en español. En otro lugar llame a su número de
emergencias, o vea <a href="https://findahelpline.com">findahelpline.com</a>.</p>
<p>Quédese con alguien de confianza hasta que tenga ayuda.</p>
</section>
</main>
</body>
</html>
"""


def error_page(request: HttpRequest, status: int, name: str | None = None, **context: object) -> HttpResponse:
    """Render an error page, or the constant page if that fails.

    Args:
        request: the request.
        status: the status of the response.
        name: the name of the template in ``errors/``, or of the words for staff; by default the status.
        context: more template context.
    """
    try:
        if language.is_staff_page(request):
            html, code = staff_page(request, name or str(status), context), "en"
        else:
            html, code = in_language(request, f"errors/{name or status}.html", context)
    except Exception:
        logger.exception("the error page %s cannot be rendered", name or status)
        html, code = PLAIN_PAGE, "en, es"
    response = HttpResponse(html, status=status, headers={"Content-Language": code})
    patch_vary_headers(response, ["Accept-Language"])
    return response


def in_language(request: HttpRequest, template: str, context: dict[str, object]) -> tuple[str, str]:
    """Render a page in the request's language, which may not be known yet if the request failed early."""
    code = getattr(request, "LANGUAGE_CODE", None) or language.language_of(request)
    with override(code):
        return render_to_string(template, {"page": "error", **context}, request), code


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 403, "another" if isinstance(exception, FormOfAnother) else None)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 404)


def service_unavailable(request: HttpRequest) -> HttpResponse:
    return error_page(request, 503, sent_again=sent_again(request))


def too_many_requests(request: HttpRequest, seconds: int) -> HttpResponse:
    """Respond with 429 and a page that says how long to wait and has a button to send the same form again.

    Args:
        request: the refused request.
        seconds: how long to wait.
    """
    when = wait_in_words(seconds)
    return throttled(error_page(request, 429, sent_again=sent_again(request), when=when), seconds)


def sent_again(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the posted fields as pairs of name and value, for an error page that can send the form again.

    Empty for staff, for requests other than POST, for a body that cannot be read, and for a form from another site.
    """
    if request.method != "POST" or language.is_staff_page(request) or sent_from_elsewhere(request):
        return []
    try:
        sent = [(name, value) for name, values in request.POST.lists() for value in values]
    except Exception:  # a body that cannot be read
        return []
    return [(name, value) for name, value in sent if name != "csrfmiddlewaretoken"]


def server_error(request: HttpRequest) -> HttpResponse:
    """Respond with 500, or with 503 if the database failed. Call it while the exception is being handled."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return service_unavailable(request)
    return error_page(request, 500)
