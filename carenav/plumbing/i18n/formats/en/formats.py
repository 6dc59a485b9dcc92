"""How English pages write a date with a time: with its zone, because staff and people may be in different ones."""

DATETIME_FORMAT = "N j, Y, g:i A T"
SHORT_DATETIME_FORMAT = "m/d/Y g:i A T"
