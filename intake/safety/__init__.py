"""Safety texts: what pages say about dangers and what to do, and the conditions under which they say it."""
