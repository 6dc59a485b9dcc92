"""The SameSite attribute of the cookies of patients' pages."""

from typing import Final

SAMESITE: Final = "Lax"
"""Links from other sites, such as web mail, must send the cookies. With "Strict", a person who follows such a link
would look like a new visitor: their draft and result would seem to be gone, and forms in other tabs would be refused.
"""
