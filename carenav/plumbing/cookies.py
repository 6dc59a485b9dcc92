"""How the cookies of patients' pages travel."""

from typing import Final

SAMESITE: Final = "Lax"
"""A link from another site, such as web mail, brings the cookies along. With Strict a person who follows one would look
new: every page that is open in another tab would be refused, and their result would seem to be gone."""
