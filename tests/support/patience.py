"""The limits on how long pages wait for the database."""

from carenav.plumbing import db_timeout

LIMITS = {name: seconds for name, seconds in vars(db_timeout).items() if isinstance(seconds, float)}
"""The limits in seconds, keyed by their names in ``db_timeout``."""
