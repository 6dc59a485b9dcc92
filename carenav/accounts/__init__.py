"""How staff sign in: name, password and a one-time code; enrolment by a link; sessions that end.

The desk is built on it (recommend/desk/site.py). It knows users, and nothing of cases.
"""
