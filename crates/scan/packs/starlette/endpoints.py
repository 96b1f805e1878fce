class HTTPEndpoint:
    def __init__(self, scope, receive, send):
        pass


class WebSocketEndpoint:
    def __init__(self, scope, receive, send):
        pass
