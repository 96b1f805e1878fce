from starlette.responses import Response


def is_async_callable(obj):
    return __is_async__(obj)


def get_route_path(scope):
    return scope["path"]


class Send:
    """What an application of the protocol is given to answer with."""

    async def __call__(self, message):
        if message.get("type") == "http.response.start":
            __answered__(Response(status_code=message.get("status")))
        elif message.get("type") == "websocket.close":
            __answered__(Response(status_code=403))


class Answer(Response):
    """The response that a handler is given to change."""

    def __init__(self):
        self.headers = {}

    @property
    def status_code(self):
        return 200

    @status_code.setter
    def status_code(self, status):
        __answered__(Response(status_code=status))
