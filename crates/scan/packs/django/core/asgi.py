def get_asgi_application():
    return __unknown__("the application as a server calls it")
