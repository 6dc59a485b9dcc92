"""Safety texts: what a page says when it matters, and the conditions under which it says so."""
