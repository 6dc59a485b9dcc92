"""Headers that every response carries: those of views, and the last page where Django could not read a request."""

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
"""For everything but static files, which bring their own."""

PRIVATE = {
    "X-Robots-Tag": "noindex, nofollow",
    "Permissions-Policy": PERMISSIONS_POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""No page is indexed, given the camera or loaded by another site."""
