def get_wsgi_application():
    return __unknown__("the application as a server calls it")
