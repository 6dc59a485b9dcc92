"""English formats for a date with a time. They name the time zone, as staff and patients may be in different ones."""

DATETIME_FORMAT = "N j, Y, g:i A T"
SHORT_DATETIME_FORMAT = "m/d/Y g:i A T"
