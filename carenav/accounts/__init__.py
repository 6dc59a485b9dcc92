"""Staff sign-in: by name, password and one-time code; enrolment by a link; sessions with time limits.

The desk uses it (recommend/desk/site.py). It depends on users only, not on cases.
"""
