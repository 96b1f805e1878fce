from starlette.requests import HTTPConnection


class WebSocketDisconnect(Exception): pass


class WebSocketState: pass


class WebSocket(HTTPConnection):
    pass
