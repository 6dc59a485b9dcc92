"""Headers of every response, from views (carenav/middleware.py) and from the page of last resort (carenav/edge.py)."""

from csp.constants import NONE, SELF

PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "payment",
        "usb",
    )
)

NO_STORE = {"Cache-Control": "no-store"}
"""For all responses except static files, which set their own Cache-Control."""

PRIVATE = {
    "X-Robots-Tag": "noindex, nofollow",
    "Permissions-Policy": PERMISSIONS_POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Keep search engines from indexing pages, deny access to camera and other features, and block use by other sites."""

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [NONE],  # the staff pages get 'self': carenav/middleware.py
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
