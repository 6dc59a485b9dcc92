"""Our own formats of dates, where Django's would leave a reader guessing."""
