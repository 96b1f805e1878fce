urls = "debug_toolbar.urls"
