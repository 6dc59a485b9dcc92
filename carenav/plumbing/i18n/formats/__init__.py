"""Date formats that replace some of Django's (``FORMAT_MODULE_PATH``)."""
